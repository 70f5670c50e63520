import Dispatch

/// The time, and what happens at some time.
protocol WatchClock: AnyObject {
    /// Never goes back.
    var now: Duration { get }
    /// A timer that calls the handler on the session's queue; not set yet.
    func makeTimer(_ handler: @escaping @Sendable () -> Void) -> any WatchTimer
}

/// Fires once each time it is set.
protocol WatchTimer: AnyObject {
    /// Fires after a while, and not when it was set to before.
    func set(after delay: Duration)
    /// Never fires again.
    func cancel()
}

/// The time of the machine.
final class DispatchClock: WatchClock {
    private let queue: DispatchQueue

    init(_ queue: DispatchQueue) { self.queue = queue }

    var now: Duration { .nanoseconds(Int64(DispatchTime.now().uptimeNanoseconds)) }

    func makeTimer(_ handler: @escaping @Sendable () -> Void) -> any WatchTimer { DispatchTimer(queue, handler) }
}

private final class DispatchTimer: WatchTimer {
    private let source: any DispatchSourceTimer

    init(_ queue: DispatchQueue, _ handler: @escaping @Sendable () -> Void) {
        source = DispatchSource.makeTimerSource(queue: queue)
        source.setEventHandler(handler: handler)
        source.activate()
    }

    deinit { source.cancel() }

    func set(after delay: Duration) {
        let nanoseconds = delay.components.seconds * 1_000_000_000 + delay.components.attoseconds / 1_000_000_000
        source.schedule(deadline: .now() + .nanoseconds(Int(nanoseconds)), leeway: .milliseconds(1))
    }

    func cancel() { source.cancel() }
}
