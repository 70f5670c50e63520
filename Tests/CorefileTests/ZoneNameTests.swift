import Corefile
import Testing

@Suite struct ZoneNameTests {
    @Test(
        "reads names and IP prefixes",
        arguments: [
            ("", ["."]), (".", ["."]), ("a", ["a."]), ("A.b.", ["a.b."]), (#"a\.b"#, [#"a\.b."#]),
            (#"a\."#, [#"a\.."#]),
            (#"a\046b."#, [#"a\046b."#]), ("10.0.0.0/8", ["10.in-addr.arpa."]), ("0.0.0.0/0", ["in-addr.arpa."]),
            ("192.0.2.1/32", ["1.2.0.192.in-addr.arpa."]), ("10.1.2.3/16", ["1.10.in-addr.arpa."]),
            ("10.1.0.0/22", (0...3).map { "\($0).1.10.in-addr.arpa." }),
            ("10.1.2.3/23", (2...3).map { "\($0).1.10.in-addr.arpa." }),
            ("10.0.0.0/17", (0...127).map { "\($0).0.10.in-addr.arpa." }),
            ("192.0.2.128/25", (128...255).map { "\($0).2.0.192.in-addr.arpa." }),
            ("2001:db8::/32", ["8.b.d.0.1.0.0.2.ip6.arpa."]), ("FD00::/8", ["d.f.ip6.arpa."]),
            ("2001:db8:a::/47", ["a", "b"].map { "\($0).0.0.0.8.b.d.0.1.0.0.2.ip6.arpa." }),
            ("fc00::/7", ["c.f.ip6.arpa.", "d.f.ip6.arpa."]),
            ("10.0.0.0/33", ["10.0.0.0/33."]), ("10.0.0/8", ["10.0.0/8."]), ("10.0.0.0/", ["10.0.0.0/."]),
        ])
    func reads(text: String, expected: [String]) throws {
        #expect(try ZoneName.parse(text) == expected)
    }

    @Test(
        "refuses what is no name",
        arguments: [
            (".a", "zone is not a valid domain name: .a"), ("a..b", "zone is not a valid domain name: a..b"),
            ("..", "zone is not a valid domain name: .."), ("a b", "zone is not a valid domain name: a b"),
            ("a\tb", #"zone is not a valid domain name: a\tb"#), (#"a\"#, #"zone is not a valid domain name: a\"#),
            (#"a\25"#, #"zone is not a valid domain name: a\25"#),
            (#"a\256"#, #"zone is not a valid domain name: a\256"#),
            (String(repeating: "x", count: 260), "specified zone is too long: 260 > 255"),
            ("::/0", "invalid CIDR: ::/0 begins with a zero group"),
            ("0:1::/32", "invalid CIDR: 0:1::/32 begins with a zero group"),
        ])
    func refuses(text: String, message: String) {
        let error = #expect(throws: ZoneName.Failure.self) { try ZoneName.parse(text) }
        #expect(error?.description == message)
    }

    @Test("counts labels and names in bytes of wire form")
    func limits() throws {
        let label = String(repeating: "x", count: 63)
        #expect(try ZoneName.parse(label) == [label + "."])
        #expect(throws: ZoneName.Failure.self) { try ZoneName.parse(label + "x") }
        let longest = "\(label).\(label).\(label)."
        #expect(try ZoneName.parse(longest + String(repeating: "y", count: 61)).count == 1)
        #expect(throws: ZoneName.Failure.self) { try ZoneName.parse(longest + String(repeating: "y", count: 62)) }
        let escaped = String(repeating: #"\120"#, count: 63)
        #expect(try ZoneName.parse(escaped) == [escaped + "."])
    }

    @Test(
        "knows the preferred syntax of RFC 1035",
        arguments: [
            (".", true), ("a.", true), ("a-1.example.org.", true), ("1.in-addr.arpa.", true),
            ("0/25.2.ip6.arpa.", true),
            ("a_b.", false), ("1a.", false), ("a-.", false), ("a/b.org.", false), ("ä.", false),
        ])
    func preferredSyntax(zone: String, expected: Bool) {
        #expect(ZoneName.isPreferredSyntax(zone) == expected)
    }
}
