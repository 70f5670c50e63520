import DNSMessage
import PluginKit
@testable import Plugins
import Telemetry
import TestSupport
import Testing

@Suite("erratic")
struct ErraticTests {
    /// For each of some queries after another: `-` without a reply, `T` with TC, `.` otherwise.
    private func fates(_ options: String, _ count: Int) throws -> String {
        let block = try TestBlock(options.isEmpty ? "erratic" : "erratic {\n\(options)\n}")
        return try (0..<count).map { _ in
            let reply = try block.ask(TestQuery("a.test", .a))
            if reply.outcome == .drop { return "-" }
            #expect(reply.answer == ["a.test. 0 IN A 192.0.2.53"])
            #expect(reply.flags == "aa,rd" || reply.flags == "aa,tc,rd")
            return reply.flags == "aa,rd" ? "." : "T"
        }.joined()
    }

    @Test(
        "drops and truncates those queries that CoreDNS does",
        arguments: [
            ("drop 3", "-..-..-"), ("", "-.-.-."), ("drop", "-.-.-."), ("drop 1", "---"),
            ("drop 0", "..."), ("drop 0\ntruncate 2", "TT..TT..T"), ("truncate 1", "T.T.T"), ("truncate", "TT..TT"),
            ("truncate 4", "TTTT....TT"), ("drop 2\ntruncate 2", "-T-.-T-."), ("delay 2 0s", "...."),
        ] as [(String, String)])
    func chooses(options: String, expected: String) throws {
        #expect(try fates(options, expected.count) == expected)
    }

    @Test(
        "answers A, AAAA and AXFR, nothing else",
        arguments: [
            (RecordType.aaaa, "NOERROR aa,rd", ["a.test. 0 IN AAAA 2001:db8::53"]), (.mx, "SERVFAIL rd", []),
            (.any, "SERVFAIL rd", []),
        ])
    func answers(type: RecordType, header: String, answer: [String]) throws {
        let reply = try TestBlock("erratic {\ndrop 0\nlarge\n}").ask(TestQuery("a.test", type))
        #expect("\(reply.responseCode) \(reply.flags)" == header)
        #expect(reply.answer == answer)
    }

    @Test("repeats the A record when it is to be large")
    func isLarge() throws {
        let reply = try TestBlock("erratic {\ndrop 0\nlarge\n}").ask(TestQuery("a.test", .a))
        #expect(reply.answer == [String](repeating: "a.test. 0 IN A 192.0.2.53", count: 30))
        // Without any option about it, one in two is dropped still.
        #expect(try TestBlock("erratic {\nlarge\n}").ask(TestQuery("a.test", .a)).outcome == .drop)
    }

    @Test("transfers a small zone, which lacks its end when it is to be truncated")
    func transfers() throws {
        let soa = "0 IN SOA sns.dns.icann.org. noc.dns.icann.org. 2018050825 7200 3600 1209600 3600"
        let zone = [
            "a.test. \(soa)", "a.test. 0 IN NS b.a.test.", "a.test. 0 IN NS a.a.test.",
            "a.a.test. 0 IN AAAA 2001:bd8::53", "b.a.test. 0 IN AAAA 2001:500::54",
        ]
        let block = try TestBlock("erratic {\ntruncate 1\n}")
        let replies = try (0..<2).map { _ in try block.ask(TestQuery("a.test", .axfr)) }
        #expect(replies.map(\.answer) == [zone, zone + ["a.test. \(soa)"]])
        #expect(replies.map(\.flags) == ["aa,rd", "aa,rd"])
    }

    @Test("transfers what fits where the zone's name is as long as a name may be")
    func transfersLongName() throws {
        let label = String(repeating: "x", count: 61)
        let name = try Name([label, label, label, label].joined(separator: ".") + ".yyyy")
        #expect(name.wire.count == 254)
        let reply = try TestBlock("erratic {\ndrop 0\n}").ask(TestQuery(name, .axfr))
        #expect(reply.message.answer.map(\.type) == [.soa, .soa])
    }

    @Test("keeps one in so many queries waiting, and no other because of it")
    func delays() throws {
        var setting = TestServer.Setting()
        setting.workers = 1
        let server = try TestServer(". {\nerratic {\ndelay 2 1s\n}\n}\n", setting)
        let client = try server.udp()
        for query in ["late.test A id=1", "early.test A id=2"] as [QueryText] { try client.send(query.bytes) }
        // The first one has waited for the second, though it came before it.
        #expect(try (0..<2).map { _ in try client.receive(within: .seconds(60))?.message.id } == [2, 1])
    }

    @Test("answers at once where no query can wait")
    func cannotWait() throws {
        let block = try TestBlock("erratic {\ndelay 1 10s\n}")
        #expect(try block.ask(TestQuery("a.test", .a)).answer.count == 1)
    }

    @Test("is ready from its third query to the fifth")
    func readiness() throws {
        let block = try TestBlock("erratic {\ndrop 0\n}")
        let plugin = try #require(block.chain.links[0].plugin as? ErraticPlugin)
        let states = (0..<6).map { _ in
            defer { _ = try? block.ask(TestQuery("a.test", .a)) }
            return plugin.isReady
        }
        #expect(states == [false, false, false, true, true, false])
        #expect(plugin.readinessName == "erratic")
    }

    @Test(
        "reports options that are none",
        arguments: [
            (
                "erratic {\ndrop -1\ntruncate x\ndelay 1 2\ndelay 1 11s\ndelay 1 1s 2\nlarge 1\ndorp\n}",
                [
                    "3:6 error: the amount must be in range [0, 2147483647]: -1",
                    "4:10 error: the amount must be a whole number: 'x'",
                    "5:9 error: '2' has no unit; durations are written like '30s', '100ms' or '1m30s'",
                    "6:9 error: a delay is from 0 to 10s long, not '11s'",
                    "7:12 error: Wrong argument count or unexpected line ending after '2'",
                    "8:7 error: Wrong argument count or unexpected line ending after '1'",
                    "9:1 error: unknown property 'dorp'",
                ]
            ),
            ("erratic 3", ["2:9 error: Wrong argument count or unexpected line ending after '3'"]),
        ])
    func reportsMistakes(lines: String, mistakes: [String]) {
        #expect(TestBlock.mistakes(lines) == mistakes)
    }
}
