/// An upstream over HTTPS.
public struct HTTPSOptions: Hashable, Sendable {
    /// How the query is sent: `doh_method`.
    public enum Method: Hashable, Sendable {
        /// In the URL, where caches on the way see it.
        case get
        /// As content.
        case post
    }

    /// `https://host[:port]/path`.
    public let url: String
    /// Whom to trust, and who we are.
    public let tls: TLSOptions
    /// How the query is sent.
    public let method: Method

    /// Adds the path `/dns-query` (RFC 8484 §4.1.1) to a URL without one.
    public init(url: String, tls: TLSOptions = TLSOptions(), method: Method = .post) throws(UpstreamMistake) {
        let prefix = "https://"
        guard url.hasPrefix(prefix), url.count > prefix.count else {
            throw UpstreamMistake("'\(url)' does not begin with https:// and a host")
        }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !url.contains("#") else {
            throw UpstreamMistake("'\(url)' is no URL: it has letters that a URL cannot have")
        }
        let rest = url.dropFirst(prefix.count)
        let path = rest.firstIndex(of: "/").map { rest[$0...] } ?? ""
        guard !rest.hasPrefix("/") else { throw UpstreamMistake("'\(url)' has no host") }
        if tls != TLSOptions() { _ = try TLSContext(tls) }
        self.url = path.isEmpty ? url + "/dns-query" : path == "/" ? url + "dns-query" : url
        self.tls = tls
        self.method = method
    }
}
