import DNSMessage
import Plugins

/// Where a server serves its metrics: `http://HOST:PORT`.
struct MetricsAddress: Hashable {
    static let standard = "http://127.0.0.1:9153"
    private static let standardPort: UInt16 = 9153

    /// Without a path.
    let base: String

    /// Reads `HOST`, `HOST:PORT` or a URL, of which the path is passed over; a sentence where it is none.
    init(_ text: String) throws(QueryMistake) {
        var rest = text[...]
        var scheme = "http"
        if let end = text.firstRange(of: "://") {
            scheme = text[..<end.lowerBound].lowercased()
            rest = text[end.upperBound...]
        }
        guard scheme == "http" || scheme == "https" else {
            throw QueryMistake("'\(text)': http:// and https:// are understood")
        }
        rest = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let parts = HostAndPort(rest), parts.zone == nil,
            !parts.host.contains(where: { " @%\"<>\\^`{|}".contains($0) })
        else { throw QueryMistake("'\(text)' is no address of a server; \(Self.standard) is one") }
        let host = IPAddress(parts.host)?.family == .v6 ? "[\(parts.host)]" : parts.host
        base = "\(scheme)://\(host):\(parts.port ?? Self.standardPort)"
    }
}
