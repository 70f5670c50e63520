import Dispatch
import Locking
import Logging
import PluginKit
import Telemetry

/// Looks at the Corefile from time to time and asks for a reload when it says something else than what is served.
final class ReloadPart: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: what changes is touched on `queue` only, but for the pace, which is a lock.
    /// How long a change must stand before it is believed: a file may be written in several steps.
    private static let settleMilliseconds = 200

    private let corefile: CorefileContext
    private let metrics: ReloadMetrics
    private let log: Logger
    private let limitedLog: LimitedLogger
    private let queue = DispatchQueue(label: "clusterdns.reload")
    private let pace = Lock<ReloadPace?>(nil)
    private var interval = Duration.zero
    private var watch: DirectoryWatch?
    private var timer = LookTimer()
    private var isStopped = false
    private var isReloading = false
    private var isLookingSoon = false
    /// What was wrong at the last look.
    private var troubled: String?
    /// The first mistake of a Corefile whose mistakes have all been told.
    private var told: String?
    /// What was seen last and may still be about to change.
    private var unsettled: String?
    /// What could not be served; it is not tried again.
    private var failed: String?

    init(_ corefile: CorefileContext, _ metrics: ReloadMetrics, _ sink: LogSink) {
        self.corefile = corefile
        self.metrics = metrics
        log = Logger(plugin: ReloadKind.name, sink: sink)
        limitedLog = LimitedLogger(log)
    }

    /// What one block wants; the shortest interval counts.
    func keep(_ wanted: ReloadPace) {
        pace.withLock { pace in
            if let known = pace, known.interval <= wanted.interval { return }
            pace = wanted
        }
    }

    private func begin(_ keeper: any CorefileKeeping) {
        interval = (pace.withLock { $0 } ?? ReloadPace()).drawn()
        watch = DirectoryWatch(queue) { [weak self] in self?.lookSoon() }
        watch?.follow(keeper.look().directories)
        timer.start(every: interval, on: queue) { [weak self] in self?.look() }
    }

    private func lookSoon() {
        guard !isLookingSoon else { return }
        isLookingSoon = true
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.settleMilliseconds)) { [weak self] in
            self?.isLookingSoon = false
            self?.look()
        }
    }

    private func look() {
        guard !isStopped, !isReloading, let keeper = corefile.keeper else { return }
        let look = keeper.look()
        watch?.follow(look.directories)
        switch look.found {
        case .digest(corefile.digest): (unsettled, failed) = (nil, nil)
        case .digest(let digest): consider(digest, keeper)
        case .broken(let reason): tellMistakes(reason, keeper)
        case .nothing: warn("the Corefile is empty; the last configuration goes on")
        case .unreadable(let reason): log.debug("\(reason)")
        }
    }

    /// Lets a reload fail that cannot but fail: it tells every mistake, once for each Corefile.
    private func tellMistakes(_ first: String, _ keeper: any CorefileKeeping) {
        unsettled = nil
        guard told != first else { return }
        guard troubled == first else {
            troubled = first
            return lookSoon()
        }
        told = first
        log.warning("Corefile parse failed: \(first)")
        isReloading = true
        keeper.reload { [self] outcome in queue.async { [self] in take(outcome) } }
    }

    private func warn(_ text: String) {
        unsettled = nil
        // It may be in the middle of being written: only what still stands at the next look is told.
        guard troubled == text else {
            troubled = text
            return lookSoon()
        }
        limitedLog.log(.warning, key: text, text)
    }

    private func consider(_ digest: String, _ keeper: any CorefileKeeping) {
        (troubled, told) = (nil, nil)
        guard digest != failed else { return }
        guard digest == unsettled else {
            unsettled = digest
            return lookSoon()
        }
        unsettled = nil
        isReloading = true
        keeper.reload { [self] outcome in queue.async { [self] in take(outcome) } }
    }

    private func take(_ outcome: ReloadOutcome) {
        isReloading = false
        switch outcome {
        case .done: break
        case .unreadable(let reason): log.debug("\(reason)")
        case .failed(let reason, let digest):
            failed = digest
            metrics.failures.add()
            log.error("Corefile changed but reload failed: \(reason)")
        case .notYet(let reason):
            metrics.failures.add()
            let text = "Corefile changed but reload failed"
            limitedLog.log(.error, key: text, "\(text): \(reason); it is tried again")
        }
    }
}

extension ReloadPart: Starting, Serving, Stopping {
    func start(_ context: StartContext) throws(StartError) {
        guard let keeper = corefile.keeper else { return }
        queue.async { [self] in
            guard !isStopped else { return }
            begin(keeper)
        }
        guard !keeper.canChange else { return }
        log.warning("a Corefile on standard input cannot change: only what it imports is looked after")
    }

    func serving(_ context: StartContext) {
        log.info("Running configuration SHA512 = \(corefile.digest)")
        guard context.reload != nil else { return }
        metrics.version.removeAll()
        metrics.version.gauge(["sha512", corefile.digest]).value = 1
    }

    func stop() {
        queue.async { [self] in
            isStopped = true
            timer.stop()
            watch = nil
        }
        limitedLog.flush()
    }
}
