import Dispatch

/// The timer of those who look again and again after something outside, such as a file. On the queue of its owner.
struct LookTimer {
    /// Nothing is looked at more often than this.
    private static let intervalMin = Duration.milliseconds(100)

    private var source: (any DispatchSourceTimer)?

    /// Has `look` called on the queue, for the first time when an interval is over; never if that is zero.
    mutating func start(every interval: Duration, on queue: DispatchQueue, _ look: @escaping @Sendable () -> Void) {
        guard interval > .zero else { return }
        let timer = DispatchSource.makeTimerSource(queue: queue)
        let (seconds, attoseconds) = max(interval, Self.intervalMin).components
        let nanoseconds = Int(clamping: min(seconds, 1 << 32)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        timer.schedule(
            deadline: .now() + .nanoseconds(nanoseconds), repeating: .nanoseconds(nanoseconds),
            leeway: .milliseconds(50))
        timer.setEventHandler(handler: look)
        timer.activate()
        source = timer
    }

    mutating func stop() {
        source?.cancel()
        source = nil
    }
}
