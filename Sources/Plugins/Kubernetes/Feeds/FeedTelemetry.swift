import ClusterIndex
import Corefile
import Glibc
import KubernetesWatch
import Logging
import Telemetry

/// What operators learn of a feed: its lines in the log, and its metrics.
final class FeedTelemetry {
    let log: Logger
    private let limited: LimitedLogger
    private let metrics: WatchMetrics
    private let server: String
    private var began: UInt64 = 0
    private var synced: Set<WatchedResource> = []

    init(_ options: ClusterWatch.Options, metrics registry: MetricsRegistry, sink: LogSink) {
        server = options.connection.server
        log = Logger(plugin: KubernetesKind.name, sink: sink)
        limited = LimitedLogger(log, linesMax: 2)
        metrics = WatchMetrics(registry, host: WatchMetrics.host(of: server), Array(options.selections.keys))
    }

    func begin() {
        began = MonotonicClock.nowNanoseconds()
        synced = []
        metrics.begin()
    }

    /// What is answered for now is so old.
    func noteSnapshot(_ age: Duration) {
        synced = metrics.noteSnapshot(age)
    }

    func end() {
        metrics.end()
        limited.flush()
    }

    /// Everything has arrived for the first time.
    func reportSync() {
        let took = Duration.nanoseconds(MonotonicClock.nowNanoseconds() &- began)
        log.info("in sync with \(server) after \(GoDuration.text(took.inMilliseconds))")
    }

    func note(_ resource: WatchedResource, _ report: WatchReport) {
        switch report {
        case .synced: synced.insert(resource)
        case .relisting:
            if synced.contains(resource) {
                limited.log(.info, key: "listing \(resource.rawValue) anew", "listing \(resource.rawValue) anew")
            }
        case .resumed, .fresh, .requested: break
        case .recovered(let failures):
            let attempts = failures == 1 ? "1 failed attempt" : "\(failures) failed attempts"
            limited.log(
                .info, key: "\(resource.rawValue) back", "\(resource.rawValue): watching again after \(attempts)")
        case .failed(let failure, let retry): reportFailure(resource, failure, retry)
        case .unusable(let key, let fault):
            let object = key.map { "\(resource.kind.rawValue) \($0)" } ?? "an object of \(resource.rawValue)"
            limited.log(
                .warning, key: "unusable \(resource.rawValue)", "\(object) is left out, the rest is served: \(fault)")
        }
        metrics.note(resource, report)
    }

    private func reportFailure(_ resource: WatchedResource, _ failure: WatchFailure, _ retry: Duration) {
        let age =
            synced.contains(resource)
            ? "; answering what was known \(GoDuration.text(metrics.age(resource).inSeconds)) ago" : ""
        let next = retry == .zero ? "trying again" : "trying again in \(GoDuration.text(retry.inMilliseconds))"
        limited.log(
            failure.kind.level, key: "cannot watch \(resource.rawValue) (\(failure.kind.rawValue))",
            "cannot watch \(resource.rawValue): \(failure); \(next)\(age)")
    }

    /// How long it took from a change of endpoints to the answers that show it.
    func observeProgramming(_ service: IndexChange.ProgrammedService, since triggerTime: String) {
        guard !triggerTime.isEmpty, let trigger = RFC3339.seconds(triggerTime) else { return }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let seconds = Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 - trigger
        metrics.observeProgramming(service, seconds: max(0, seconds))
    }
}

extension WatchFailure.Kind {
    /// What belongs to the life of a watch is told; what passes by itself is a warning; what wants an operator is an
    /// error.
    fileprivate var level: Logger.Level {
        switch self {
        case .expired: .info
        case .unreachable, .throttled, .server, .cut, .silent: .warning
        case .tls, .credentials, .unauthorized, .forbidden, .missing, .garbled: .error
        }
    }
}

extension Duration {
    /// Without what nobody reads.
    fileprivate var inMilliseconds: Duration { rounded(to: .milliseconds(1)) }
    fileprivate var inSeconds: Duration { rounded(to: .seconds(1)) }

    private func rounded(to unit: Duration) -> Duration { unit * Int((self / unit).rounded()) }
}
