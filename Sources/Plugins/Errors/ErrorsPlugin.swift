import DNSMessage
import Logging
import Patterns
import PluginKit

/// Logs the failure of each query on its way back.
final class ErrorsPlugin: ResponseHandling {
    private let consolidations: [Consolidation]
    private let log: Logger

    init(_ consolidations: [Consolidation], _ log: Logger) {
        self.consolidations = consolidations
        self.log = log
    }

    func onResponse(_ query: inout Query) {
        guard let failure = query.failure else { return }
        let text = failure.plugin.isEmpty ? failure.text : "plugin/\(failure.plugin): \(failure.text)"
        let name = NameText.text(wire: query.question.name.folded)
        let line = "\(query.response.responseCode.rawValue) \(name) \(query.question.type): \(text)"
        if let consolidation = consolidations.first(where: { $0.rule.pattern.matches(text) }) {
            consolidation.count(line)
        } else {
            log.error("\(line)")
        }
    }
}

extension ErrorsPlugin: Stopping {
    func stop() {
        for consolidation in consolidations { consolidation.finish() }
    }
}
