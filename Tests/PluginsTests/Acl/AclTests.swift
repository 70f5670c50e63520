import DNSMessage
import PluginKit
@testable import Plugins
import Telemetry
import TestSupport
import Testing

@Suite("acl")
struct AclTests {
    private static let canned = ["passed.on. 5 IN A 1.2.3.4"]

    /// What became of a query.
    enum Fate: String { case passed, blocked, filtered, dropped }

    private func fate(_ lines: String, _ client: String, _ name: Name, _ type: RecordType) throws -> Fate? {
        var query = TestQuery(name, type)
        query.client = SocketAddress(try #require(IPAddress(client)), port: 5600)
        let reply = try TestBlock(lines, answering: CannedAnswer(Self.canned)).ask(query)
        if reply.outcome == .drop { return .dropped }
        if reply.answer == Self.canned { return .passed }
        #expect(reply.answer.isEmpty && reply.authority.isEmpty && reply.additional.isEmpty)
        #expect(reply.flags == "rd")
        switch (reply.responseCode, reply.edns) {
        case ("REFUSED", "size=1232 ede=15:\"\""): return .blocked
        case ("NOERROR", "size=1232 ede=17:\"\""): return .filtered
        default: return nil
        }
    }

    private static let recorded = """
        acl {
            allow net 127.0.0.1/32
            block type TXT net 127.0.0.2
            filter type AAAA net 127.0.0.2
            drop type MX
            block net 127.0.0.3
        }
        """

    @Test(
        "the first rule that fits decides, as recorded from CoreDNS",
        arguments: [
            ("127.0.0.1", .a, .passed), ("127.0.0.1", .mx, .passed), ("127.0.0.2", .a, .passed),
            ("127.0.0.2", .txt, .blocked), ("127.0.0.2", .aaaa, .filtered), ("127.0.0.2", .mx, .dropped),
            ("127.0.0.3", .a, .blocked), ("127.0.0.3", .mx, .dropped), ("::1", .a, .passed), ("::1", .aaaa, .passed),
        ] as [(String, RecordType, Fate)])
    func firstRuleDecides(client: String, type: RecordType, expected: Fate) throws {
        #expect(try fate(Self.recorded, client, "a.test", type) == expected)
    }

    @Test(
        "a rule is about the types and clients that it names, and about all where it names none",
        arguments: [
            ("block", "10.0.0.1", .a, .blocked), ("block", "fd00::1", .any, .blocked),
            ("block type *", "10.0.0.1", .a, .blocked), ("block net *", "fd00::1", .a, .blocked),
            ("BLOCK TYPE a NET 10.0.0.1", "10.0.0.1", .a, .blocked), ("block type a", "10.0.0.1", .aaaa, .passed),
            ("block type TYPE1 AAAA", "10.0.0.1", .aaaa, .blocked),
            ("block type A net 10.0.0.1 type MX net 10.0.0.2", "10.0.0.2", .a, .blocked),
            ("block net 10.0.0.0/8", "10.255.255.255", .a, .blocked), ("block net 10.0.0.0/8", "11.0.0.0", .a, .passed),
            ("block net 10.0.0.0/8", "9.255.255.255", .a, .passed), ("block net 10.1.2.3/8", "10.0.0.0", .a, .blocked),
            ("block net 10.0.0.0/8", "a00::", .a, .passed), ("block net a00::/8", "10.0.0.0", .a, .passed),
            ("block net fd00::/8", "fdff::1", .a, .blocked), ("block net fd00::/8", "fe00::", .a, .passed),
            ("block net ::/0", "10.0.0.1", .a, .passed), ("block net ::ffff:10.0.0.1", "10.0.0.1", .a, .blocked),
            ("block net ::ffff:10.0.0.0/104", "10.9.9.9", .a, .blocked),
            ("block net 10.0.0.9 10.0.0.1 10.0.0.4/31", "10.0.0.5", .a, .blocked),
            ("block net 10.0.0.9 10.0.0.1 10.0.0.4/31", "10.0.0.6", .a, .passed),
            ("allow net 10.0.0.0/8\nblock", "10.0.0.1", .a, .passed),
            ("allow net 10.0.0.0/8\nblock", "11.0.0.1", .a, .blocked),
        ] as [(String, String, RecordType, Fate)])
    func fits(rules: String, client: String, type: RecordType, expected: Fate) throws {
        #expect(try fate("acl {\n\(rules)\n}", client, "a.test", type) == expected)
    }

    @Test(
        "holds for its zones, and of several the first with a rule that fits counts",
        arguments: [
            ("a.sub.test" as Name, .blocked), ("sub.TEST", .blocked), ("asub.test", .filtered), ("test", .filtered),
            ("free.sub.test", .passed), ("org", .passed),
        ] as [(Name, Fate)])
    func zones(name: Name, expected: Fate) throws {
        let lines = """
            acl free.sub.test {
                allow
            }
            acl sub.test other.test {
                block
            }
            acl test {
                filter
            }
            """
        #expect(try fate(lines, "10.0.0.1", name, .a) == expected)
    }

    @Test("adds no OPT record for a client without EDNS, and no DO")
    func keepsEDNS() throws {
        let block = try TestBlock("acl {\nblock\n}")
        #expect(try block.ask(TestQuery("a.test", .a, edns: nil)).edns == nil)
        #expect(try block.ask(TestQuery("a.test", .a, edns: .init(dnssecOK: true))).edns == "size=1232 do ede=15:\"\"")
    }

    @Test("counts what became of the queries of its block, by zone of the rule")
    func counts() throws {
        let server = try TestServer(
            """
            . {
                acl {
                    drop type MX
                    block net 127.0.0.2
                }
                fixture {
                    record a.test. 5 IN A 10.0.0.1
                }
            }
            z.test f.test {
                acl sub.z.test {
                    block
                }
                acl f.test {
                    filter
                }
            }

            """, Self.setting)
        for name in ["a.test. A", "b.test. A", "a.z.test. A", "a.Sub.z.test. A", "sub.z.test. A", "a.f.test. A"] {
            _ = try server.ask(QueryText(name))
        }
        let listener = "dns://:\(server.port)"
        let lines = String(decoding: server.metrics.exposition(), as: UTF8.self).split(separator: "\n")
        #expect(
            lines.filter { $0.hasPrefix("coredns_acl_") }.map { $0.replacing(listener, with: "S") } == [
                "coredns_acl_allowed_requests_total{server=\"S\",view=\"\"} 3",
                "coredns_acl_blocked_requests_total{server=\"S\",view=\"\",zone=\"sub.z.test.\"} 2",
                "coredns_acl_filtered_requests_total{server=\"S\",view=\"\",zone=\"f.test.\"} 1",
            ])
    }

    private static var setting: TestServer.Setting {
        var setting = TestServer.Setting()
        setting.kinds = Registry.kinds + [Fixture.self]
        return setting
    }

    @Test(
        "reports every rule that is none",
        arguments: [
            (
                "acl {\npermit net 10.0.0.0/8\nblock net\nblock net 10.0.0.0/33 300.1.1.1\nblock type FOO A\n"
                    + "block now\n}",
                [
                    "3:1 error: unexpected token \"permit\"; expect 'allow', 'block', 'filter' or 'drop'",
                    "4:7 error: no token specified in \"net\" section",
                    "5:11 error: illegal CIDR notation \"10.0.0.0/33\"",
                    "5:23 error: illegal CIDR notation \"300.1.1.1\"",
                    "6:12 error: unexpected token \"FOO\"; expect legal QTYPE",
                    "7:7 error: unexpected token \"now\"; expect 'type | net'",
                ]
            ),
            ("acl", ["2:1 warning: 'acl' without rules changes nothing"]),
            ("acl {\nblock {\n}\n}", ["3:1 error: 'block' takes no block in braces"]),
        ])
    func reportsMistakes(lines: String, mistakes: [String]) {
        #expect(TestBlock.mistakes(lines) == mistakes)
    }
}

@Suite("address ranges")
struct AddressRangesTests {
    @Test("join where prefixes touch or lie in each other")
    func joins() throws {
        var ranges = AddressRanges()
        for text in ["10.0.0.0/9", "10.128.0.0/9", "10.1.0.0/16", "12.0.0.0/8", "255.255.255.255/32", "0.0.0.0/32"] {
            ranges.insert(try #require(AddressPrefix(text)))
        }
        #expect(ranges.v4.map(\.first) == [0, 0x0A00_0000, 0x0C00_0000, 0xFFFF_FFFF])
        #expect(ranges.v4.map(\.last) == [0, 0x0AFF_FFFF, 0x0CFF_FFFF, 0xFFFF_FFFF])
        ranges.insert(try #require(AddressPrefix("ffff::/16")))
        ranges.insert(try #require(AddressPrefix("::/0")))
        ranges.insert(try #require(AddressPrefix("ffff::1/128")))
        #expect(ranges.v6 == AddressRanges.all.v6)
    }
}
