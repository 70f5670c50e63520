import CLinux
import ClusterIndex
import Dispatch
import KubernetesWatch

// Everything but what never changes is touched on `queue` only.
/// The server itself, apart from its handle, so that it can be let go anywhere.
final class ServerCore: @unchecked Sendable {
    let queue = DispatchQueue(label: "test.apiserver")
    /// The descriptors of connections, while they are open.
    let descriptors = DispatchGroup()
    let listener: ServerListener
    let store: ObjectStore
    var behaviour: APIServer.Behaviour
    var watches: [WatchedResource: [Exchange]] = [:]
    var faults: [FaultRule] = []
    var recorded: [String: RecordedStream] = [:]
    var answering: ((APIRequest) -> APIServer.Answer?)?
    var requestLog: [APIRequest] = []
    var framedLists: [FramedListKey: FramedList] = [:]
    var timers: [QueueTimer] = []
    private(set) var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var lastConnection = 0

    init(_ behaviour: APIServer.Behaviour, port: UInt16) throws(ClientError) {
        self.behaviour = behaviour
        store = ObjectStore(historyMax: behaviour.historyMax)
        listener = try ServerListener(port: port, queue: queue)
    }

    // MARK: Connections

    func open() throws(ClientError) {
        try listener.open { [weak self] descriptor in self?.accepted(descriptor) }
    }

    private func accepted(_ descriptor: Int32) {
        lastConnection += 1
        let connection = ServerConnection(descriptor, number: lastConnection, queue: queue, group: descriptors)
        connections[ObjectIdentifier(connection)] = connection
        connection.start { [weak self] request, connection in
            self?.handle(request, connection)
        } closed: { [weak self] connection in
            self?.connections[ObjectIdentifier(connection)] = nil
        }
    }

    /// Closes the port and cuts every connection.
    func shutDown(resets: Bool = false) {
        listener.close()
        for connection in connections.values { connection.close(resets: resets) }
    }

    func stop() {
        shutDown()
        (timers, answering) = ([], nil)
    }

    // MARK: Changes

    func replaceAll(with objects: [ClusterObject]) {
        let kept = Set(objects.map { ObjectName($0) })
        for resource in WatchedResource.allCases {
            for stored in store.objects(resource) where !kept.contains(ObjectName(stored.object)) {
                if let change = store.delete(resource, stored.object.key) { publish(change) }
            }
        }
        for object in objects where self.object(object) != object { publish(store.apply(object, nil)) }
    }

    private struct ObjectName: Hashable {
        let kind: ObjectKind
        let key: ObjectKey

        init(_ object: ClusterObject) { (kind, key) = (object.kind, object.key) }
    }

    private func object(_ like: ClusterObject) -> ClusterObject? {
        WatchedResource.of(like.kind).flatMap { store.object($0, like.key)?.object }
    }

    /// Tells the watches of a change.
    @discardableResult
    func publish(_ change: StoreChange) -> APIServer.Change {
        let now = clinux_monotonic_nanoseconds()
        var chunks: [EventKey: Chunk] = [:]
        for exchange in watches[change.resource] ?? [] {
            guard let watch = exchange.watch, let (type, object) = watch.event(change) else { continue }
            let key = EventKey(form: watch.writer.form, type: type)
            let chunk = chunks[key] ?? watch.writer.chunk(type, object)
            chunks[key] = chunk
            exchange.send(chunk)
        }
        return APIServer.Change(version: change.version, nanoseconds: now)
    }

    /// Watches of one form get the same bytes.
    private struct EventKey: Hashable {
        let form: WireForm
        let type: EventType
    }

    func bookmark(_ exchange: Exchange, endsInitialEvents: Bool = false) {
        guard let watch = exchange.watch, watch.allowsBookmarks else { return }
        exchange.send(watch.writer.bookmark(store.version, endsInitialEvents: endsInitialEvents))
    }
}
