import DNSMessage
import Logging
import Patterns
import PluginKit
import Telemetry

/// Logs the failure of each query on its way back.
final class ErrorsPlugin: ResponseHandling {
    private let consolidations: [Consolidation]
    private let log: Logger
    /// Nil if every line is written.
    private let limited: LimitedLogger?

    /// At most `linesMax` lines of a kind in each window; nil for as many as there are.
    init(_ consolidations: [Consolidation], _ log: Logger, linesMax: Int?) {
        self.consolidations = consolidations
        self.log = log
        limited = linesMax.map { LimitedLogger(log, linesMax: $0, windowSeconds: Self.windowSeconds) }
    }

    /// How long lines of a kind are counted together.
    static let windowSeconds = 10

    func onResponse(_ query: inout Query) {
        guard let failure = query.failure else { return }
        let text = failure.plugin.isEmpty ? failure.text : "plugin/\(failure.plugin): \(failure.text)"
        let code = query.response.responseCode
        if let consolidation = consolidations.first(where: { $0.rule.pattern.matches(text) }) {
            consolidation.count(Self.line(code, &query, text))
        } else if let limited {
            // The text is made only if the line is written.
            withUnsafeMutablePointer(to: &query) { query in
                limited.log(.error, key: Self.kind(of: text), Self.line(code, &query.pointee, text))
            }
        } else {
            log.error("\(Self.line(code, &query, text))")
        }
    }

    private static func line(_ code: ResponseCode, _ query: inout Query, _ text: String) -> String {
        let name = NameText.text(wire: query.question.name.folded)
        return "\(code.rawValue) \(name) \(query.question.type): \(text)"
    }

    /// What lines have in common that differ in a port only, as those about upstreams do.
    static func kind(of text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: ":")) else { return text }
        var kind: [UInt8] = []
        var isPort = false
        for byte in text.utf8 {
            let isDigit = UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            if isPort, isDigit { continue }
            if isDigit, kind.last == UInt8(ascii: ":") {
                isPort = true
                kind.append(UInt8(ascii: "#"))
                continue
            }
            isPort = false
            kind.append(byte)
        }
        return String(decoding: kind, as: UTF8.self)
    }
}

extension ErrorsPlugin: Stopping {
    func stop() {
        for consolidation in consolidations { consolidation.finish() }
        limited?.flush()
    }
}
