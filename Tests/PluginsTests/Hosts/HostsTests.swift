import DNSMessage
import PluginKit
@testable import Plugins
import Telemetry
import TestSupport
import Testing

/// The table of the recordings from CoreDNS.
private let recordedTable = """
    # comment
    192.0.2.1 www.example.org alias.example.org   # tail
    192.0.2.2\tmulti.example.org
    192.0.2.3 multi.example.org MIXED.Example.org
    2001:db8::1 www.example.org
    192.0.2.4 v4.example.org
    2001:db8::6 v6.example.org
    300.1.1.1 bad.example.org
    192.0.2.1 www.example.org
    192.0.2.8 *.wild.example.org
    192.0.2.9
    10.0.0.1 other.all.test
    192.0.2.2 dotted.example.org.

    """

/// A file that is not there.
private let nowhere = "/nowhere/hosts"

/// A question, the outcome and the answer section.
private typealias Row = (query: QueryText, header: String, answer: [String])

@Suite("hosts")
struct HostsTests {
    private static func corefile(_ file: TemporaryFile, _ options: String = "") -> String {
        """
        example.org 2.0.192.in-addr.arpa 8.b.d.0.1.0.0.2.ip6.arpa {
            hosts \(file.path) {
                \(options)
            }
        }
        all.test {
            hosts \(file.path) all.test
        }

        """
    }

    private static let zeros = String(repeating: "0.", count: 23)

    @Test("answers from a file as recorded from CoreDNS")
    func answersFromFile() throws {
        let file = try TemporaryFile(recordedTable, extension: "hosts")
        let server = try TestServer(Self.corefile(file))
        let data = "NOERROR qr,aa,rd"
        let failure = "SERVFAIL qr,rd"
        let www = "www.example.org. 3600 IN A 192.0.2.1"
        let one = "1.2.0.192.in-addr.arpa. 3600 IN PTR"
        let two = "2.2.0.192.in-addr.arpa. 3600 IN PTR"
        let rows: [Row] = [
            ("www.example.org A", data, [www, www]),
            ("WWW.example.org A", data, [www, www]),
            ("www.example.org AAAA", data, ["www.example.org. 3600 IN AAAA 2001:db8::1"]),
            ("v4.example.org AAAA", data, []),
            ("v6.example.org A", data, []),
            ("v6.example.org AAAA", data, ["v6.example.org. 3600 IN AAAA 2001:db8::6"]),
            ("www.example.org MX", data, []),
            ("www.example.org SOA", data, []),
            ("example.org A", failure, []),
            ("nope.example.org AAAA", failure, []),
            (
                "multi.example.org A", data,
                ["multi.example.org. 3600 IN A 192.0.2.2", "multi.example.org. 3600 IN A 192.0.2.3"]
            ),
            ("alias.example.org A", data, ["alias.example.org. 3600 IN A 192.0.2.1"]),
            ("Mixed.example.org A", data, ["mixed.example.org. 3600 IN A 192.0.2.3"]),
            (
                "1.2.0.192.in-addr.arpa PTR", data,
                ["\(one) www.example.org.", "\(one) alias.example.org.", "\(one) www.example.org."]
            ),
            ("2.2.0.192.in-addr.arpa PTR", data, ["\(two) multi.example.org.", "\(two) dotted.example.org."]),
            ("9.2.0.192.in-addr.arpa PTR", failure, []),
            ("1.2.0.192.in-addr.arpa A", failure, []),
            (
                QueryText("1.\(Self.zeros)8.b.d.0.1.0.0.2.ip6.arpa PTR"), data,
                ["1.\(Self.zeros)8.b.d.0.1.0.0.2.ip6.arpa. 3600 IN PTR www.example.org."]
            ),
            ("2.0.192.in-addr.arpa PTR", failure, []),
            ("other.all.test A", data, ["other.all.test. 3600 IN A 10.0.0.1"]),
            ("nope.all.test A", failure, []),
            ("bad.example.org A", failure, []),
            ("a.wild.example.org A", data, ["a.wild.example.org. 3600 IN A 192.0.2.8"]),
            ("a.wild.example.org AAAA", data, []),
            ("*.wild.example.org A", data, ["*.wild.example.org. 3600 IN A 192.0.2.8"]),
            ("a.b.wild.example.org A", failure, []),
            ("wild.example.org A", failure, []),
        ]
        for row in rows {
            let reply = try server.ask(row.query)
            #expect(reply.header == row.header, "\(row.query)")
            #expect(reply.answer == row.answer, "\(row.query)")
            #expect(reply.authority.isEmpty && reply.additional.isEmpty, "\(row.query)")
        }
        #expect(try server.ask("www.example.org A", over: .tcp).answer == [www, www])
        #expect(try server.ask("nope.example.org A +edns").edns?.contains("ede=0:\"the name is not") == true)
    }

    @Test("tells what it passed over in the file, once")
    func tellsMistakes() throws {
        let file = try TemporaryFile(recordedTable, extension: "hosts")
        let server = try TestServer("example.org {\nhosts \(file.path)\n}\n")
        #expect(
            server.log.take() == [
                "[WARNING] plugin/hosts: \(file.path): line 8: '300.1.1.1' is no address: passed over, and 1 more"
            ])
    }

    /// What the block of the recordings, with the lines of the Corefile alone, answers.
    private static let inline = """
        hosts \(nowhere) {
            10.0.0.1 a.example.org b.example.org
            10.0.0.2 a.example.org
            fe80::1%lo v6.example.org
            ::ffff:10.0.0.5 mapped.example.org
            fd00::1 v6.example.org
            10.0.0.3 *.w.example.org
            ttl 77
        """

    @Test(
        "answers from the Corefile as recorded from CoreDNS",
        arguments: [
            ("a.example.org" as Name, RecordType.a, ["A 10.0.0.1", "A 10.0.0.2"]),
            ("a.example.org", .aaaa, []),
            ("b.example.org", .a, ["A 10.0.0.1"]),
            ("v6.example.org", .aaaa, ["AAAA fe80::1", "AAAA fd00::1"]),
            ("mapped.example.org", .a, ["A 10.0.0.5"]),
            ("x.w.example.org", .a, ["A 10.0.0.3"]),
            ("1.0.0.10.in-addr.arpa", .ptr, ["PTR a.example.org.", "PTR b.example.org."]),
            ("3.0.0.10.in-addr.arpa", .ptr, nil),
            ("9.0.0.10.in-addr.arpa", .ptr, nil),
            ("x.y.w.example.org", .a, nil),
            (".", .a, nil),
        ] as [(Name, RecordType, [String]?)])
    func answersFromCorefile(name: Name, type: RecordType, records: [String]?) throws {
        let block = try TestBlock(
            "\(Self.inline)\nfallthrough\n}", answering: CannedAnswer(["passed.on. 5 IN A 1.2.3.4"]))
        let reply = try block.ask(TestQuery(name, type))
        #expect(reply.answer == (records?.map { "\(name) 77 IN \($0)" } ?? ["passed.on. 5 IN A 1.2.3.4"]))
        #expect(reply.flags == "aa,rd")
    }

    @Test(
        "passes on what fallthrough says",
        arguments: [
            ("", "nope.example.org" as Name, RecordType.a, false), ("fallthrough", "nope.example.org", .a, true),
            ("fallthrough other.test", "nope.example.org", .a, false),
            ("fallthrough example.org", "nope.example.org", .a, true),
            ("fallthrough", "a.example.org", .txt, false),
            ("fallthrough\nfallthrough_unsupported", "a.example.org", .txt, true),
            ("fallthrough other.test\nfallthrough_unsupported", "a.example.org", .txt, false),
            ("fallthrough\nfallthrough_unsupported", "a.example.org", .aaaa, false),
            ("", "1.0.0.10.in-addr.arpa", .ptr, false), ("no_reverse", "1.0.0.10.in-addr.arpa", .ptr, true),
        ])
    func passesOn(options: String, name: Name, type: RecordType, isPassedOn: Bool) throws {
        let canned = ["passed.on. 5 IN A 1.2.3.4"]
        let block = try TestBlock("\(Self.inline)\n\(options)\n}", answering: CannedAnswer(canned))
        #expect((try block.ask(TestQuery(name, type)).answer == canned) == isPassedOn)
    }

    @Test("joins the lines of the Corefile to those of the file, each with its own wildcards")
    func joinsTables() throws {
        let file = try TemporaryFile("10.0.0.1 a.x.test\n10.0.0.2 *.y.test\n", extension: "hosts")
        let server = try TestServer(
            "test {\nhosts \(file.path) {\n10.0.1.1 *.x.test a.y.test\nfd00::1 *.x.test\n}\n}\n")
        #expect(
            try server.ask("a.x.test A").answer == ["a.x.test. 3600 IN A 10.0.0.1", "a.x.test. 3600 IN A 10.0.1.1"])
        #expect(
            try server.ask("a.y.test A").answer == ["a.y.test. 3600 IN A 10.0.0.2", "a.y.test. 3600 IN A 10.0.1.1"])
        #expect(try server.ask("a.x.test AAAA").answer == ["a.x.test. 3600 IN AAAA fd00::1"])
    }

    @Test("reads the file again when it changes, and counts its records")
    func reloads() async throws {
        let file = try TemporaryFile("10.0.0.1 a.example.org a.stay.test\n", extension: "hosts")
        let server = try TestServer(
            """
            example.org {
                hosts \(file.path) {
                    reload 100ms
                    10.9.9.9 inline.example.org
                }
            }
            stay.test {
                root \(file.directory)
                hosts ./\(file.name) {
                    reload 0
                }
            }

            """)
        func addresses(_ query: QueryText) throws -> [String] { try server.ask(query).answer }
        #expect(try addresses("a.example.org A") == ["a.example.org. 3600 IN A 10.0.0.1"])
        try file.write("10.0.0.9 a.example.org a.stay.test\n10.0.0.10 b.example.org\n10.0.0.11 b.example.org\n")
        let expected = ["b.example.org. 3600 IN A 10.0.0.10", "b.example.org. 3600 IN A 10.0.0.11"]
        #expect(try await eventually { try addresses("b.example.org A") } == expected)
        #expect(try addresses("a.example.org A") == ["a.example.org. 3600 IN A 10.0.0.9"])
        #expect(try addresses("a.stay.test A") == ["a.stay.test. 3600 IN A 10.0.0.1"])
        let lines = String(decoding: server.metrics.exposition(), as: UTF8.self).split(separator: "\n")
        #expect(lines.contains("coredns_hosts_entries{hostsfile=\"\(file.path)\"} 8"))
        #expect(lines.contains { $0.hasPrefix("coredns_hosts_reload_timestamp_seconds 1") })
        server.stop()
        #expect(!String(decoding: server.metrics.exposition(), as: UTF8.self).contains("coredns_hosts_entries{"))
    }

    @Test("goes on with what it has while the file is gone, and tells so once")
    func survivesLoss() async throws {
        let file = try TemporaryFile("10.0.0.1 a.example.org\n", extension: "hosts")
        let server = try TestServer("example.org {\nhosts \(file.path) {\nreload 100ms\n}\n}\n")
        file.remove()
        let lines = try await eventually { server.log.take() }
        #expect(lines == ["[WARNING] plugin/hosts: File does not exist: \(file.path)"])
        #expect(try server.ask("a.example.org A").answer == ["a.example.org. 3600 IN A 10.0.0.1"])
        try file.write("10.0.0.2 b.example.org\n")
        #expect(
            try await eventually { try server.ask("b.example.org A").answer } == ["b.example.org. 3600 IN A 10.0.0.2"])
        #expect(server.log.take() == [])
    }

    @Test("starts without its file, and tells so if the Corefile names it")
    func startsWithoutFile() throws {
        let server = try TestServer("missing.test {\nhosts \(nowhere) {\n10.5.5.5 in.missing.test\n}\n}\n")
        #expect(server.log.take() == ["[WARNING] plugin/hosts: File does not exist: \(nowhere)"])
        #expect(try server.ask("in.missing.test A").answer == ["in.missing.test. 3600 IN A 10.5.5.5"])
        #expect(!String(decoding: server.metrics.exposition(), as: UTF8.self).contains("coredns_hosts_entries{"))
    }

    @Test(
        "reports every line that is none",
        arguments: [
            ("hosts \(nowhere) {\nttl 70000\n}", ["3:5 error: ttl must be in range [1, 65535]: 70000"]),
            ("hosts {\nttl 0\n}", ["3:5 error: ttl must be in range [1, 65535]: 0"]),
            (
                "hosts {\n10.0.0.1\nfallthruogh\n10.0.0.2 a..b\nreload -1s\nreload 5\nno_reverse x\nttl\n}",
                [
                    "3:1 error: there are no names behind '10.0.0.1'",
                    "4:1 error: unknown property 'fallthruogh'",
                    "5:10 error: 'a..b' is no domain name: a label is empty",
                    "6:8 error: invalid negative duration for reload '-1s'",
                    "7:8 error: '5' has no unit; durations are written like '30s', '100ms' or '1m30s'",
                    "8:12 error: Wrong argument count or unexpected line ending after 'x'",
                    "9:1 error: Wrong argument count or unexpected line ending after 'ttl'",
                ]
            ),
            ("hosts {\nfallthrough\n10.0.0.1 a.test\n}", ["4:1 error: unknown property '10.0.0.1'"]),
            ("hosts {\nfallthrough_unsupported\n}", ["3:1 error: fallthrough_unsupported requires fallthrough"]),
            ("hosts\nhosts", ["3:1 error: 'hosts' can only be used once per server block"]),
            (
                "hosts /etc/hosts/x",
                ["2:7 error: unable to access hosts file '/etc/hosts/x': Not a directory"]
            ),
        ])
    func reportsMistakes(lines: String, mistakes: [String]) {
        #expect(TestBlock.mistakes(lines) == mistakes)
    }
}
