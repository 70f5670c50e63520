import Corefile
import Dispatch
import Logging
import Patterns
import Synchronization

/// One `consolidate` option.
struct ConsolidationRule: Sendable {
    let window: Duration
    let pattern: GoPattern
    let level: Logger.Level
    let showsFirst: Bool
}

/// Counts errors that are alike, from the first one until its window is over.
final class Consolidation: Sendable {
    let rule: ConsolidationRule
    private let log: Logger
    private let queue = DispatchQueue(label: "errors.consolidate")
    private let counted = Atomic<Int>(0)

    init(_ rule: ConsolidationRule, _ log: Logger) {
        self.rule = rule
        self.log = log
    }

    /// Counts one error; `line` is written only if it is the first and wanted.
    func count(_ line: String) {
        guard counted.add(1, ordering: .relaxed).newValue == 1 else { return }
        if rule.showsFirst { log.log(level: rule.level, "\(line)") }
        let (seconds, attoseconds) = rule.window.components
        let nanoseconds = Int(clamping: seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let wait = nanoseconds.overflow ? Int.max : nanoseconds.partialValue + Int(attoseconds / 1_000_000_000)
        queue.asyncAfter(deadline: .now() + .nanoseconds(wait)) { [weak self] in self?.finish() }
    }

    /// Writes the number, if there is something to tell, and starts over.
    func finish() {
        let count = counted.exchange(0, ordering: .relaxed)
        guard count > (rule.showsFirst ? 1 : 0) else { return }
        let window = GoDuration.text(rule.window)
        log.log(level: rule.level, "\(count) errors like '\(rule.pattern.text)' occurred in last \(window)")
    }
}
