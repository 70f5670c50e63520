@testable import KubernetesWatch

/// Time that passes when the test says so.
final class VirtualClock: WatchClock {
    private(set) var now = Duration.seconds(1_000)
    private var events: [(at: Duration, number: Int, action: () -> Void)] = []
    private var count = 0

    /// Does something after a while; what is due at one moment is done in the order of these calls.
    func after(_ delay: Duration, _ action: @escaping () -> Void) {
        count += 1
        events.append((now + delay, count, action))
    }

    /// Lets time pass, and does what is due.
    func pass(_ duration: Duration) {
        let end = now + duration
        while let next = events.indices.min(by: {
            (events[$0].at, events[$0].number) < (events[$1].at, events[$1].number)
        }),
            events[next].at <= end
        {
            let event = events.remove(at: next)
            now = max(now, event.at)
            event.action()
        }
        now = end
    }

    func makeTimer(_ handler: @escaping @Sendable () -> Void) -> any WatchTimer { VirtualTimer(self, handler) }
}

private final class VirtualTimer: WatchTimer {
    private let clock: VirtualClock
    private let handler: () -> Void
    /// Which of the times that it was set to counts.
    private var turn = 0

    init(_ clock: VirtualClock, _ handler: @escaping () -> Void) {
        self.clock = clock
        self.handler = handler
    }

    func set(after delay: Duration) {
        turn += 1
        let turn = turn
        clock.after(delay) { [weak self] in
            if let self, self.turn == turn { self.handler() }
        }
    }

    func cancel() { turn += 1 }
}
