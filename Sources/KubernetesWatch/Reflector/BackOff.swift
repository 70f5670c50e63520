/// How long to wait: longer each time, never the same as others do.
struct BackOff {
    private var random: SplitMix

    init(seed: UInt64) { random = SplitMix(seed) }

    /// Before the attempt after the `count`th failure in a row: twice as long each time, up to `cap`; half of it is
    /// left to chance, so that not everybody comes back at once.
    mutating func delay(_ count: Int, cap: Duration) -> Duration {
        let doublings = min(max(count - 1, 0), ReflectorLimits.doublingsMax)
        let whole = min(ReflectorLimits.retryMin * (1 << doublings), cap)
        return whole * (0.5 + random.fraction() / 2)
    }

    /// A time that the server asked for, or up to a quarter more.
    mutating func stretch(_ duration: Duration) -> Duration { duration * (1 + random.fraction() / 4) }

    mutating func seconds(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
}

/// Numbers by chance, the same ones for the same seed (Steele, Lea and Flood: SplitMix64).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// From 0 to 1.
    mutating func fraction() -> Double { Double.random(in: 0..<1, using: &self) }
}
