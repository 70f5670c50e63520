import ClusterIndex
import Dispatch
import Glibc
import KubernetesWatch
import Manifests
import Synchronization

/// Feeds the index of a directory, and tells subscribers what becomes of their services.
///
/// Sendable, unchecked: all that changes belongs to `queue`, but for the board and the counter, which are a lock and an
/// atomic.
final class DirectoryFeed: @unchecked Sendable {
    private enum Source {
        case watch(ClusterWatch)
        case manifests(ManifestWatcher)
    }

    /// How waiting for the first objects ended.
    enum Sync: Hashable { case done, timedOut }

    /// Until what has arrived is shown while something is still missing: half of the objects help nobody, but an API
    /// server that sends them slowly, or not all of them, should be worth something.
    private static let firstPublishMilliseconds = 250

    let board: DirectoryBoard
    private let queue = DispatchQueue(label: "clusterdns.directory", qos: .userInitiated)
    private let lastID = Atomic<UInt64>(0)
    private var source: Source?
    private var draft: IndexDraft
    private var unsynced: Set<WatchedResource>
    private var isPublishingLater = false
    private var topics = EndpointTopics()
    private var waiting: [UInt64: Mailbox<Sync>] = [:]

    init(_ source: DirectorySource, _ options: IndexOptions) throws(DirectoryError) {
        switch source.kind {
        case .server(let connect):
            let connection: APIConnection
            do {
                connection = try connect()
            } catch {
                throw .noConnection(error.mistakes + source.advice)
            }
            let selections = ClusterWatch.selections(for: options)
            unsynced = Set(selections.keys)
            draft = IndexDraft(options: options.afterSelection)
            board = DirectoryBoard(draft.index.options, missing: unsynced)
            let options = ClusterWatch.Options(
                connection: connection, selections: selections, userAgent: "clusterdns-directory")
            let watch = ClusterWatch(options, queue: queue, observer: self, isUntold: true)
            self.source = .watch(watch)
            queue.async { watch.start() }
        case .manifests(let paths):
            unsynced = []
            draft = IndexDraft(options: options)
            board = DirectoryBoard(options, missing: [])
            let watcher = ManifestWatcher(paths: paths, queue: queue) { [weak self] in self?.take($0) }
            self.source = .manifests(watcher)
            watcher.start()
        }
    }

    /// Ends it. Whoever looks names up hears so at once, whoever waits soon.
    func close() {
        board.close()
        queue.async { [self] in
            switch source {
            case .watch(let watch): watch.stop()
            case .manifests(let watcher): watcher.stop()
            case nil: break
            }
            source = nil
            topics.endAll()
            for mailbox in waiting.values { mailbox.end() }
            waiting = [:]
            draft = IndexDraft(options: draft.index.options)
        }
    }

    // MARK: Who waits

    /// Waits until everything has arrived; nil after the end, and if the task is cancelled.
    func waitForSync(_ timeout: Duration) async -> Sync? {
        if board.isSynced { return board.isClosed ? nil : .done }
        let mailbox = Mailbox<Sync>()
        let id = lastID.add(1, ordering: .relaxed).newValue
        queue.async { [self] in
            if board.isClosed { return mailbox.end() }
            if board.isSynced { return mailbox.put(.done) }
            waiting[id] = mailbox
            queue.asyncAfter(deadline: .now() + timeout / .seconds(1)) { [weak mailbox] in mailbox?.put(.timedOut) }
        }
        let sync = await mailbox.next()
        queue.async { [self] in waiting[id] = nil }
        return sync
    }

    /// From now on the mailbox hears of the topic; returns by what to end that.
    func subscribe(_ mailbox: Mailbox<EndpointNews>, to topic: EndpointTopic) -> UInt64 {
        let id = lastID.add(1, ordering: .relaxed).newValue
        queue.async { [self] in
            guard let newest = board.newest else { return mailbox.end() }
            topics.add(mailbox, id, to: topic, in: newest.isComplete ? newest.index : nil)
        }
        return id
    }

    /// The subscription's iterator is gone.
    func unsubscribe(_ id: UInt64, from topic: EndpointTopic) {
        queue.async { [self] in topics.remove(id, from: topic) }
    }

    // MARK: Publishing

    private func publish() {
        guard !board.isClosed,
            let generation = draft.nextGeneration(at: UInt32(truncatingIfNeeded: time(nil)))
        else { return }
        board.publish(generation)
        if board.isSynced { topics.tell(generation) }
    }

    private func publishLater() {
        guard !isPublishingLater else { return }
        isPublishingLater = true
        queue.asyncAfter(deadline: .now() + .milliseconds(Self.firstPublishMilliseconds)) { [weak self] in
            self?.isPublishingLater = false
            self?.publish()
        }
    }

    /// Everything has arrived.
    private func markSynced() {
        guard !board.isSynced, !board.isClosed else { return }
        publish()
        board.markSynced()
        topics.touchAll()
        topics.tell(draft.index)
        for mailbox in waiting.values { mailbox.put(.done) }
    }
}

// MARK: - From an API server

extension DirectoryFeed: ClusterWatchObserver {
    func upsert(_ object: ClusterObject, isInitial: Bool) { enter(object) }

    func delete(_ kind: ObjectKind, _ key: ObjectKey) {
        touch(kind, key)
        draft.delete(kind, key)
    }

    func retainOnly(_ kind: ObjectKind, _ keys: Set<ObjectKey>) {
        draft.retainOnly(kind, keys)
        topics.touchAll()
    }

    func settled() {
        guard board.isSynced || unsynced.isEmpty else { return publishLater() }
        publish()
        if unsynced.isEmpty { markSynced() }
    }

    func report(_ resource: WatchedResource, _ report: WatchReport) {
        board.note(resource, report)
        guard report == .synced else { return }
        unsynced.remove(resource)
        if unsynced.isEmpty { settled() }
    }

    private func enter(_ object: ClusterObject) {
        touch(object.kind, object.key)
        draft.upsert(object)
        if case .endpointSlice(let slice) = object {
            topics.touch(ObjectKey(namespace: slice.key.namespace, name: slice.serviceName))
        }
    }

    /// Notes whose endpoints an object is about, as it was known so far.
    private func touch(_ kind: ObjectKind, _ key: ObjectKey) {
        guard !topics.isEmpty else { return }
        switch kind {
        case .namespace: topics.touch(namespace: key.name)
        // An Endpoints object has the name of its service.
        case .service, .endpoints: topics.touch(key)
        case .endpointSlice: if let service = draft.index.service(ofSlice: key) { topics.touch(service) }
        case .pod, .serviceImport: break
        }
    }
}

// MARK: - From manifests

extension DirectoryFeed {
    private func take(_ update: ManifestWatcher.Update) {
        for change in update.changes {
            switch change {
            case .upsert(let object): enter(object)
            case .delete(let kind, let key): delete(kind, key)
            }
        }
        if update.isComplete {
            board.setManifestMistakes(update.errors.filter { $0.severity == .error }.map(\.description))
        }
        publish()
        if update.isComplete { markSynced() }
    }
}
