import ClusterIndex
import Glibc
import Locking
import PluginKit
import Synchronization
import Telemetry

/// What is known of one cluster: the index under construction, and the generation of it that all workers read.
final class LiveCluster: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: `draft` is touched on the feeder's queue only; the rest is immutable or atomic.
    /// How workers read the published generation.
    let reader: Published<ClusterIndex>.Reader
    private let published: Published<ClusterIndex>
    /// The slot of whoever reads and is no worker, one at a time.
    private let bystander: Lock<WorkerSlot>
    private let hasSynced = Atomic(false)
    private var draft: IndexDraft

    init(_ options: IndexOptions, workers: Int) {
        draft = IndexDraft(options: options)
        published = Published(draft.index, workers: workers + 1)
        reader = published.reader
        bystander = Lock(WorkerSlot(workers))
    }

    /// A cluster that stays as it is.
    convenience init(showing index: ClusterIndex, isSynced: Bool) {
        self.init(index.options, workers: 1)
        published.publish(index)
        if isSynced { markSynced() }
    }

    /// Whether everything has arrived once; from then on what is known goes on being answered.
    var isSynced: Bool { hasSynced.load(ordering: .acquiring) }

    /// What workers answer from now, for somebody else.
    var generation: ClusterIndex { bystander.withLock { reader.read($0) { $0.pointee } } }

    // MARK: The feeder's side, on its queue

    /// A copy of what has been entered; costs one reference.
    var current: ClusterIndex { draft.index }

    @discardableResult
    func upsert(_ object: ClusterObject) -> IndexChange { draft.upsert(object) }

    func delete(_ kind: ObjectKind, _ key: ObjectKey) { draft.delete(kind, key) }

    func retainOnly(_ kind: ObjectKind, _ keys: Set<ObjectKey>) { draft.retainOnly(kind, keys) }

    /// Shows everybody what has been entered since the last time, all at once.
    func publish() {
        guard let generation = draft.nextGeneration(at: UInt32(truncatingIfNeeded: time(nil))) else { return }
        published.publish(generation)
    }

    /// The serials of a former process, so that they do not go back.
    func setSerials(cluster: UInt32, clusterSet: UInt32) {
        publish()
        draft.setSerials(cluster: cluster, clusterSet: clusterSet)
        published.publish(draft.index)
    }

    /// From now on a name that is not known does not exist.
    func markSynced() { hasSynced.store(true, ordering: .releasing) }

    /// Forgets everything.
    func reset() {
        hasSynced.store(false, ordering: .releasing)
        draft = IndexDraft(options: draft.index.options)
        published.publish(draft.index)
    }
}
