import Corefile
import Testing

@Suite struct ServerKeyTests {
    @Test(
        "reads scheme, zones and port",
        arguments: [
            (".", "dns . -"), (".:53", "dns . 53"), (":53", "dns . 53"), ("Example.ORG", "dns example.org. -"),
            ("example.org.:0", "dns example.org. 0"), ("a:053", "dns a. 53"), ("a:65535", "dns a. 65535"),
            ("dns://a:1", "dns a. 1"), ("tls://.", "tls . -"), ("quic://a", "quic a. -"), ("grpc://a:2", "grpc a. 2"),
            ("https://a", "https a. -"), ("https3://a", "https3 a. -"), ("TLS://A", "tls a. -"),
            ("dns://:53", "dns . 53"),
            ("10.0.0.0/24", "dns 0.0.10.in-addr.arpa. -"), ("10.0.0.0/24:5300", "dns 0.0.10.in-addr.arpa. 5300"),
            ("2001:db8::/32", "dns 8.b.d.0.1.0.0.2.ip6.arpa. -"),
            ("2001:db8::/32:5300", "dns 8.b.d.0.1.0.0.2.ip6.arpa. 5300"),
            ("tls://10.1.0.0/15:853", "tls 0.10.in-addr.arpa. 1.10.in-addr.arpa. 853"),
            ("0/25.2.0.192.in-addr.arpa", "dns 0/25.2.0.192.in-addr.arpa. -"), ("a_b", "dns a_b. -"), ("*", "dns *. -"),
        ])
    func reads(text: String, expected: String) throws {
        let (corefile, diagnostics) = parse("\(text) {\n}")
        let key = try #require(corefile.blocks.first?.keys.first)
        let port = key.port.map { "\($0)" } ?? "-"
        let zones = key.zones.joined(separator: " ")
        #expect("\(key.scheme.rawValue) \(zones) \(port)" == expected)
        #expect(key.word.text == text)
        #expect(diagnostics.rendered() == [])
    }

    @Test("knows the default port of each scheme")
    func defaultPorts() {
        let ports = ServerKey.Scheme.allCases.map { "\($0.rawValue) \($0.defaultPort(dns: 1053))" }
        #expect(ports == ["dns 1053", "tls 853", "quic 853", "grpc 443", "https 443", "https3 443"])
    }

    @Test(
        "refuses a key without losing the others of its block",
        arguments: ["a:70000", "a:", ".:abc", "a..b", "::/0", "\"\""])
    func refuses(text: String) {
        let (corefile, diagnostics) = parse("\(text) good.test {\nlog\n}")
        #expect(corefile.blocks.map { $0.keys.flatMap(\.zones) } == [["good.test."]])
        #expect(diagnostics.sorted.count == 1)
        #expect(diagnostics.hasErrors)
    }
}
