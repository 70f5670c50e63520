import DNSMessage
import Glibc
import PluginKit
@testable import Plugins
import Telemetry
import TestSupport
import Testing

@Suite("cache")
struct CacheTests {
    private typealias Answer = CountedAnswer.Answer
    private static let soa = "example. 100 IN SOA ns.example. h.example. 7 1 2 3 90"

    @Test("a second question is answered from memory, its TTL counted down, its flags as the origin set them")
    func hit() throws {
        let block = try CachedBlock("cache")
        block.upstream.script("a.example. 30 IN A 10.0.0.1")
        #expect(try block.ask("a.example", .a).answer == ["a.example. 30 IN A 10.0.0.1"])
        block.wait(1.3)
        let reply = try block.ask("a.example", .a)
        #expect(reply.answer == ["a.example. 29 IN A 10.0.0.1"])
        #expect(reply.flags == "rd,ra")
        #expect(block.upstream.count == 1)
        block.wait(28.6)
        #expect(try block.ask("a.example", .a).answer == ["a.example. 1 IN A 10.0.0.1"])
        block.wait(0.2)
        #expect(try block.ask("a.example", .a).answer == ["a.example. 30 IN A 10.0.0.1"])
        #expect(block.upstream.count == 2)
    }

    @Test("a hit has the asker's spelling, in every record that the question names")
    func spelling() throws {
        let block = try CachedBlock("cache")
        block.upstream.script(
            "a.example",
            Answer(answer: ["a.example. 30 IN CNAME b.a.example.", "b.a.example. 30 IN A 10.0.0.1"]))
        _ = try block.ask("a.example", .a)
        let reply = try block.ask("A.eXample", .a)
        #expect(reply.answer == ["A.eXample. 30 IN CNAME b.A.eXample.", "b.A.eXample. 30 IN A 10.0.0.1"])
        #expect(block.upstream.count == 1)
    }

    @Test("names, types, DO and CD have answers of their own")
    func keys() throws {
        let block = try CachedBlock("cache")
        block.upstream.script("a.example. 30 IN A 10.0.0.1")
        block.upstream.script("b.example. 30 IN A 10.0.0.2")
        var unchecked = TestQuery("a.example", .a)
        unchecked.flags.checkingDisabled = true
        let queries = [
            TestQuery("a.example", .a), TestQuery("b.example", .a),
            TestQuery("a.example", .a, edns: .init(dnssecOK: true)), unchecked,
        ]
        for query in queries + queries { _ = try block.ask(query) }
        #expect(block.upstream.count == queries.count)
        #expect(try block.ask("b.example", .a).answer == ["b.example. 30 IN A 10.0.0.2"])
        #expect(try block.ask(TestQuery("a.example", .a, edns: nil)).edns == nil)
        #expect(block.upstream.count == queries.count)
    }

    /// A reply, and for how long the cache under `cache 60 { success 1000 50 7; denial 1000 40 6 }` keeps it.
    @Test(
        "keeps what RFC 2308 and CoreDNS keep, as long as the shortest TTL and the options allow",
        arguments: [
            (Answer(answer: ["a.example. 30 IN A 10.0.0.1", "a.example. 20 IN A 10.0.0.2"]), 20),
            (Answer(answer: ["a.example. 300 IN A 10.0.0.1"]), 50),
            (Answer(answer: ["a.example. 1 IN A 10.0.0.1"]), 7),
            (Answer(answer: ["a.example. 0 IN A 10.0.0.1"]), nil),
            (Answer(answer: ["a.example. 30 IN A 10.0.0.1", "a.example. 0 IN A 10.0.0.2"]), nil),
            (Answer(answer: ["a.example. 30 IN A 10.0.0.1"], additional: ["b.example. 9 IN A 10.0.0.2"]), 9),
            (Answer(answer: ["a.example. 30 IN CNAME b.example.", "b.example. 30 IN A 10.0.0.1"]), 30),
            (Answer(answer: ["a.example. 30 IN CNAME b.example."]), nil),
            (Answer(answer: ["a.example. 30 IN CNAME b.example."], authority: [soa]), 30),
            (Answer(authority: [soa], code: .nxDomain), 40),
            (Answer(authority: [soa]), 40),
            // A denial's time is the lesser of the SOA record's TTL and its last number (RFC 2308 §5).
            (Answer(authority: ["example. 100 IN SOA ns.example. h.example. 7 1 2 3 9"], code: .nxDomain), 9),
            (Answer(authority: ["example. 8 IN SOA ns.example. h.example. 7 1 2 3 9"]), 8),
            (Answer(authority: ["example. 100 IN SOA ns.example. h.example. 7 1 2 3 1"]), 6),
            (Answer(authority: ["example. 100 IN SOA ns.example. h.example. 7 1 2 3 0"], code: .nxDomain), nil),
            (Answer(authority: ["example. 30 IN NS ns.example."]), 30),
            (Answer(code: .nxDomain), nil),
            (Answer(), 7),
            (Answer(code: .servFail), 5),
            (Answer(code: .notImp), 5),
            (Answer(code: .refused), nil),
            (Answer(code: .formErr), nil),
            (Answer(fails: true), 5),
            (Answer(fails: true, isTransient: true), nil),
            (Answer(answer: ["a.example. 30 IN A 10.0.0.1"], isTransient: true), nil),
            (Answer(answer: ["a.example. 30 IN A 10.0.0.1"], flags: HeaderFlags.truncatedBit), nil),
        ] as [(CountedAnswer.Answer, Int?)])
    func lifetimes(answer: CountedAnswer.Answer, seconds: Int?) throws {
        let block = try CachedBlock("cache 60 {\nsuccess 1000 50 7\ndenial 1000 40 6\n}")
        block.upstream.script("a.example", answer)
        let first = try block.ask("a.example", .a)
        let second = try block.ask("a.example", .a)
        #expect(second.responseCode == first.responseCode)
        #expect(second.answer == first.answer && second.authority == first.authority)
        guard let seconds else {
            #expect(block.upstream.count == 2)
            return
        }
        #expect(block.upstream.count == 1)
        let ttls = (second.message.answer + second.message.authority + second.message.additional).filter {
            $0.type != .opt
        }
        #expect(ttls.allSatisfy { $0.ttl == UInt32(seconds) })
        block.wait(Double(seconds) - 0.1)
        _ = try block.ask("a.example", .a)
        #expect(block.upstream.count == 1)
        block.wait(0.1)
        _ = try block.ask("a.example", .a)
        #expect(block.upstream.count == 2)
    }

    /// An answer to a query without RD, and whether one with RD gets it from memory.
    @Test(
        "what is said to who wants no recursion is no answer for others, unless it is whole",
        arguments: [
            (Answer(answer: ["a.example. 30 IN A 10.0.0.1"]), true),
            (Answer(authority: [soa], code: .nxDomain), true),
            (Answer(authority: [". 30 IN NS a.root-servers.net."]), false),
            (Answer(), false),
            (Answer(code: .servFail), false),
        ] as [(CountedAnswer.Answer, Bool)])
    func withoutRecursion(answer: CountedAnswer.Answer, isKept: Bool) throws {
        let block = try CachedBlock("cache 60")
        block.upstream.script("a.example", answer)
        var query = TestQuery("a.example", .a)
        query.flags = HeaderFlags()
        _ = try block.ask(query)
        _ = try block.ask("a.example", .a)
        #expect(block.upstream.count == (isKept ? 1 : 2))
    }

    @Test("an answer for a part of the network is not kept for all (RFC 7871)")
    func subnets() throws {
        let block = try CachedBlock("cache 60")
        let record = ["a.example. 30 IN A 10.0.0.1"]
        // For 192.0.2.0/24 alone, then for everybody.
        block.upstream.script(
            "a.example", Answer(answer: record, subnet: [0, 1, 24, 24, 192, 0, 2]),
            Answer(answer: record, subnet: [0, 1, 24, 0, 192, 0, 2]))
        for _ in 0..<3 { #expect(try block.ask("a.example", .a).answer == record) }
        #expect(block.upstream.count == 2)
    }

    @Test("a remembered failure says that it is one (RFC 9520)")
    func cachedError() throws {
        let block = try CachedBlock("cache")
        block.upstream.script("a.example", Answer(fails: true))
        #expect(try block.ask("a.example", .a).edns == "size=1232")
        #expect(try block.ask("a.example", .a).edns == "size=1232 ede=13:\"\"")
        #expect(try block.ask("a.example", .a).responseCode == "SERVFAIL")
        #expect(block.upstream.count == 1)
    }

    @Test("a failure does not take the place of an answer that is still good")
    func failureAfterAnswer() throws {
        let block = try CachedBlock("cache {\nprefetch 1 1m 90%\n}")
        block.upstream.script("a.example", Answer(answer: ["a.example. 30 IN A 10.0.0.1"]), Answer(fails: true))
        _ = try block.ask("a.example", .a)
        block.wait(10)
        for _ in 0..<3 { #expect(try block.ask("a.example", .a).answer == ["a.example. 20 IN A 10.0.0.1"]) }
        // The failed refresh is not repeated at once.
        #expect(block.upstream.count == 2)
        block.wait(6)
        #expect(try block.ask("a.example", .a).answer == ["a.example. 14 IN A 10.0.0.1"])
        #expect(block.upstream.count == 3)
    }

    @Test("AD is for who asks for it")
    func authenticData() throws {
        let block = try CachedBlock("cache")
        block.upstream.script(
            "a.example", Answer(answer: ["a.example. 30 IN A 10.0.0.1"], flags: HeaderFlags.authenticDataBit))
        _ = try block.ask("a.example", .a)
        #expect(try block.ask("a.example", .a).flags == "rd")
        var query = TestQuery("a.example", .a)
        query.flags.authenticData = true
        #expect(try block.ask(query).flags == "rd,ad")
        #expect(block.upstream.count == 1)
    }

    @Test(
        "signatures outside of their time are not kept for who wants them",
        arguments: [(-10, 1000, 1), (-1000, -10, 2), (10, 1000, 2)])
    func signatures(from inception: Int, to expiration: Int, asked: Int) throws {
        let now = time(nil)
        func hex(_ number: Int) -> String {
            let digits = String(UInt32(truncatingIfNeeded: number), radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }
        let data = "0001080200000e10" + hex(now + expiration) + hex(now + inception) + "0001" + "00" + "abcd"
        let block = try CachedBlock("cache")
        block.upstream.script(
            "a.example",
            Answer(answer: ["a.example. 30 IN A 10.0.0.1", "a.example. 30 IN RRSIG \(data)"]))
        for _ in 0..<2 { _ = try block.ask(TestQuery("a.example", .a, edns: .init(dnssecOK: true))) }
        #expect(block.upstream.count == asked)
    }

    @Test(
        "zones, classes, opcodes and transfers that are not the cache's are passed on",
        arguments: [
            (TestQuery("a.in.example", .a), 1), (TestQuery("a.out.example", .a), 2), (TestQuery("in.example", .a), 1),
            (TestQuery("a.in.example", .axfr), 2), (TestQuery("a.in.example", .ixfr), 2),
        ])
    func otherQueries(query: TestQuery, asked: Int) throws {
        let block = try CachedBlock("cache in.example")
        block.upstream.script(
            query.name, Answer(answer: ["\(query.name) 30 IN \(query.type) 10.0.0.1"].filter { _ in query.type == .a }))
        for _ in 0..<2 { _ = try block.ask(query) }
        #expect(block.upstream.count == asked)
        #expect(block.metric("requests_total{") == (asked == 1 ? 2 : nil))
    }

    @Test(
        "disable keeps nothing of a zone and shortens TTLs all the same",
        arguments: [
            ("disable success", "a.example", 2, 1), ("disable denial", "a.example", 1, 2),
            ("disable success x.example", "a.x.example", 2, 1), ("disable success x.example", "a.example", 1, 1),
            ("disable success\ndisable denial", "a.example", 2, 2),
        ] as [(String, Name, Int, Int)])
    func disable(option: String, name: Name, success: Int, denial: Int) throws {
        let block = try CachedBlock("cache 20 {\n\(option)\n}")
        block.upstream.script("\(name) 30 IN A 10.0.0.1")
        for _ in 0..<2 { #expect(try block.ask(name, .a).answer == ["\(name) 20 IN A 10.0.0.1"]) }
        #expect(block.upstream.count == success)
        block.upstream.script(name, Answer(authority: [Self.soa], code: .nxDomain))
        for _ in 0..<2 { #expect(try block.ask(name, .mx).message.authority.first?.ttl == 20) }
        #expect(block.upstream.count == success + denial)
    }

    @Test("keepttl shows the first TTL to the end")
    func keepTTL() throws {
        let block = try CachedBlock("cache 60 {\nkeepttl\n}")
        block.upstream.script("a.example. 300 IN A 10.0.0.1")
        for _ in 0..<2 {
            #expect(try block.ask("a.example", .a).answer == ["a.example. 60 IN A 10.0.0.1"])
            block.wait(59.5)
        }
        #expect(block.upstream.count == 1)
        _ = try block.ask("a.example", .a)
        #expect(block.upstream.count == 2)
    }

    @Test("an answer of any length and shape comes back whole, cut to the client's size only on its way out")
    func longAnswers() throws {
        let block = try CachedBlock("cache {\nsize 16MB\n}")
        let records = (0..<1000).map { "big.example. 30 IN A 10.0.\($0 / 256).\($0 % 256)" }
        block.upstream.script(
            "big.example",
            Answer(
                answer: records, authority: ["example. 30 IN NS ns.big.example."],
                additional: ["ns.big.example. 30 IN AAAA fd00::1"]))
        var query = TestQuery("big.example", .a)
        query.transport = .tcp
        let first = try block.ask(query)
        let second = try block.ask(query)
        #expect(second.answer == records && second.answer == first.answer)
        #expect(second.authority == first.authority && second.additional == first.additional)
        let cut = try block.ask("big.example", .a)
        #expect(cut.flags == "tc,rd,ra")
        #expect(!cut.answer.isEmpty && cut.answer.count < 100 && cut.authority.isEmpty)
        #expect(block.upstream.count == 1)
    }

    @Test("what a plugin in memory answers is not kept, and its own zones are not looked up")
    func memoryNeighbours() throws {
        let block = try CachedBlock("cache 30\nhosts {\n10.0.0.9 h.example\nttl 60\nfallthrough\n}")
        block.upstream.script("a.example. 30 IN A 10.0.0.1")
        for _ in 0..<2 {
            // CoreDNS shortens these too.
            #expect(try block.ask("h.example", .a).answer == ["h.example. 30 IN A 10.0.0.9"])
            _ = try block.ask("a.example", .a)
        }
        #expect(block.metric("entries{server=\"dns://:53\",type=\"success\"") == 1)
        #expect(block.metric("requests_total{") == 4)
        #expect(block.metric("misses_total{") == 3)
        #expect(block.upstream.count == 1)
    }

    @Test("a reload keeps the answers while nothing changed that matters, and only then")
    func reload() throws {
        let lasting = SharedObjects()
        let first = try CachedBlock("cache 60", lasting: lasting)
        first.upstream.script("a.example. 30 IN A 10.0.0.1")
        _ = try first.ask("a.example", .a)
        let second = try CachedBlock("cache 60", lasting: lasting)
        #expect(try second.ask("a.example", .a).answer == ["a.example. 30 IN A 10.0.0.1"])
        #expect(second.upstream.count == 0)
        let third = try CachedBlock("cache 61", lasting: lasting)
        third.upstream.script("a.example. 30 IN A 10.0.0.2")
        #expect(try third.ask("a.example", .a).answer == ["a.example. 30 IN A 10.0.0.2"])
        withExtendedLifetime((first, second)) {}
    }

    @Test("counts under CoreDNS's names")
    func metrics() throws {
        let block = try CachedBlock("cache 60 example other.test")
        block.upstream.script("a.example. 30 IN A 10.0.0.1")
        block.upstream.script("nx.example", Answer(authority: [Self.soa], code: .nxDomain))
        for name in ["a.example", "nx.example", "a.example", "a.example", "nx.example"] as [Name] {
            _ = try block.ask(name, .a)
        }
        let labels = #"server="dns://:53",view="",zones="example.,other.test.""#
        let typed = #"server="dns://:53",type="TYPE",view="",zones="example.,other.test.""#
        let lines = String(decoding: block.metrics.exposition(), as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("coredns_cache") }.map(String.init)
        #expect(
            lines == [
                "coredns_cache_entries{\(typed.replacing("TYPE", with: "denial"))} 1",
                "coredns_cache_entries{\(typed.replacing("TYPE", with: "success"))} 1",
                "coredns_cache_hits_total{\(typed.replacing("TYPE", with: "denial"))} 1",
                "coredns_cache_hits_total{\(typed.replacing("TYPE", with: "success"))} 2",
                "coredns_cache_misses_total{\(labels)} 2",
                "coredns_cache_requests_total{\(labels)} 5",
            ])
    }
}
