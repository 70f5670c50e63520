import Telemetry
import Testing

@Suite("histogram buckets")
struct BucketTests {
    @Test("calculated on the hot path are those that comparing finds")
    func calculated() {
        check(TimeBuckets.self)
        check(ProgrammingBuckets.self)
        check(SizeBuckets.self)
    }

    @Test("of sizes are right for every size of a message")
    func sizes() {
        for size in 0...UInt64(UInt16.max) {
            #expect(SizeBuckets.index(of: size) == slow(SizeBuckets.self, size))
        }
    }

    @Test("have CoreDNS's bounds")
    func bounds() {
        #expect(TimeBuckets.upperBounds.first == 250_000)
        #expect(TimeBuckets.upperBounds.last == 8_192_000_000)
        #expect(TimeBuckets.upperBounds.count == 16)
        #expect(ProgrammingBuckets.upperBounds.first == 1_000_000)
        #expect(ProgrammingBuckets.upperBounds.last == 524_288_000_000)
        #expect(ProgrammingBuckets.upperBounds.count == 20)
        #expect(SlimTimeBuckets.upperBounds == [250_000, 2_500_000, 25_000_000, 250_000_000, 2_500_000_000])
        #expect(SlimTimeBuckets.index(of: 250_001) == 1)
        #expect(ClientBuckets.index(of: 10_000_000_001) == 11)
    }

    private func check<Layout: BucketLayout>(_ layout: Layout.Type) {
        var amounts: [UInt64] = [0, 1, .max]
        for bound in Layout.upperBounds { amounts += [bound, bound + 1] + (bound > 0 ? [bound - 1] : []) }
        for amount in amounts { #expect(Layout.index(of: amount) == slow(layout, amount), "\(layout) \(amount)") }
    }

    private func slow<Layout: BucketLayout>(_ layout: Layout.Type, _ amount: UInt64) -> Int {
        Layout.upperBounds.firstIndex { amount <= $0 } ?? Layout.upperBounds.count
    }
}
