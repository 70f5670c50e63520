import DNSMessage
import PluginKit
import Testing

@Suite("loadbalance")
struct LoadbalanceTests {
    private static let many = (1...4).map { "many.example.org. 60 IN A 192.0.2.\($0)" }
    private static let many6 = (1...4).map { "many.example.org. 60 IN AAAA 2001:db8::\($0)" }
    private static let alias = "c.example.org. 60 IN CNAME many.example.org."

    /// The replies to so many queries at different times.
    private func replies(
        _ lines: String, _ below: CannedAnswer, count: Int, _ change: (inout TestQuery) -> Void = { _ in }
    ) throws -> [TestReply] {
        let block = try TestBlock(lines, answering: below)
        return try (1...count).map { time in
            var query = TestQuery("many.example.org", .a)
            query.receivedAt = UInt64(time) * 1_000
            change(&query)
            return try block.ask(query)
        }
    }

    @Test("puts every address first in its turn, none more than another", arguments: [many, many6])
    func shufflesAddresses(records: [String]) throws {
        let replies = try replies("loadbalance", CannedAnswer(records), count: 2_400)
        var orders: [[String]: Int] = [:]
        for reply in replies { orders[reply.answer, default: 0] += 1 }
        #expect(Set(orders.keys.map { $0.sorted() }) == [records.sorted()])
        #expect(orders.count == 24)
        // 100 are expected of each; four standard deviations either way.
        #expect(orders.values.allSatisfy { (60...140).contains($0) })
    }

    @Test("differs between clients that ask at the same moment")
    func differsByClient() throws {
        let block = try TestBlock("loadbalance", answering: CannedAnswer(Self.many))
        let firsts = try (1...60).map { port in
            var query = TestQuery("many.example.org", .a)
            query.client.port = UInt16(port)
            return try block.ask(query).answer[0]
        }
        #expect(Set(firsts) == Set(Self.many))
    }

    @Test("keeps aliases first and in order, others in between, MX records last")
    func ordersGroups() throws {
        let chain = ["a.example.org. 60 IN CNAME c.example.org.", Self.alias]
        let texts = ["t.example.org. 60 IN TXT \"1\"", "t.example.org. 60 IN TXT \"2\""]
        let mail = ["m.example.org. 60 IN MX 10 m1.example.org.", "m.example.org. 60 IN MX 10 m2.example.org."]
        let mixed = [mail[0], Self.many[0], texts[0], Self.many6[0], chain[0], texts[1], chain[1], mail[1]]
        let replies = try replies("loadbalance", CannedAnswer(mixed), count: 40)
        for reply in replies {
            #expect(Array(reply.answer.prefix(4)) == chain + texts)
            #expect(Set(reply.answer[4...5]) == [Self.many[0], Self.many6[0]])
            #expect(Set(reply.answer[6...7]) == Set(mail))
        }
        #expect(Set(replies.map { $0.answer[4] }).count == 2)
        #expect(Set(replies.map { $0.answer[6] }).count == 2)
    }

    @Test("shuffles behind an alias, whose target the addresses point to")
    func shufflesBehindAlias() throws {
        let replies = try replies("loadbalance", CannedAnswer([Self.alias] + Self.many), count: 60)
        #expect(replies.allSatisfy { $0.answer[0] == Self.alias && Set($0.answer[1...]) == Set(Self.many) })
        #expect(Set(replies.map { $0.answer[1] }) == Set(Self.many))
    }

    @Test("keeps the order of SRV records and shuffles the addresses that go with them")
    func shufflesGlue() throws {
        let services = (1...2).map { "_s._tcp.example.org. 60 IN SRV 0 0 1 m\($0).example.org." }
        let glue = ["m1.example.org. 60 IN A 192.0.2.91", "m2.example.org. 60 IN AAAA 2001:db8::92"]
        let below = CannedAnswer(services, authority: ["example.org. 60 IN NS m1.example.org."], additional: glue)
        let replies = try replies("loadbalance", below, count: 30)
        for reply in replies {
            #expect(reply.answer == services)
            #expect(reply.authority == ["example.org. 60 IN NS m1.example.org."])
            #expect(Set(reply.additional) == Set(glue))
        }
        #expect(Set(replies.map { $0.additional[0] }).count == 2)
    }

    @Test(
        "puts preferred networks in front, in their order",
        arguments: [
            (
                ["10.1.0.1", "10.2.0.1", "192.168.0.1"], "192.168.0.0/16 10.2.0.0/16",
                ["192.168.0.1", "10.2.0.1", "10.1.0.1"]
            ),
            (["2001:db8::7", "fd00::1"], "10.0.0.0/8 fd00::/8", ["fd00::1", "2001:db8::7"]),
            (
                ["10.1.0.1", "fd00::1", "2001:db8::7"], "2001:db8::/32 fd00::/8",
                ["2001:db8::7", "fd00::1", "10.1.0.1"]
            ),
        ])
    func prefers(addresses: [String], networks: String, expected: [String]) throws {
        func records(_ addresses: [String]) -> [String] {
            addresses.map { "pref.example.net. 60 IN \($0.contains(":") ? "AAAA" : "A") \($0)" }
        }
        let lines = "loadbalance round_robin {\nprefer \(networks)\n}"
        for reply in try replies(lines, CannedAnswer(records(addresses)), count: 40) {
            #expect(reply.answer == records(expected))
        }
    }

    @Test("shuffles inside a preferred network")
    func shufflesPreferred() throws {
        let lines = "loadbalance {\nprefer 192.0.2.0/31\nprefer 192.0.2.2/31\n}"
        let replies = try replies(lines, CannedAnswer(Self.many), count: 80)
        #expect(replies.allSatisfy { $0.answer[0] == Self.many[0] && $0.answer[3] == Self.many[3] })
        #expect(Set(replies.map { $0.answer[1] }) == Set(Self.many[1...2]))
    }

    @Test("shuffles before a reply is cut, so that every address has its turn")
    func shufflesBeforeCutting() throws {
        let addresses = (1...200).map { "many.example.org. 60 IN A 192.0.2.\($0)" }
        let replies = try replies("loadbalance", CannedAnswer(addresses), count: 100) { $0.edns = nil }
        #expect(replies.allSatisfy { $0.answer.count == 29 && $0.message.flags.isTruncated })
        #expect(replies.allSatisfy { Set($0.answer).count == 29 })
        #expect(Set(replies.flatMap(\.answer)) == Set(addresses))
    }

    @Test("leaves failures and zone transfers as they are")
    func leavesOthers() throws {
        for code in [ResponseCode.nxDomain, .servFail] {
            let replies = try replies("loadbalance", CannedAnswer(Self.many, code: code), count: 20)
            #expect(replies.allSatisfy { $0.answer == Self.many })
        }
        let transfers = try replies("loadbalance", CannedAnswer(Self.many), count: 20) { $0.type = .axfr }
        #expect(transfers.allSatisfy { $0.answer == Self.many })
    }

    @Test(
        "reports what is no policy and no network",
        arguments: [
            ("loadbalance fastest", ["2:13 error: unknown policy: fastest"]),
            ("loadbalance weighted", ["2:13 error: missing weight file argument"]),
            (
                "loadbalance weighted a {\nreload x\nreload -1s\nprefer x\nrelaod 1s\n}",
                [
                    "3:8 error: 'x' is not a duration such as '30s' or '1m30s'",
                    "4:8 error: the duration must not be negative",
                    "5:8 error: invalid CIDR 'x'", "6:1 error: unknown property 'relaod'",
                ]
            ),
            (
                "loadbalance round_robin 2",
                ["2:25 error: Wrong argument count or unexpected line ending after '2'"]
            ),
            (
                "loadbalance {\nprefer 10.0.0.0/33 10.0.0.1 fd00::/8\nprefer\nreload 30s\n}",
                [
                    "3:8 error: invalid CIDR '10.0.0.0/33'", "3:20 error: invalid CIDR '10.0.0.1'",
                    "4:1 error: Wrong argument count or unexpected line ending after 'prefer'",
                    "5:1 error: unknown property 'reload'",
                ]
            ),
        ])
    func reportsMistakes(lines: String, mistakes: [String]) {
        #expect(TestBlock.mistakes(lines) == mistakes)
    }

    @Test("bounds the number of preferred networks")
    func boundsNetworks() {
        let networks = Array(repeating: "10.0.0.0/8", count: 65).joined(separator: " ")
        #expect(
            TestBlock.mistakes("loadbalance {\nprefer \(networks)\n}")
                == ["2:1 error: more than 64 preferred networks: 65"])
    }
}
