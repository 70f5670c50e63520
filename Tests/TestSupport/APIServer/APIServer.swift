import CLinux
public import ClusterIndex
import Dispatch
public import KubernetesWatch

/// A Kubernetes API server for tests, on plain HTTP/1.1: lists and watches of a store of objects as a real one serves
/// them, recorded streams, and whatever can go wrong, on command.
///
///     let server = try APIServer()
///     server.apply(.namespace(Namespace(name: "prod")))
///     server.inject(.respond(.tooManyRequests(retryAfterSeconds: 1)), into: .watches, times: 2)
///
/// Calls return when their effect has been handed to the system: bytes of an event have been written by then. None of
/// them may be made from within `answer`.
public final class APIServer: Sendable {
    /// What a change came to.
    public struct Change: Hashable, Sendable {
        /// The version of the object, and of the store.
        public let version: UInt64
        /// CLOCK_MONOTONIC right before the first byte of its event was written.
        public let nanoseconds: UInt64
    }

    /// Longest wait for descriptors to be closed at the end, in milliseconds.
    private static let closeMillisecondsMax = 5_000

    /// The port on 127.0.0.1: the same for the server's whole life, restarts and all.
    public let port: UInt16
    let core: ServerCore

    /// Starts a server with an empty store. Port 0 takes any.
    public init(_ behaviour: Behaviour = Behaviour(), port: UInt16 = 0) throws {
        let core = try ServerCore(behaviour, port: port)
        self.core = core
        self.port = core.listener.port
        try core.queue.sync { try core.open() }
    }

    deinit { stop() }

    /// `http://127.0.0.1:PORT`.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Closes every connection and the port. Also happens when the server is let go.
    public func stop() {
        perform { $0.stop() }
        _ = core.descriptors.wait(timeout: .now() + .milliseconds(Self.closeMillisecondsMax))
    }

    /// Does something where the server lives.
    func perform<Result>(_ action: (ServerCore) throws -> Result) rethrows -> Result {
        try core.queue.sync { try action(core) }
    }

    // MARK: Objects

    /// Makes or changes an object. `extras` nil keeps those of the object, or makes some up that are as large as in a
    /// real cluster.
    @discardableResult
    public func apply(_ object: ClusterObject, extras: ObjectExtras? = nil) -> Change {
        perform { $0.publish($0.store.apply(object, extras)) }
    }

    /// Makes or changes objects, one after another.
    public func apply(_ objects: [ClusterObject]) {
        perform { core in
            for object in objects { core.publish(core.store.apply(object, nil)) }
        }
    }

    /// Deletes an object; nil if there is none.
    @discardableResult
    public func delete(_ resource: WatchedResource, _ key: ObjectKey) -> Change? {
        perform { core in core.store.delete(resource, key).map { core.publish($0) } }
    }

    /// Makes the store hold these objects and no others; watches hear of every difference.
    public func replaceAll(with objects: [ClusterObject]) { perform { $0.replaceAll(with: objects) } }

    /// The objects of a resource, in the order of lists.
    public func objects(_ resource: WatchedResource) -> [ClusterObject] {
        perform { $0.store.objects(resource).map(\.object) }
    }

    /// The version of the latest change.
    public var version: UInt64 { perform { $0.store.version } }

    /// Forgets what has changed so far: watches from versions before this one get 410, pages too.
    public func compact() { perform { $0.store.compact() } }

    /// Cuts every watch so that none can go on where it stopped: all that can be done is to list again.
    public func forceRelists() {
        perform { core in
            core.store.expire()
            for exchange in core.watches.values.joined() { exchange.strike(.cut) }
        }
    }

    /// Makes what lists and watches begin with, before anybody asks.
    public func warm(protobuf: Bool = true, json: Bool = false) {
        perform { $0.warm(protobuf: protobuf, json: json) }
    }
}
