import DNSMessage
import PluginKit

/// Cuts positive answers down to the answer section.
final class MinimalPlugin: ResponseHandling {
    func onResponse(_ query: inout Query) {
        guard query.response.responseCode == .noError, query.question.type != .axfr, query.question.type != .ixfr,
            query.response.isPositive
        else { return }
        query.response.writer.removeRecords(behind: .answer)
    }
}

extension Response {
    /// Whether the answer is all there is to say: an SOA in the authority section denies something, even behind an
    /// alias (RFC 2308 §2.2), and NS records without an answer delegate.
    fileprivate var isPositive: Bool {
        guard writer.authorityCount > 0 else { return true }
        guard writer.answerCount > 0 else { return false }
        for index in writer.records(in: .authority) where writer.record(index)?.type == .soa { return false }
        return true
    }
}
