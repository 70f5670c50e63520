import SecureUpstream
import Testing

@Suite("Endpoints of upstreams")
struct EndpointTests {
    @Test(
        "a URL without a path gets the usual one",
        arguments: [
            ("https://192.0.2.1", "https://192.0.2.1/dns-query"),
            ("https://192.0.2.1:8443/", "https://192.0.2.1:8443/dns-query"),
            ("https://dns.example/resolve", "https://dns.example/resolve"),
        ])
    func completesPath(url: String, expected: String) throws {
        #expect(try HTTPSOptions(url: url).url == expected)
    }

    @Test("refuses what is no URL of HTTPS", arguments: ["http://a", "https://", "https:///x", "https://a b", "a"])
    func refusesURL(url: String) {
        #expect(throws: UpstreamMistake.self) { _ = try HTTPSOptions(url: url) }
    }
}
