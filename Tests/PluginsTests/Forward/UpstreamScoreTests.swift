@testable import Plugins
import Testing

@Suite("scores and orders of upstreams")
struct UpstreamScoreTests {
    private static let millisecond: UInt64 = 1_000_000

    @Test("the p95 lies in the step above 95 of 100 round trips")
    func percentile() {
        var score = UpstreamScore()
        #expect(score.percentile95 == nil)
        for index in 0..<200 {
            score.record(roundTrip: (index % 25 == 0 ? 80 : 4) * Self.millisecond, at: UInt64(index))
        }
        let p95 = score.percentile95 ?? 0
        #expect(p95 >= 4 * Self.millisecond && p95 <= 6 * Self.millisecond)
        for index in 0..<200 {
            score.record(roundTrip: (index % 5 == 0 ? 80 : 4) * Self.millisecond, at: UInt64(index))
        }
        let later = score.percentile95 ?? 0
        #expect(later >= 80 * Self.millisecond && later <= 120 * Self.millisecond)
    }

    @Test("takes any round trip", arguments: [0, 1, 1 << 14, 1 << 34, 1 << 40, UInt64.max / 4])
    func extremes(_ time: UInt64) {
        var histogram = RoundTripHistogram()
        for _ in 0..<1_000 { histogram.record(time) }
        #expect(histogram.percentile95 > 0)
    }

    @Test("two failures in a row make an upstream sick, replies and time make it well")
    func sickness() {
        var score = UpstreamScore()
        score.recordFailure(at: 1)
        #expect(!score.isSick(at: 1))
        score.recordFailure(at: 2)
        #expect(score.isSick(at: 2))
        #expect(!score.isSick(at: 6_000_000_000))
        score.record(roundTrip: 1, at: 3)
        #expect(!score.isSick(at: 3))
    }

    @Test("asks again after twice the usual, within bounds")
    func retryDelay() {
        var score = UpstreamScore()
        #expect(score.retryDelay == ForwardLimits.retryDelayUnknown)
        score.record(roundTrip: Self.millisecond, at: 1)
        #expect(score.retryDelay == ForwardLimits.retryDelayMin)
        for index in 0..<100 { score.record(roundTrip: 5_000 * Self.millisecond, at: UInt64(index)) }
        #expect(score.retryDelay == ForwardLimits.retryDelayMax)
    }

    @Test("hedges a tenth of all queries, and a few saved up")
    func hedgeBudget() {
        var budget = HedgeBudget()
        var granted = 0
        for _ in 0..<1_000 {
            budget.earn()
            if budget.spend() { granted += 1 }
        }
        #expect((100...120).contains(granted))
    }

    @Test("each policy has its order", arguments: ForwardOptions.Policy.allCases)
    func orders(_ policy: ForwardOptions.Policy) {
        var order = UpstreamOrder(policy, seed: 4711)
        var firsts: [Int: Int] = [:]
        var list: [Int] = []
        for _ in 0..<300 {
            #expect(order.arrange(&list, 3) { _ in .good })
            #expect(list.sorted() == [0, 1, 2])
            firsts[list[0], default: 0] += 1
        }
        switch policy {
        case .sequential: #expect(firsts == [0: 300])
        case .roundRobin: #expect(firsts == [0: 100, 1: 100, 2: 100])
        case .random: #expect(firsts.values.allSatisfy { $0 > 60 })
        }
    }

    @Test(
        "upstreams in poor standing come last, those down or in quarantine not at all",
        arguments: [
            ([UpstreamStanding.poor, .good, .good], [1, 2, 0], true), ([.down, .good, .poor], [1, 2], true),
            ([.down, .poor, .quarantined], [1], true), ([.down, .quarantined, .quarantined], [0], false),
            ([.quarantined, .quarantined, .quarantined], [], true),
        ])
    func sorts(_ standings: [UpstreamStanding], _ expected: [Int], _ isAlive: Bool) {
        var order = UpstreamOrder(.sequential, seed: 1)
        var list: [Int] = []
        #expect(order.arrange(&list, 3) { standings[$0] } == isAlive)
        #expect(list == expected)
    }
}
