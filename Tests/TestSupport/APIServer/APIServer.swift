public import ClusterIndex
import CLinux
import Dispatch
public import KubernetesWatch
import Locking

// Everything but `queue` and `port` is touched on `queue` only.
/// A Kubernetes API server for tests, on plain HTTP/1.1: lists and watches of a store of objects as a real one serves
/// them, recorded streams, and whatever can go wrong, on command.
///
///     let server = try APIServer()
///     server.apply(.namespace(Namespace(name: "prod")))
///     server.inject(.respond(.tooManyRequests(retryAfterSeconds: 1)), into: .watches, times: 2)
///
/// Calls return when their effect has been handed to the system: bytes of an event have been written by then. None of
/// them may be made from within `answer`.
public final class APIServer: @unchecked Sendable {
    /// The port on 127.0.0.1: the same for the server's whole life, restarts and all.
    public let port: UInt16
    let queue = DispatchQueue(label: "test.apiserver")
    var behaviour: Behaviour
    var store: ObjectStore
    var watches: [WatchedResource: [Exchange]] = [:]
    var faults: [FaultRule] = []
    var recorded: [String: RecordedStream] = [:]
    var answering: ((APIRequest) -> Answer?)?
    var requestLog: [APIRequest] = []
    var framedLists: [FramedListKey: FramedList] = [:]
    var connections: [ObjectIdentifier: ServerConnection] = [:]
    var timers: [QueueTimer] = []
    let listener: ServerListener
    private var lastConnection = 0
    private let descriptors = DispatchGroup()
    /// Longest wait for descriptors to be closed at the end, in milliseconds.
    private static let closeMillisecondsMax = 5_000

    /// Starts a server with an empty store. Port 0 takes any.
    public init(_ behaviour: Behaviour = Behaviour(), port: UInt16 = 0) throws {
        self.behaviour = behaviour
        store = ObjectStore(historyMax: behaviour.historyMax)
        listener = try ServerListener(port: port, queue: queue)
        self.port = listener.port
        try queue.sync { try open() }
    }

    deinit { stop() }

    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Closes every connection and the port. Also happens when the server is let go.
    public func stop() {
        queue.sync {
            shutDown()
            (timers, answering) = ([], nil)
        }
        _ = descriptors.wait(timeout: .now() + .milliseconds(Self.closeMillisecondsMax))
    }

    // MARK: Connections

    func open() throws(ClientError) {
        try listener.open { [weak self] descriptor in self?.accepted(descriptor) }
    }

    /// Closes the port and cuts every connection.
    func shutDown(resets: Bool = false) {
        listener.close()
        for connection in connections.values { connection.close(resets: resets) }
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

    // MARK: Objects

    /// What a change came to.
    public struct Change: Sendable {
        /// The version of the object, and of the store.
        public let version: UInt64
        /// CLOCK_MONOTONIC right before the first byte of its event was written.
        public let nanoseconds: UInt64
    }

    /// Makes or changes an object. `extras` nil keeps those of the object, or makes some up that are as large as in a
    /// real cluster.
    @discardableResult
    public func apply(_ object: ClusterObject, extras: ObjectExtras? = nil) -> Change {
        queue.sync { publish(store.apply(object, extras)) }
    }

    /// Makes or changes objects, one after another.
    public func apply(_ objects: [ClusterObject]) {
        queue.sync {
            for object in objects { publish(store.apply(object, nil)) }
        }
    }

    /// Deletes an object; nil if there is none.
    @discardableResult
    public func delete(_ resource: WatchedResource, _ key: ObjectKey) -> Change? {
        queue.sync { store.delete(resource, key).map { publish($0) } }
    }

    /// Makes the store hold these objects and no others; watches hear of every difference.
    public func replaceAll(with objects: [ClusterObject]) {
        queue.sync {
            let kept = Set(objects.map { ObjectName($0) })
            for resource in WatchedResource.allCases {
                for stored in store.objects(resource) where !kept.contains(ObjectName(stored.object)) {
                    store.delete(resource, stored.object.key).map { _ = publish($0) }
                }
            }
            for object in objects where self.object(object) != object { publish(store.apply(object, nil)) }
        }
    }

    private func object(_ like: ClusterObject) -> ClusterObject? {
        WatchedResource.of(like.kind).flatMap { store.object($0, like.key)?.object }
    }

    /// The objects of a resource, in the order of lists.
    public func objects(_ resource: WatchedResource) -> [ClusterObject] {
        queue.sync { store.objects(resource).map(\.object) }
    }

    /// The version of the latest change.
    public var version: UInt64 { queue.sync { store.version } }

    /// Forgets what has changed so far: watches from versions before this one get 410, pages too.
    public func compact() { queue.sync { store.compact() } }

    /// Cuts every watch so that none can go on where it stopped: all that can be done is to list again.
    public func forceRelists() {
        queue.sync {
            store.expire()
            for exchange in watches.values.joined() { exchange.strike(.cut) }
        }
    }

    @discardableResult
    private func publish(_ change: StoreChange) -> Change {
        let now = clinux_monotonic_nanoseconds()
        var chunks: [EventKey: Chunk] = [:]
        for exchange in watches[change.resource] ?? [] {
            guard let watch = exchange.watch, let (type, object) = watch.event(change) else { continue }
            let key = EventKey(form: watch.writer.form, type: type)
            let chunk = chunks[key] ?? watch.writer.chunk(type, object)
            chunks[key] = chunk
            exchange.send(chunk)
        }
        return Change(version: change.version, nanoseconds: now)
    }

    /// Watches of one form get the same bytes.
    private struct EventKey: Hashable {
        let form: WireForm
        let type: EventType
    }

    private struct ObjectName: Hashable {
        let kind: ObjectKind
        let key: ObjectKey

        init(_ object: ClusterObject) { (kind, key) = (object.kind, object.key) }
    }
}
