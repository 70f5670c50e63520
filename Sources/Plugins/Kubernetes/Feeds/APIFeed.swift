import ClusterIndex
import Dispatch
import KubernetesWatch
import PluginKit
import Synchronization
import Telemetry

/// Feeds an index from an API server. Server blocks that want the same of the same server use one together, and a
/// configuration goes on with what the one before it knew.
///
/// Guard of `@unchecked Sendable`: everything that changes is touched on `queue` only, or is a lock or an atomic.
final class APIFeed: @unchecked Sendable {
    /// What tells one feed from another.
    struct Options: Hashable, Sendable {
        var watch: ClusterWatch.Options
        var index: IndexOptions
        /// Path of the snapshot; nil keeps none.
        var snapshot: String?
    }

    /// Until what has arrived is published while something is still missing: half of the objects help nobody, but a
    /// server that sends them slowly, or not all of them, should be worth something.
    private static let initialPublishMilliseconds = 250

    /// What has arrived.
    let cluster: LiveCluster
    private let options: Options
    private let queue = DispatchQueue(label: "clusterdns.kubernetes", qos: .userInitiated)
    private let telemetry: FeedTelemetry
    private let progress: StartProgress
    private var users = 0
    private var watch: ClusterWatch?
    private var keeper: SnapshotKeeper?
    private var unsynced: Set<WatchedResource> = []
    private var isPublishingLater = false

    init(_ options: Options, metrics: MetricsRegistry, sink: LogSink) {
        self.options = options
        cluster = LiveCluster(options.index, workers: metrics.workers)
        telemetry = FeedTelemetry(options.watch, metrics: metrics, sink: sink)
        progress = StartProgress()
    }

    // MARK: Users

    /// One more block uses the feed; the first makes it begin.
    func begin() {
        queue.async { [self] in
            users += 1
            if users == 1 { beginWatching() }
        }
    }

    /// One block less; the last makes it end, and what it knew is forgotten.
    func end() {
        queue.sync {
            users -= 1
            if users == 0 { endWatching() }
        }
    }

    /// Whether some block uses the feed already.
    var isInUse: Bool { queue.sync { users > 0 } }

    /// Waits until everything has arrived, or a snapshot stands in for it. False if that takes longer than `timeout`,
    /// counted from when the feed began.
    func waitUntilUsable(_ timeout: Duration, unless isCalledOff: (@Sendable () -> Bool)? = nil) -> Bool {
        progress.wait(timeout, unless: isCalledOff, telemetry.log)
    }

    private func beginWatching() {
        unsynced = Set(options.watch.selections.keys)
        progress.begin(waitingFor: unsynced)
        telemetry.begin()
        var isUntold = true
        if let path = options.snapshot {
            let keeper = SnapshotKeeper(path, options, of: cluster, queue: queue, log: telemetry.log)
            self.keeper = keeper
            if let age = keeper.load(into: cluster) {
                isUntold = false
                serveSnapshot(age)
            }
        }
        let watch = ClusterWatch(options.watch, queue: queue, observer: self, isUntold: isUntold)
        self.watch = watch
        watch.start()
    }

    /// What was known counts as known.
    private func serveSnapshot(_ age: Duration) {
        cluster.markSynced()
        telemetry.noteSnapshot(age)
        progress.snapshotIsServed()
    }

    private func endWatching() {
        watch?.stop()
        watch = nil
        keeper?.close()
        keeper = nil
        telemetry.end()
        progress.end()
        cluster.reset()
    }
}

extension APIFeed: ClusterWatchObserver {
    func upsert(_ object: ClusterObject, isInitial: Bool) {
        let change = cluster.upsert(object)
        // Slices that were there before us were programmed by somebody else.
        guard !isInitial, let service = change.programmed, case .endpointSlice(let slice) = object else { return }
        telemetry.observeProgramming(service, since: slice.lastChangeTriggerTime)
    }

    func delete(_ kind: ObjectKind, _ key: ObjectKey) { cluster.delete(kind, key) }

    func retainOnly(_ kind: ObjectKind, _ keys: Set<ObjectKey>) { cluster.retainOnly(kind, keys) }

    func settled() {
        guard cluster.isSynced || unsynced.isEmpty else { return publishLater() }
        cluster.publish()
        if unsynced.isEmpty {
            markSynced()
            keeper?.noteChange()
        }
    }

    private func publishLater() {
        guard !isPublishingLater else { return }
        isPublishingLater = true
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.initialPublishMilliseconds)) { [self] in
            isPublishingLater = false
            cluster.publish()
        }
    }

    private func markSynced() {
        if progress.isSynced { return }
        cluster.markSynced()
        telemetry.reportSync()
        progress.synced()
    }

    func report(_ resource: WatchedResource, _ report: WatchReport) {
        switch report {
        case .synced:
            unsynced.remove(resource)
            progress.arrived(resource)
            if unsynced.isEmpty { settled() }
        case .failed: progress.failed()
        case .relisting, .resumed, .fresh, .recovered, .unusable, .requested: break
        }
        telemetry.note(resource, report)
    }
}
