import DNSMessage
import PluginKit

/// Flags to set and to clear, none of them both.
struct FlagChange: Equatable {
    private(set) var setBits: UInt16 = 0
    private(set) var clearedBits: UInt16 = 0

    var isEmpty: Bool { setBits | clearedBits == 0 }

    /// Adds a rule, which outdoes the earlier ones.
    mutating func append(_ rule: HeaderRule) {
        setBits &= ~rule.bits
        clearedBits &= ~rule.bits
        switch rule.action {
        case .set: setBits |= rule.bits
        case .clear: clearedBits |= rule.bits
        }
    }

    func apply(to flags: inout HeaderFlags) { flags.rawValue = flags.rawValue & ~clearedBits | setBits }
}

/// Changes the flags of queries going down and of responses coming up.
final class HeaderPlugin: QueryHandling, ResponseHandling {
    private let queries: FlagChange
    private let responses: FlagChange

    init(queries: FlagChange, responses: FlagChange) {
        self.queries = queries
        self.responses = responses
    }

    func onQuery(_ query: inout Query) -> Verdict {
        if !queries.isEmpty {
            queries.apply(to: &query.request.flags)
            query.response.repeatFlags(of: query.request)
        }
        return .next
    }

    /// Without a responder nobody wrote the reply, and it is left as it is.
    func onResponse(_ query: inout Query) {
        guard query.responder != nil else { return }
        responses.apply(to: &query.response.flags)
    }
}
