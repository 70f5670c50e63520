import DNSMessage
import PluginKit
import Plugins
import Telemetry
import TestSupport
import Testing

@Suite("rrl")
struct RrlTests {
    private static let corefile = """
        . {
            prometheus localhost:{$PORT1}
            rrl {
                RULES
            }
            fixture {
                record example. 5 IN SOA ns.example. host.example. 1 7200 1800 86400 5
                record web.example. 5 IN A 10.0.0.1
                record other.example. 5 IN A 10.0.0.2
                fail broken.example. SERVFAIL
            }
        }
        """

    private static func server(_ rules: String) throws -> TestServer {
        var setting = TestServer.Setting()
        setting.workers = 1
        setting.kinds = Registry.kinds + [Fixture.self]
        return try TestServer(corefile.replacing("RULES", with: rules), setting)
    }

    private static let replies: [String: CannedAnswer] = [
        "records": CannedAnswer(["web.example. 5 IN A 10.0.0.1"]), "nodata": CannedAnswer(),
        "nxdomain": CannedAnswer(code: .nxDomain), "error": CannedAnswer(code: .servFail),
    ]

    /// What becomes of queries that arrive so many milliseconds after the first: `+` a reply, `t` an empty one with TC,
    /// `.` none.
    private func fates(_ rules: String, _ reply: String, _ queries: [(Name, Int, String)]) throws -> String {
        let block = try TestBlock("rrl {\n\(rules)\n}", answering: Self.replies[reply])
        let site = Site(server: "dns://:53", zone: ".", block: 0)
        let context = StartContext(workerCount: 1, sites: [site], pluginNames: [], readiness: [])
        for link in block.chain.links { try (link.plugin as? any Starting)?.start(context) }
        return try String(
            queries.map { name, milliseconds, client in
                var query = TestQuery(name, .a)
                query.client = SocketAddress(try #require(IPAddress(client)), port: 5600)
                query.receivedAt = UInt64(milliseconds) * 1_000_000
                let reply = try block.ask(query)
                return reply.isDropped ? "." : reply.message.flags.isTruncated ? "t" : "+"
            })
    }

    @Test(
        "lets an allowance through and no more",
        arguments: [
            ("responses-per-second 3\nslip-ratio 0", "records", "+++....."),
            ("responses-per-second 3\nslip-ratio 2", "records", "+++.t.t."),
            ("responses-per-second 3\nslip-ratio 1", "records", "+++ttttt"),
            ("responses-per-second 3\nreport-only", "records", "++++++++"),
            ("nxdomains-per-second 2\nslip-ratio 0", "records", "++++++++"),
            ("nxdomains-per-second 2\nslip-ratio 0", "nxdomain", "++......"),
            ("responses-per-second 2\nnxdomains-per-second 0", "nxdomain", "++++++++"),
            ("responses-per-second 2\nslip-ratio 0", "nxdomain", "++......"),
            ("responses-per-second 9\nnodata-per-second 1\nslip-ratio 0", "nodata", "+......."),
            ("responses-per-second 9\nerrors-per-second 1\nslip-ratio 0", "error", "+......."),
        ])
    func limits(_ rules: String, _ reply: String, _ expected: String) throws {
        #expect(try fates(rules, reply, Array(repeating: ("web.example", 5, "10.0.0.1"), count: 8)) == expected)
    }

    @Test(
        "keeps an account for each network, and for each name where there are records",
        arguments: [
            ("records", "++.", ["web.example", "other.example", "WEB.example"], ["10.0.0.1", "10.0.0.1", "10.0.0.1"]),
            ("nxdomain", "+..", ["a.example", "b.example", "c.example"], ["10.0.0.1", "10.0.0.1", "10.0.0.1"]),
            ("records", "+.+", ["web.example", "web.example", "web.example"], ["10.0.0.1", "10.0.0.9", "10.0.1.1"]),
            (
                "records", "+.+", ["web.example", "web.example", "web.example"],
                ["fd00::1", "fd00:0:0:ff::9", "fd00:1::"]
            ),
        ])
    func keepsAccounts(_ reply: String, _ expected: String, _ names: [String], _ clients: [String]) throws {
        let queries = zip(names, clients).map { (Name(stringLiteral: $0), 5, $1) }
        #expect(try fates("responses-per-second 1\nslip-ratio 0", reply, queries) == expected)
    }

    @Test(
        "lets a network through again as time goes by, after at most the window",
        arguments: [
            ([0, 1_000, 2_000, 3_000], "++++"), ([0, 0, 500, 999], "+..."), ([0, 0, 0, 0, 2_100], "+...+"),
        ])
    func recovers(_ times: [Int], _ expected: String) throws {
        let queries = times.map { ("web.example" as Name, $0, "10.0.0.1") }
        #expect(try fates("responses-per-second 1\nslip-ratio 0\nwindow 1", "records", queries) == expected)
    }

    @Test("limits nobody over TCP, and nobody who shows a cookie of this server")
    func sparesKnownClients() throws {
        let server = try Self.server("responses-per-second 1\nslip-ratio 0")
        for _ in 0..<5 { #expect(try server.ask("web.example. A", over: .tcp).answer.count == 1) }
        let client = try server.udp()
        let first = try client.ask("web.example. A option=10:0102030405060708")
        let cookie = try #require(first.edns?.split(separator: " ").first { $0.hasPrefix("option=10:") })
        for _ in 0..<5 { #expect(try client.ask(QueryText("web.example. A \(cookie)")).answer.count == 1) }
        let forged = "option=10:0102030405060708010000000000000000000000000000ff"
        try client.send(QueryText("web.example. A \(forged)").bytes)
        #expect(try client.receive(within: .milliseconds(300)) == nil)
    }

    @Test("counts what it kept back")
    func counts() throws {
        let server = try Self.server("responses-per-second 1\nslip-ratio 2")
        let client = try server.udp()
        for id in 0..<5 { try client.send(QueryText("web.example. A id=\(id)").bytes) }
        while try client.receive(within: .milliseconds(300)) != nil {}
        let lines = String(decoding: server.metrics.exposition(), as: UTF8.self).split(separator: "\n").filter {
            $0.contains("rrl_responses_total{")
        }
        #expect(lines.contains { $0.contains("action=\"dropped\"") && !$0.hasSuffix(" 0") })
        #expect(lines.contains { $0.contains("action=\"slipped\"") && !$0.hasSuffix(" 0") })
    }

    @Test("tells what is wrong with its lines")
    func tellsMistakes() throws {
        let mistakes = TestBlock.mistakes("rrl {\nresponses-per-second x\nslip-ratio 11\nwindows 5\nreport-only 1\n}")
        #expect(mistakes.count == 4 + 1)
        #expect(TestBlock.mistakes("rrl").count == 1)
    }
}
