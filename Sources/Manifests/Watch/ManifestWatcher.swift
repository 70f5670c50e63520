import ClusterIndex
public import Dispatch
import Glibc
import Synchronization

/// Reads manifests, and tells what changes when the files do.
///
/// Everything happens on the queue that is given: files are read there, and the handler is called there. Within
/// a directory only what was written, moved or removed is read again.
///
/// Sendable, unchecked: all state belongs to `queue`, except `isStopped`, which is atomic.
public final class ManifestWatcher: @unchecked Sendable {
    /// What the handler is called with.
    public struct Update: Sendable {
        /// To be applied in this order.
        public var changes: [ManifestChange]
        /// Warnings too.
        public var errors: [ManifestError]
        /// Whether all that is known has been told; false where a large set of changes comes in parts.
        public var isComplete: Bool
    }

    /// How long to wait, so that one reading serves several changes, and a file that is being replaced is not missed.
    struct Delays {
        /// After a change, for those that follow it at once.
        var gathering = DispatchTimeInterval.milliseconds(50)
        /// For a file that went away or was made, before it is taken to be gone or complete.
        var doubt = DispatchTimeInterval.milliseconds(250)
        /// Between looks while something cannot be watched.
        var blindness = DispatchTimeInterval.seconds(10)
    }

    private let queue: DispatchQueue
    private let handler: @Sendable (Update) -> Void
    private let delays: Delays
    private var set: ManifestSet
    private var watches = WatchTable()
    private var source: (any DispatchSourceRead)?
    private let isStopped = Atomic(false)

    /// The paths may lead elsewhere than before.
    private var hasTurned = false
    private var changed: Set<String> = []
    /// Files that went away or were made a moment ago.
    private var doubtful: Set<String> = []
    private var isGathering = false
    private var isLookingLater = false

    /// Nothing happens until `start`. The queue must be serial; relative paths are resolved against `base`.
    public convenience init(
        paths: [String], base: String = "", queue: DispatchQueue, handler: @escaping @Sendable (Update) -> Void
    ) {
        self.init(paths: paths, base: base, queue: queue, delays: Delays(), handler: handler)
    }

    init(
        paths: [String], base: String, queue: DispatchQueue, delays: Delays,
        handler: @escaping @Sendable (Update) -> Void
    ) {
        self.queue = queue
        self.handler = handler
        self.delays = delays
        set = ManifestSet(paths: paths, base: base)
    }

    deinit { source?.cancel() }

    /// Reads everything, and watches from then on; the first complete update says that it has been read.
    public func start() {
        queue.async { self.begin() }
    }

    /// Ends it: no call of the handler begins after this. `done` is called on the queue when all is released.
    public func stop(_ done: @escaping @Sendable () -> Void = {}) {
        isStopped.store(true, ordering: .releasing)
        queue.async {
            self.source?.cancel()
            self.source = nil
            self.watches = WatchTable()
            done()
        }
    }

    private func begin() {
        guard !isStopped.load(ordering: .acquiring), source == nil else { return }
        if let inotify = watches.open() {
            let source = DispatchSource.makeReadSource(fileDescriptor: inotify.descriptor, queue: queue)
            source.setEventHandler { [weak self] in self?.receive(inotify) }
            // The descriptor must outlive the source.
            source.setCancelHandler { withExtendedLifetime(inotify) {} }
            source.activate()
            self.source = source
        }
        look(isFirst: true)
    }

    private func receive(_ inotify: Inotify) {
        dispatchPrecondition(condition: .onQueue(queue))
        for event in inotify.read() {
            for effect in watches.effects(of: event) {
                switch effect {
                case .turn: hasTurned = true
                case .change(let path): changed.insert(path)
                case .doubt(let path): doubt(path)
                }
            }
        }
        if hasTurned || !changed.isEmpty { gather() }
    }

    private func gather() {
        guard !isGathering else { return }
        isGathering = true
        queue.asyncAfter(deadline: .now() + delays.gathering) { [weak self] in
            self?.isGathering = false
            self?.look()
        }
    }

    /// Looks at a file again in a while, unless it has been read by then.
    private func doubt(_ path: String) {
        guard doubtful.insert(path).inserted else { return }
        queue.asyncAfter(deadline: .now() + delays.doubt) { [weak self] in
            guard let self, doubtful.remove(path) != nil, !set.isCurrent(path) else { return }
            look(certain: [path])
        }
    }

    /// Reads what changed, and the files that have been doubtful for long enough; tells of it.
    private func look(isFirst: Bool = false, certain: [String] = []) {
        guard !isStopped.load(ordering: .acquiring) else { return }
        var errors: [ManifestError] = []
        var batch = Batch()
        let tell = { (change: ManifestChange) in
            if let changes = batch.add(change) { self.tell(changes, [], isComplete: false) }
        }
        if hasTurned || isFirst {
            hasTurned = false
            errors += watches.follow(set.paths)
            if watches.isBlind { lookLater() }
            errors += set.refresh(tell).errors
        }
        var files = certain
        for path in changed.sorted() {
            // Another may be about to take its place.
            if access(path, F_OK) == 0 { files.append(path) } else { doubt(path) }
        }
        changed.removeAll()
        if !files.isEmpty { errors += set.reload(files: files, tell).errors }
        if isFirst || !batch.changes.isEmpty || !errors.isEmpty { self.tell(batch.changes, errors, isComplete: true) }
    }

    private func tell(_ changes: [ManifestChange], _ errors: [ManifestError], isComplete: Bool) {
        guard !isStopped.load(ordering: .acquiring) else { return }
        handler(Update(changes: changes, errors: errors, isComplete: isComplete))
    }

    /// Where something cannot be watched, it is looked at from time to time.
    private func lookLater() {
        guard !isLookingLater else { return }
        isLookingLater = true
        queue.asyncAfter(deadline: .now() + delays.blindness) { [weak self] in
            guard let self else { return }
            isLookingLater = false
            hasTurned = true
            look()
        }
    }
}

/// Changes for one update, which may be large but not without bound.
private struct Batch {
    private(set) var changes: [ManifestChange] = []
    private var weight = 0

    /// Adds a change; returns those to be told of now when there are enough.
    mutating func add(_ change: ManifestChange) -> [ManifestChange]? {
        changes.append(change)
        weight += 1
        switch change {
        case .upsert(.endpointSlice(let slice)): weight += slice.endpoints.count
        case .upsert(.endpoints(let endpoints)):
            weight += endpoints.subsets.reduce(0) { $0 + $1.ready.count + $1.notReady.count }
        default: break
        }
        guard weight >= Limits.updateWeight else { return nil }
        defer { (changes, weight) = ([], 0) }
        return changes
    }
}
