import DNSMessage
import Glibc
import PluginKit

/// What an answer is to a cache (RFC 2308 §2, RFC 9520 §2).
enum AnswerClass {
    /// Data, or a referral.
    case success
    /// The name or the type does not exist, and an SOA record says so.
    case denial
    /// SERVFAIL or NOTIMP.
    case failure
    /// Anything else is not kept.
    case other

    init(_ query: borrowing Query) {
        switch query.response.responseCode {
        case .noError: self = Self.withoutError(query)
        case .nxDomain: self = Self.hasAuthority(query, .soa) ? .denial : .other
        case .servFail, .notImp: self = .failure
        default: self = .other
        }
    }

    private static func withoutError(_ query: borrowing Query) -> AnswerClass {
        let type = query.question.type
        guard query.response.writer.answerCount > 0 else {
            if hasAuthority(query, .soa) { return .denial }
            // A referral, or nothing at all.
            return query.response.writer.authorityCount == 0 || hasAuthority(query, .ns) ? .success : .other
        }
        guard type != .any, !has(type, in: .answer, query) else { return .success }
        // Aliases that end without the type asked for.
        return hasAuthority(query, .soa) ? .denial : .other
    }

    private static func hasAuthority(_ query: borrowing Query, _ type: RecordType) -> Bool {
        has(type, in: .authority, query)
    }

    private static func has(_ type: RecordType, in section: Section, _ query: borrowing Query) -> Bool {
        for index in query.response.writer.records(in: section)
        where query.response.writer.type(ofRecord: index) == type {
            return true
        }
        return false
    }

    /// Whether the answer was made for a part of the network that the client named: the scope of its ECS option is more
    /// than nothing (RFC 7871 §7.3.1).
    static func isOneClients(_ query: borrowing Query) -> Bool {
        for option in EDNSOptions(query.response.options) where option.code == .clientSubnet {
            return option.data.count < 4 || option.data[3] > 0
        }
        return false
    }

    /// How long the SOA record of a denial lets it be kept, in seconds, whatever its own TTL (RFC 2308 §5).
    static func minimum(_ query: borrowing Query) -> UInt32? {
        for index in query.response.writer.records(in: .authority)
        where query.response.writer.type(ofRecord: index) == .soa {
            guard let data = query.response.writer.record(index)?.dataBytes, data.count >= 20 else { return nil }
            return data.baseAddress?.bigEndian32(data.count - 4)
        }
        return nil
    }

    /// Whether some signature is past its end, or before its beginning (RFC 4034 §3.1.5).
    static func hasUselessSignature(_ query: borrowing Query) -> Bool {
        let now = UInt32(truncatingIfNeeded: time(nil))
        for index in 0..<query.response.writer.recordCount
        where query.response.writer.type(ofRecord: index) == .rrsig {
            guard let data = query.response.writer.record(index)?.dataBytes, data.count >= 18,
                let base = data.baseAddress
            else { return true }
            // Serial numbers (RFC 1982).
            if Int32(bitPattern: base.bigEndian32(8) &- now) < 0 || Int32(bitPattern: now &- base.bigEndian32(12)) < 0 {
                return true
            }
        }
        return false
    }
}
