import Dispatch

/// Timers of those who look again and again after something outside, such as a file.
enum LookTimer {
    /// Nothing is looked at more often than this.
    private static let intervalMin = Duration.milliseconds(100)

    /// A timer that is not resumed yet.
    static func make(
        every interval: Duration, on queue: DispatchQueue, _ handler: @escaping @Sendable () -> Void
    ) -> any DispatchSourceTimer {
        let timer = DispatchSource.makeTimerSource(queue: queue)
        let (seconds, attoseconds) = max(interval, intervalMin).components
        let nanoseconds = Int(clamping: min(seconds, 1 << 32)) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        timer.schedule(
            deadline: .now() + .nanoseconds(nanoseconds), repeating: .nanoseconds(nanoseconds),
            leeway: .milliseconds(50))
        timer.setEventHandler(handler: handler)
        return timer
    }
}
