import DNSMessage
import PluginKit

/// Which queries one zone of one `log` line writes, and how.
struct LogRule: Sendable {
    let zone: Name
    let classes: LogClasses
    let format: LogFormat
}

/// Kinds of outcomes.
struct LogClasses: OptionSet, Sendable {
    let rawValue: UInt8

    static let success = LogClasses(rawValue: 1)
    static let denial = LogClasses(rawValue: 2)
    static let error = LogClasses(rawValue: 4)
    static let all: LogClasses = [.success, .denial, .error]

    /// The words of the Corefile.
    static let named: [String: LogClasses] = ["all": all, "success": success, "denial": denial, "error": error]

    /// What became of a query. A negative answer is told by its SOA (RFC 2308 §2).
    static func of(_ query: inout Query) -> LogClasses {
        let type = query.question.type
        guard !query.isDropped, type != .axfr, type != .ixfr else { return .error }
        let code = query.response.responseCode
        if code == .noError, query.response.writer.answerCount > 0 { return .success }
        guard code == .noError || code == .nxDomain else { return .error }
        if hasSOA(&query) { return .denial }
        return code == .noError ? .success : .error
    }

    private static func hasSOA(_ query: inout Query) -> Bool {
        for index in query.response.writer.records(in: .authority)
        where query.response.writer.record(index)?.type == .soa { return true }
        return false
    }
}
