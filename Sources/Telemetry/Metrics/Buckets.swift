/// How a histogram sorts what it observes: whole numbers of a small unit.
public protocol BucketLayout: Sendable {
    /// Upper bounds, inclusive and ascending, in the unit that is observed; above the last comes +Inf.
    static var upperBounds: [UInt64] { get }
    /// What is observed, and so how bounds and sums are written.
    static var unit: ObservedUnit { get }
    /// The first bucket whose bound is not below `amount`, or the number of bounds.
    static func index(of amount: UInt64) -> Int
}

/// What a histogram observes.
public enum ObservedUnit: Sendable {
    /// Exported in seconds.
    case nanoseconds
    /// Exported as they are.
    case bytes

    func text(_ amount: UInt64) -> String {
        switch self {
        case .nanoseconds: Decimal.seconds(nanoseconds: amount)
        case .bytes: String(amount)
        }
    }
}

extension BucketLayout {
    /// Most layouts are of times.
    public static var unit: ObservedUnit { .nanoseconds }

    /// Finds the bucket by comparing; layouts on the hot path calculate it.
    public static func index(of amount: UInt64) -> Int {
        upperBounds.firstIndex { amount <= $0 } ?? upperBounds.count
    }
}

/// Doubles `n` times from `first`: the bucket is how many bits the amount has left, divided by `first`.
@inlinable @inline(__always)
func doublingIndex(of amount: UInt64, first: UInt64, count: Int) -> Int {
    let whole = (max(amount, 1) &- 1) / first
    return min(UInt64.bitWidth &- whole.leadingZeroBitCount, count)
}

/// Time to answer a query: 0.25 ms doubling up to 8.192 s, observed in nanoseconds.
public enum TimeBuckets: BucketLayout {
    /// Inclusive upper bounds.
    public static let upperBounds: [UInt64] = (0..<16).map { 250_000 << $0 }
    /// Calculates the bucket.
    @inlinable public static func index(of amount: UInt64) -> Int {
        doublingIndex(of: amount, first: 250_000, count: 16)
    }
}

/// Time of the health poll: 0.25 ms by tens up to 2.5 s, observed in nanoseconds.
public enum SlimTimeBuckets: BucketLayout {
    /// Inclusive upper bounds.
    public static let upperBounds: [UInt64] = [250_000, 2_500_000, 25_000_000, 250_000_000, 2_500_000_000]
}

/// Time from a change in the cluster to answers that show it: 1 ms doubling up to 524.288 s, in nanoseconds.
public enum ProgrammingBuckets: BucketLayout {
    /// Inclusive upper bounds.
    public static let upperBounds: [UInt64] = (0..<20).map { 1_000_000 << $0 }
    /// Calculates the bucket.
    @inlinable public static func index(of amount: UInt64) -> Int {
        doublingIndex(of: amount, first: 1_000_000, count: 20)
    }
}

/// Time of a request to the API server: the buckets that Prometheus clients use by default, in nanoseconds.
public enum ClientBuckets: BucketLayout {
    /// Inclusive upper bounds.
    public static let upperBounds: [UInt64] = [
        5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000, 1_000_000_000,
        2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]
}

/// Size of a message, in bytes.
public enum SizeBuckets: BucketLayout {
    /// Inclusive upper bounds.
    public static let upperBounds: [UInt64] = [
        0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16000, 32000, 48000, 64000,
    ]
    /// Bytes.
    public static var unit: ObservedUnit { .bytes }
    /// Calculates the bucket.
    @inlinable public static func index(of amount: UInt64) -> Int {
        if amount <= 400 { return Int(truncatingIfNeeded: (amount &+ 99) / 100) }
        // 511, 1023, 2047 and 4095 are the largest numbers of 9, 10, 11 and 12 bits.
        if amount <= 4095 { return UInt64.bitWidth &- amount.leadingZeroBitCount &- 4 }
        if amount <= 16000 { return amount <= 8291 ? 9 : 10 }
        if amount <= 48000 { return amount <= 32000 ? 11 : 12 }
        return amount <= 64000 ? 13 : 14
    }
}
