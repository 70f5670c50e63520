import DNSMessage
import PluginKit
@testable import Plugins
import TestSupport
import Testing

@Suite("cache: prefetch and answers past their TTL")
struct CacheRefreshTests {
    private typealias Answer = CountedAnswer.Answer
    private static let first = "a.example. 10 IN A 10.0.0.1"
    private static let second = "a.example. 10 IN A 10.0.0.2"

    private func block(_ options: String, then next: CountedAnswer.Answer) throws -> CachedBlock {
        let block = try CachedBlock("cache 60 {\n\(options)\n}")
        block.upstream.script("a.example", Answer(answer: [Self.first]), next)
        _ = try block.ask("a.example", .a)
        return block
    }

    @Test(
        "prefetch fetches anew what was asked for often enough and ends soon",
        arguments: [
            ("prefetch 2 1m 60%", [3.9, 0.2], 1), ("prefetch 2 1m 60%", [3.5, 0.2], 0),
            ("prefetch 3 1m 60%", [3.9, 0.2], 0), ("prefetch 1 1m 60%", [4.1], 1),
            ("prefetch 2 1s 60%", [4.1, 1.5], 0), ("prefetch 2 2s 60%", [4.1, 1.5], 1),
            ("prefetch 1", [8.9], 0), ("prefetch 1", [9.1], 1), ("prefetch 0", [9.1], 0),
        ] as [(String, [Double], Int)])
    func prefetch(options: String, pauses: [Double], refreshes: Int) throws {
        let block = try block(options, then: Answer(answer: [Self.second]))
        for pause in pauses {
            block.wait(pause)
            #expect(try block.ask("a.example", .a).message.answer.map(\.data) == [RecordText.record(Self.first).data])
        }
        #expect(block.upstream.backgroundCount == refreshes)
        #expect(block.metric("prefetch_total{") ?? 0 == refreshes)
        guard refreshes > 0 else { return }
        #expect(try block.ask("a.example", .a).answer == [Self.second])
    }

    @Test("immediate: an answer past its TTL is given with TTL 0 and EDE 3, and fetched anew once")
    func immediate() throws {
        let block = try block("serve_stale 1m", then: Answer(answer: [Self.second]))
        block.wait(11)
        let stale = try block.ask("a.example", .a)
        #expect(stale.answer == ["a.example. 0 IN A 10.0.0.1"])
        #expect(stale.edns == "size=1232 ede=3:\"\"")
        #expect(try block.ask("a.example", .a).answer == [Self.second])
        #expect(block.upstream.backgroundCount == 1)
        #expect(block.metric("served_stale_total{") == 1)
    }

    @Test("immediate: while the upstream fails the old answer goes on being given, and is not asked for each time")
    func immediateFailing() throws {
        let block = try block("serve_stale 1m immediate 7 20s", then: Answer(fails: true))
        block.wait(11)
        for _ in 0..<3 { #expect(try block.ask("a.example", .a).answer == ["a.example. 7 IN A 10.0.0.1"]) }
        #expect(block.upstream.backgroundCount == 1)
        block.wait(21)
        #expect(try block.ask("a.example", .a).answer == ["a.example. 7 IN A 10.0.0.1"])
        #expect(block.upstream.backgroundCount == 2)
        block.wait(40)
        #expect(try block.ask("a.example", .a).responseCode == "SERVFAIL")
    }

    @Test(
        "verify: a newer answer is given, a failure hidden",
        arguments: [
            (Answer(answer: [second]), "NOERROR", [second]),
            (
                Answer(authority: ["example. 9 IN SOA ns.example. h.example. 1 2 3 4 5"], code: .nxDomain), "NXDOMAIN",
                []
            ),
            (Answer(code: .servFail), "NOERROR", ["a.example. 0 IN A 10.0.0.1"]),
            (Answer(code: .refused), "NOERROR", ["a.example. 0 IN A 10.0.0.1"]),
            (Answer(fails: true), "NOERROR", ["a.example. 0 IN A 10.0.0.1"]),
        ] as [(CountedAnswer.Answer, String, [String])])
    func verify(next: CountedAnswer.Answer, code: String, answer: [String]) throws {
        let block = try block("serve_stale 1h verify", then: next)
        block.wait(11)
        let reply = try block.ask("a.example", .a)
        #expect(reply.responseCode == code)
        #expect(reply.answer == answer)
        #expect(block.upstream.count == 2)
        #expect(reply.outcome == .reply)
        // A failure is not tried again at once (RFC 8767 §5).
        _ = try block.ask("a.example", .a)
        #expect(block.upstream.count == 2)
    }

    @Test("a denial past its TTL is marked as one")
    func staleDenial() throws {
        let soa = "example. 10 IN SOA ns.example. h.example. 1 2 3 4 5"
        let block = try CachedBlock("cache {\nserve_stale\n}")
        block.upstream.script("a.example", Answer(authority: [soa], code: .nxDomain))
        _ = try block.ask("a.example", .a)
        block.wait(11)
        let reply = try block.ask("a.example", .a)
        #expect(reply.responseCode == "NXDOMAIN")
        #expect(reply.edns == "size=1232 ede=19:\"\"")
    }

    @Test("without serve_stale an answer past its TTL is none, and nothing hides a failure")
    func noStale() throws {
        let block = try block("", then: Answer(fails: true))
        block.wait(11)
        #expect(try block.ask("a.example", .a).responseCode == "SERVFAIL")
    }

    @Test("keepttl shows the first TTL past the end too")
    func keepTTL() throws {
        let block = try block("serve_stale\nkeepttl", then: Answer(fails: true))
        block.wait(11)
        #expect(try block.ask("a.example", .a).answer == [Self.first])
    }

    @Test(
        "prefer_positive gives data past its TTL rather than a denial past its TTL",
        arguments: [("", "NXDOMAIN"), ("serve_stale_policy prefer_positive", "NOERROR")])
    func preferPositive(policy: String, code: String) throws {
        let soa = "example. 10 IN SOA ns.example. h.example. 1 2 3 4 5"
        let block = try block(
            "serve_stale 1h verify\n\(policy)", then: Answer(authority: [soa], code: .nxDomain))
        block.wait(11)
        #expect(try block.ask("a.example", .a).responseCode == "NXDOMAIN")
        block.upstream.script("a.example", Answer(fails: true))
        #expect(try block.ask("a.example", .a).responseCode == "NXDOMAIN")
        block.wait(11)
        #expect(try block.ask("a.example", .a).responseCode == code)
    }
}
