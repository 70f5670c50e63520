import Glibc
import KubernetesWatch
import Locking
import Logging
import Telemetry

/// What a start waits for: that everything has arrived from the API server, or that it is clear that a snapshot must
/// do for now.
final class StartProgress: Sendable {
    fileprivate struct State {
        var began: UInt64 = 0
        var missing: Set<WatchedResource> = []
        var isSynced = false
        var hasSnapshot = false
        var hasFailed = false
    }

    /// A wait is told after this time, and then every so often.
    private static let firstLine = Duration.milliseconds(500)
    private static let nextLine = Duration.seconds(5)
    /// With a snapshot at hand, the server need not wait longer than this for the API server's word.
    private static let snapshotPatience = Duration.seconds(1)
    private static let lookMilliseconds = 5

    private let state = Lock(State())

    var isSynced: Bool { state.withLock { $0.isSynced } }

    func begin(waitingFor resources: Set<WatchedResource>) {
        let now = MonotonicClock.nowNanoseconds()
        state.withLock { $0 = State(began: now, missing: resources) }
    }

    func arrived(_ resource: WatchedResource) { state.withLock { _ = $0.missing.remove(resource) } }

    func synced() { state.withLock { $0.isSynced = true } }

    func snapshotIsServed() { state.withLock { $0.hasSnapshot = true } }

    func failed() { state.withLock { $0.hasFailed = true } }

    /// Nobody uses the feed any more.
    func end() { state.withLock { $0 = State() } }

    /// Whether there is something to answer from before `timeout` is over, or nobody wants it any more.
    func wait(_ timeout: Duration, unless isCalledOff: (@Sendable () -> Bool)?, _ log: Logger) -> Bool {
        var nextLine = Self.firstLine
        while true {
            let state = state.withLock { $0 }
            if state.isSynced { return true }
            if isCalledOff?() == true { return false }
            let waited =
                state.began == 0 ? .zero : Duration.nanoseconds(MonotonicClock.nowNanoseconds() &- state.began)
            if state.hasSnapshot, state.hasFailed || waited >= Self.snapshotPatience { return true }
            if state.began != 0, waited >= timeout { return false }
            if waited >= nextLine {
                log.info("waiting for Kubernetes API before starting server; \(state.missingText)")
                nextLine += Self.nextLine
            }
            usleep(UInt32(Self.lookMilliseconds) * 1000)
        }
    }
}

extension StartProgress.State {
    /// What has not arrived, for the log.
    fileprivate var missingText: String {
        "not here yet: " + missing.map(\.rawValue).sorted().joined(separator: ", ")
    }
}
