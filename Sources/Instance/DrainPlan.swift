public import Server

/// How long a server that was told to end goes on answering: until nobody asks any more, and not for ever.
///
/// CoreDNS waits out `lameduck`, whoever asks; without it, it ends at once, and what is under way is lost.
public struct DrainPlan: Equatable, Sendable {
    /// Between looks at the sockets, in milliseconds.
    public static let lookMilliseconds = 20
    /// Without `lameduck`: long enough for what is under way.
    static let graceByDefault = Duration.seconds(1)
    static let silenceByDefault = Duration.milliseconds(100)
    /// With `lameduck`: nobody asks any more after so long without a query.
    static let silenceMax = Duration.seconds(1)
    /// Beyond the grace period for queries that wait for an answer from elsewhere, which takes less.
    static let waitingMax = Duration.seconds(5)

    /// Answers go on for so long at least: clients must have time to learn that they should ask elsewhere.
    let minimum: Duration
    /// And for so long at most, however many ask.
    let grace: Duration
    /// Without a query.
    let silence: Duration

    /// A plan for the time that `health` was given; zero stands for none.
    init(lameduck: Duration) {
        let isWanted = lameduck > .zero
        grace = isWanted ? lameduck : Self.graceByDefault
        minimum = isWanted ? lameduck / 2 : .zero
        silence = isWanted ? min(Self.silenceMax, lameduck / 2) : Self.silenceByDefault
    }

    /// Whether clients have had time to learn that they should ask elsewhere; connections may be closed from then on.
    public func isKnown(now: UInt64, since start: UInt64) -> Bool { .nanoseconds(now &- start) >= minimum }

    /// Whether the end has come; times are monotonic, in nanoseconds.
    public func isOver(now: UInt64, since start: UInt64, _ activity: DNSServer.Activity) -> Bool {
        let elapsed = Duration.nanoseconds(now &- start)
        if elapsed >= grace + Self.waitingMax { return true }
        guard activity.waitingCount == 0 else { return false }
        if elapsed >= grace { return true }
        let quiet = Duration.nanoseconds(now &- min(now, max(start, activity.lastQueryAt)))
        return elapsed >= minimum && quiet >= silence
    }
}
