import DNSMessage
import PluginKit
import Telemetry
import YAML

/// Writes a line for each query on its way back.
final class LogPlugin: ResponseHandling {
    private let lines: QueryLog
    /// Whether `bufsize` lowers what clients may ask for.
    private let isSizeLimited: Bool
    // Written in `init`, read only afterwards.
    private nonisolated(unsafe) let rules: UnsafeMutableBufferPointer<CompiledRule>

    init(_ rules: [LogRule], _ lines: QueryLog, isSizeLimited: Bool) {
        self.lines = lines
        self.isSizeLimited = isSizeLimited
        self.rules = .allocate(capacity: rules.count)
        _ = self.rules.initialize(from: rules.map(CompiledRule.init))
    }

    deinit {
        for rule in rules { rule.deallocate() }
        rules.deallocate()
    }

    func onResponse(_ query: inout Query) {
        for rule in rules where rule.covers(query.question.name) {
            if rule.classes.contains(LogClasses.of(&query)) { write(&query, rule) }
            return
        }
    }

    private func write(_ query: inout Query, _ rule: CompiledRule) {
        let line = lines[query.worker]
        if rule.hasLevel { line.append("[INFO] " as StaticString) }
        for part in rule.parts {
            switch part {
            case .text(let text): line.append(text)
            case .field(let field): line.append(field, of: &query, isSizeLimited: isSizeLimited)
            case .metadata(let label):
                line.append(metadata: label._withUnsafeGuaranteedRef { query.metadata($0.label) })
            case .quotedName: line.append(JSONOutput.escaped(NameText.text(wire: query.question.name.folded)))
            case .quotedMetadata(let label):
                line.append(
                    JSONOutput.escaped(label._withUnsafeGuaranteedRef { query.metadata($0.label) } ?? "-"))
            case .unset: line.append("-" as StaticString)
            }
        }
        line.endLine()
    }
}

extension LogPlugin: IdleObserving, Stopping {
    func workerIsIdle(_ worker: WorkerSlot) { lines[worker].flush() }

    func stop() { lines.flush() }
}
