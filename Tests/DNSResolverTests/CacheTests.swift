import DNSMessage
@testable import DNSResolver
import TestSupport
import Testing

@Suite("The cache of a resolver", .serialized)
struct CacheTests {
    private let second: UInt64 = 1_000_000_000

    private func question(_ number: Int = 0) -> Message.Question {
        Message.Question(Name(stringLiteral: "n\(number)"), .a)
    }

    private func answer(ttl: UInt32) -> Finding {
        .local([.a(IPAddress(v4: 1))], owner: "n", timeToLive: ttl, .hosts)
    }

    private func left(_ finding: Finding?) -> UInt32? { finding?.timeToLive }

    @Test("keeps an answer for its TTL, which counts down, and no longer")
    func countsDown() {
        var cache = AnswerCache(entriesMax: 10)
        cache.store(answer(ttl: 5), for: question(), now: 100 * second)
        #expect(left(cache.finding(question(), now: 100 * second)) == 5)
        #expect(left(cache.finding(question(), now: 102 * second + 1)) == 3)
        guard case .records(let records, _, _)? = cache.finding(question(), now: 104 * second)?.outcome else {
            Issue.record("no answer")
            return
        }
        #expect(records.map(\.ttl) == [1])
        #expect(cache.finding(question(), now: 105 * second) == nil)
        #expect(cache.finding(Message.Question("n0", .aaaa), now: 100 * second) == nil)
    }

    @Test(
        "keeps denials, but neither failures nor what has no TTL",
        arguments: [
            (Finding.Outcome.nameError, UInt32(5), true), (.noData, 5, true), (.nameError, 0, false),
            (.failure(.timedOut), 5, false), (.alias(to: "x"), 5, true),
        ])
    func keeps(outcome: Finding.Outcome, ttl: UInt32, isKept: Bool) {
        var cache = AnswerCache(entriesMax: 10)
        cache.store(Finding(outcome: outcome, timeToLive: ttl, source: nil), for: question(), now: 0)
        #expect((cache.finding(question(), now: 0) != nil) == isKept)
    }

    @Test("is bounded, in number, time and size of answers; the least recently used leaves first")
    func isBounded() {
        var cache = AnswerCache(entriesMax: 3)
        for number in 0..<3 { cache.store(answer(ttl: 60), for: question(number), now: 0) }
        _ = cache.finding(question(0), now: 0)
        for number in 3..<5 { cache.store(answer(ttl: 60), for: question(number), now: 0) }
        #expect((0..<5).filter { cache.finding(question($0), now: 0) != nil } == [0, 3, 4])
        for number in 0..<1_000 { cache.store(answer(ttl: 60), for: question(number % 7), now: 0) }
        #expect(cache.count == 3)
        cache.store(answer(ttl: 9_999_999), for: question(), now: 0)
        #expect(left(cache.finding(question(), now: 0)) == 86_400)
        let many = Finding.local(
            (0..<300).map { .a(IPAddress(v4: $0)) }, owner: "n", timeToLive: 60, .hosts)
        cache.store(many, for: question(99), now: 0)
        #expect(cache.finding(question(99), now: 0) == nil)
    }

    @Test("answers without a query, and says so; denials too")
    func answers() async throws {
        let rig = try Rig("web.test. 60 A 192.0.2.1") { $0.cacheEntriesMax = 100 }
        for _ in 0..<3 {
            #expect(await rig.addresses("web.test.", .v4) == "192.0.2.1")
            #expect(await rig.addresses("none.test.", .v4) == "NXDOMAIN")
            #expect(await rig.addresses("web.test.", .v6) == "NODATA")
        }
        #expect(rig.asked == ["web.test. A", "none.test. A", "web.test. AAAA"])
        #expect(try await rig.resolver.addresses(of: "WEB.test.", .v4).source == .cache)
    }

    @Test("is off unless wanted")
    func isOff() async throws {
        let rig = try Rig("web.test. 60 A 192.0.2.1")
        for _ in 0..<3 { #expect(await rig.addresses("web.test.", .v4) == "192.0.2.1") }
        #expect(rig.asked.count == 3)
    }
}
