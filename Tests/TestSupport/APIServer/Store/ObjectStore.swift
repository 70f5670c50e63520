import ClusterIndex
import KubernetesWatch

/// What happened to one object.
struct StoreChange {
    let version: UInt64
    let resource: WatchedResource
    /// Before; nil for a new one.
    let old: StoredObject?
    /// After; nil for a deleted one.
    let new: StoredObject?
}

/// The objects of a cluster, and what happened to them lately. Belongs to the queue of its server.
final class ObjectStore {
    /// The version of the latest change, of whatever resource.
    private(set) var version: UInt64 = 1_000
    /// The version that the history reaches back to: a watch may start here, and not before.
    private(set) var floor: UInt64 = 1_000
    private var collections: [WatchedResource: Collection] = [:]
    private var history: [StoreChange] = []
    /// Where the history begins in `history`.
    private var historyStart = 0
    private let historyMax: Int
    private var lastUID: UInt64 = 0
    private var snapshots: [SnapshotKey: [StoredObject]] = [:]
    private static let snapshotsMax = 8

    private struct SnapshotKey: Hashable {
        let resource: WatchedResource
        let version: UInt64
    }

    init(historyMax: Int) { self.historyMax = historyMax }

    // MARK: Changes

    func apply(_ object: ClusterObject, _ extras: ObjectExtras?) -> StoreChange {
        guard let resource = WatchedResource.of(object.kind) else {
            preconditionFailure("objects of kind \(object.kind.rawValue) are not served")
        }
        let old = collections[resource]?.objects[object.key.description]
        version += 1
        var extras = extras ?? old.map(\.extras) ?? .ballast(for: object)
        if extras.uid.isEmpty { extras.uid = old?.extras.uid ?? makeUID() }
        let new = StoredObject(object, extras, version: version)
        collections[resource, default: Collection()].insert(new)
        return remember(StoreChange(version: version, resource: resource, old: old, new: new))
    }

    func delete(_ resource: WatchedResource, _ key: ObjectKey) -> StoreChange? {
        guard let old = collections[resource]?.remove(key.description) else { return nil }
        version += 1
        return remember(StoreChange(version: version, resource: resource, old: old, new: nil))
    }

    private func makeUID() -> String {
        lastUID += 1
        return ObjectExtras.uid(0xC1D5, lastUID)
    }

    private func remember(_ change: StoreChange) -> StoreChange {
        history.append(change)
        if history.count - historyStart > historyMax {
            floor = history[historyStart].version
            historyStart += 1
        }
        // The dead half goes at once, so that it costs little for each change.
        if historyStart > historyMax { dropDead() }
        return change
    }

    private func dropDead() {
        history.removeFirst(historyStart)
        historyStart = 0
    }

    /// Forgets what happened: older versions are gone, as after a compaction of etcd and a new watch cache.
    func compact() {
        (history, historyStart) = ([], 0)
        floor = version
        snapshots = [:]
    }

    /// The same, and something has happened since to a resource that nobody here watches.
    func expire() {
        version += 1
        compact()
    }

    // MARK: Reading

    func objects(_ resource: WatchedResource) -> [StoredObject] { collections[resource]?.sorted ?? [] }

    func object(_ resource: WatchedResource, _ key: ObjectKey) -> StoredObject? {
        collections[resource]?.objects[key.description]
    }

    /// What changed after a version, oldest first; not for versions before `floor`.
    func changes(of resource: WatchedResource, after version: UInt64) -> [StoreChange] {
        // Versions rise by one with each change.
        let known = history.count - historyStart
        let wanted = min(known, Int(clamping: self.version - min(version, self.version)))
        return history[(history.count - wanted)...].filter { $0.resource == resource }
    }

    /// The objects as they were at a version, not before `floor`.
    func objects(_ resource: WatchedResource, at version: UInt64) -> [StoredObject] {
        if version >= self.version { return objects(resource) }
        let key = SnapshotKey(resource: resource, version: version)
        if let known = snapshots[key] { return known }
        var past = collections[resource] ?? Collection()
        for change in changes(of: resource, after: version).reversed() {
            if let old = change.old {
                past.insert(old)
            } else if let new = change.new {
                _ = past.remove(new.path)
            }
        }
        if snapshots.count >= Self.snapshotsMax { snapshots = [:] }
        snapshots[key] = past.sorted
        return past.sorted
    }
}

/// The objects of one resource.
private struct Collection {
    private(set) var objects: [String: StoredObject] = [:]
    /// Paths in byte order, which is the order of lists.
    private var order: [String] = []
    private var list: [StoredObject]?

    mutating func insert(_ object: StoredObject) {
        list = nil
        guard objects.updateValue(object, forKey: object.path) == nil else { return }
        order.insert(object.path, at: place(of: object.path))
    }

    mutating func remove(_ path: String) -> StoredObject? {
        guard let object = objects.removeValue(forKey: path) else { return nil }
        list = nil
        order.remove(at: place(of: path))
        return object
    }

    private func place(of path: String) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if order[middle] < path { low = middle + 1 } else { high = middle }
        }
        return low
    }

    var sorted: [StoredObject] {
        mutating get {
            if let list { return list }
            let made = order.compactMap { objects[$0] }
            list = made
            return made
        }
    }
}
