import AdminHTTP
import Corefile
import Dispatch
import Logging
import PluginKit
import Synchronization
import Telemetry

/// Answers `/health` and asks itself once a second.
final class HealthPart: Sendable {
    private static let pollMilliseconds = 1000
    private static let pollMillisecondsMax = 3000
    /// Slower answers of its own are worth a line.
    private static let slowNanoseconds: UInt64 = 1_000_000_000

    private let path: MountedPath
    private let metrics: HealthMetrics
    private let lameduck: Duration
    private let log: Logger
    private let queue = DispatchQueue(label: "health")
    private let isPolling = Atomic<Bool>(false)

    init(_ path: MountedPath, _ metrics: HealthMetrics, lameduck: Duration, sink: LogSink) {
        self.path = path
        self.metrics = metrics
        self.lameduck = lameduck
        log = Logger(plugin: HealthKind.name, sink: sink)
    }

    /// Where health is told; nil while it is not.
    var listening: ListenAddress? { path.listening }

    private func pollLater() {
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.pollMilliseconds)) { [weak self] in self?.poll() }
    }

    private func poll() {
        guard isPolling.load(ordering: .relaxed), let address = path.listening else { return }
        let start = MonotonicClock.nowNanoseconds()
        let status = Probe.status(of: "/health", at: address, withinMilliseconds: Self.pollMillisecondsMax)
        let nanoseconds = MonotonicClock.nowNanoseconds() &- start
        // The listener may have been closed meanwhile; that is no failure.
        guard isPolling.load(ordering: .relaxed) else { return }
        if status == 200 { metrics.duration.observe(nanoseconds) } else { metrics.failures.add() }
        if nanoseconds > Self.slowNanoseconds {
            log.warning("the server's own check of \(address) took \(GoDuration.text(.nanoseconds(nanoseconds)))")
        }
        pollLater()
    }
}

extension HealthPart: Starting, Draining, Stopping {
    func start(_ context: StartContext) throws(StartError) {
        try path.start { _ in HTTPResponse(text: "OK") }
        isPolling.store(true, ordering: .relaxed)
        pollLater()
    }

    func drain() -> Duration {
        if lameduck > .zero { log.info("Going into lameduck mode for \(GoDuration.text(lameduck))") }
        return lameduck
    }

    func stop() {
        isPolling.store(false, ordering: .relaxed)
        path.stop()
    }
}
