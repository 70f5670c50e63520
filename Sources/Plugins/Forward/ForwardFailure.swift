import Corefile
import DNSMessage
import Glibc
import PluginKit
import Upstream

/// Why a forwarded query has no answer.
enum ForwardFailure: Sendable {
    /// The last exchange failed.
    case exchange(ExchangeFailure, address: String, from: SocketAddress?, isStream: Bool)
    /// A reply could not be read; a clause.
    case malformed(String)
    /// The budget was used up.
    case late
    case tooMany(Int)
    case crowded
    case allDown
    case quarantined(String)
    case notRunning

    /// What `errors` logs, in CoreDNS's words where it has any.
    var text: String {
        switch self {
        case .exchange(let failure, let address, let local, let isStream):
            Self.text(failure, address, local.map { "\($0)->" } ?? "", isStream)
        case .malformed(let clause): clause
        case .late: "no upstream answered in time"
        case .tooMany(let limit): "concurrent queries exceeded maximum \(limit)"
        case .crowded: "too many queries wait for upstreams"
        case .allDown: "no healthy proxies"
        case .quarantined(let reason): "no upstream left: \(reason)"
        case .notRunning: "forward is not running"
        }
    }

    private static func text(_ failure: ExchangeFailure, _ address: String, _ from: String, _ isStream: Bool) -> String
    {
        let network = isStream ? "tcp" : "udp"
        switch failure {
        case .timedOut: return "read \(network) \(from)\(address): i/o timeout"
        case .unreachable(let code):
            // The kernel tells of a closed UDP port when the reply is read.
            if !isStream, code == ECONNREFUSED { return "read udp \(from)\(address): read: \(clause(code))" }
            return "dial \(network) \(address): connect: \(clause(code))"
        case .disconnected: return "read \(network) \(address): EOF"
        case .tls(let clause): return "tls \(address): \(clause)"
        case .http(let clause): return "https \(address): \(clause)"
        case .malformed(let clause): return "\(address): \(clause)"
        case .saturated: return "no socket left to ask \(address)"
        case .closed: return "the connections to \(address) are closed"
        }
    }

    /// `connection refused`.
    private static func clause(_ code: Int32) -> String {
        let text = String(cString: strerror(code))
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    private var explanation: ExtendedErrorCode {
        switch self {
        case .exchange(.timedOut, _, _, _), .late, .allDown, .quarantined: .noReachableAuthority
        default: .networkError
        }
    }

    /// Whether it is about this server's state of the moment and not about the name, so that no cache keeps it.
    private var isTransient: Bool {
        switch self {
        case .tooMany, .crowded, .notRunning, .exchange(.saturated, _, _, _), .exchange(.closed, _, _, _): true
        case .exchange, .malformed, .late, .allDown, .quarantined: false
        }
    }

    /// SERVFAIL with the reason, for the client and for the log.
    func fail(_ query: inout Query) -> Verdict {
        var text = self.text
        text.withUTF8 { query.response.explain(explanation, UnsafeRawBufferPointer($0)) }
        query.response.isTransient = isTransient
        return query.fail(Failure(plugin: "", text))
    }
}
