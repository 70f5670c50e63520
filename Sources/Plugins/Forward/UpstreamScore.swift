/// How an upstream did lately, as one worker saw it. Times in nanoseconds.
struct UpstreamScore {
    /// Smoothed round trip, and how much it varies (RFC 6298 §2).
    private(set) var roundTrip: UInt64 = 0
    private var variation: UInt64 = 0
    private(set) var samples = 0
    /// Of the last few queries; see `errorRate(at:)`.
    private var errors = 0.0
    private var lastHeard: UInt64 = 0
    private var histogram = RoundTripHistogram()

    /// An upstream that fails this often is asked last.
    private static let sickRate = 0.4
    /// Half of the errors is forgotten in this time, so that an upstream gets another chance.
    private static let errorHalfLife: UInt64 = 5_000_000_000
    /// How long a round trip is believed.
    private static let believed: UInt64 = 10_000_000_000

    /// A reply came.
    mutating func record(roundTrip time: UInt64, at now: UInt64) {
        if samples == 0 {
            (roundTrip, variation) = (time, time / 2)
        } else {
            let difference = time > roundTrip ? time - roundTrip : roundTrip - time
            variation = variation - variation / 4 + difference / 4
            roundTrip = roundTrip - roundTrip / 8 + time / 8
        }
        samples += 1
        histogram.record(time)
        errors = errorRate(at: now) * 0.875
        lastHeard = now
    }

    /// No reply came, or none that helps; `weight` 1 is as bad as silence.
    mutating func recordFailure(_ weight: Double = 1, at now: UInt64) {
        let rate = errorRate(at: now)
        errors = rate + (1 - rate) * 0.25 * weight
        lastHeard = now
    }

    /// Between 0 and 1.
    func errorRate(at now: UInt64) -> Double {
        guard errors > 0, now > lastHeard else { return errors }
        let halvings = (now - lastHeard) / Self.errorHalfLife
        return halvings > 32 ? 0 : errors / Double(UInt64(1) << halvings)
    }

    func isSick(at now: UInt64) -> Bool { errorRate(at: now) > Self.sickRate }

    /// Whether it is much slower than the fastest upstream, as far as is known.
    func isSlow(comparedTo best: UInt64, at now: UInt64) -> Bool {
        guard samples > 0, now < lastHeard + Self.believed else { return false }
        return roundTrip > best * 8 + 50_000_000
    }

    /// What 95 of 100 round trips stay below; nil while too few are known.
    var percentile95: UInt64? { samples < ForwardLimits.hedgeSamplesMin ? nil : histogram.percentile95 }

    /// When to ask again after silence.
    var retryDelay: UInt64 {
        guard samples > 0 else { return ForwardLimits.retryDelayUnknown }
        let wait = 2 * (roundTrip + 4 * variation)
        return min(max(wait, ForwardLimits.retryDelayMin), ForwardLimits.retryDelayMax)
    }
}

/// Round trips of the last few hundred replies, in steps of a quarter of a power of two.
struct RoundTripHistogram {
    /// From 2^14 ns, which is 16 µs, to 2^34 ns, which is 17 s.
    private static let firstPower = 14
    private static let stepCount = 80
    /// When so many are counted, all counts are halved: what is long ago counts less.
    private static let countMax = 256

    private var counts = [UInt16](repeating: 0, count: stepCount)
    private var total = 0
    private(set) var percentile95: UInt64 = 0

    mutating func record(_ time: UInt64) {
        counts[Self.step(time)] += 1
        total += 1
        if total >= Self.countMax {
            for index in counts.indices { counts[index] /= 2 }
            total = counts.reduce(0) { $0 + Int($1) }
        }
        if total < 32 || total % 8 == 0 { update() }
    }

    private static func step(_ time: UInt64) -> Int {
        guard time >= 1 << firstPower else { return 0 }
        let power = 63 - time.leadingZeroBitCount
        let quarter = Int(time >> UInt64(power - 2)) & 3
        return min((power - firstPower) * 4 + quarter, stepCount - 1)
    }

    /// The upper end of the step in which the 95th of 100 lies.
    private mutating func update() {
        var rest = total - total * 95 / 100
        var step = Self.stepCount - 1
        while step > 0 {
            rest -= Int(counts[step])
            if rest <= 0 { break }
            step -= 1
        }
        let (power, quarter) = (Self.firstPower + step / 4, UInt64(step % 4))
        percentile95 = (5 + quarter) << UInt64(power - 2)
    }
}

/// How many questions may be asked of two upstreams at once: a share of all, so that an upstream that gets slow under
/// load does not get twice the load.
struct HedgeBudget {
    private var hundredths = 100 * ForwardLimits.hedgesSavedMax / 2

    /// A query was sent.
    mutating func earn() {
        hundredths = min(hundredths + ForwardLimits.hedgesPerHundred, 100 * ForwardLimits.hedgesSavedMax)
    }

    /// Whether one more is allowed.
    mutating func spend() -> Bool {
        guard hundredths >= 100 else { return false }
        hundredths -= 100
        return true
    }
}
