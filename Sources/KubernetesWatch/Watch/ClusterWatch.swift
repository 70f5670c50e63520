public import ClusterIndex
public import Dispatch
import HTTPClient

/// Watches what is needed of a cluster, through everything that goes wrong with it, and tells an observer what changes.
///
/// Sendable, unchecked: everything belongs to one queue.
public final class ClusterWatch: @unchecked Sendable {
    /// What to watch, and as whom.
    public struct Options: Hashable, Sendable {
        /// Where the API server is.
        public var connection: APIConnection
        /// What is watched, with what the server selects by.
        public var selections: [WatchedResource: Selection]
        /// Says who asks.
        public var userAgent: String

        /// Options.
        public init(connection: APIConnection, selections: [WatchedResource: Selection], userAgent: String) {
            self.connection = connection
            self.selections = selections
            self.userAgent = userAgent
        }
    }

    /// What the server selects objects by.
    public struct Selection: Hashable, Sendable {
        /// `labelSelector` as the API takes it; empty for all.
        public var labels = ""
        /// `fieldSelector` as the API takes it; empty for all.
        public var fields = ""

        /// All objects.
        public init() {}
    }

    private let session: WatchSession
    private let watches: [ResourceWatch]

    /// A watch that does nothing yet. The observer is held weakly; `isUntold` says that it knows of no objects, so that
    /// it need not be told which of them are gone when the first list is complete.
    public convenience init(
        _ options: Options, queue: DispatchQueue, observer: any ClusterWatchObserver, isUntold: Bool = false
    ) {
        let transport = NetworkTransport(queue, userAgent: options.userAgent)
        let credentials = Credentials(options.connection.credentials, queue: queue)
        self.init(
            options,
            WatchSession(
                options.connection, queue: queue, observer: observer, transport: transport,
                credentials: credentials, clock: DispatchClock(queue)),
            isUntold: isUntold)
    }

    init(_ options: Options, _ session: WatchSession, isUntold: Bool = false) {
        self.session = session
        // In a fixed order, each by itself: none waits for another.
        watches = WatchedResource.allCases.compactMap { resource in
            options.selections[resource].map { selection in
                ResourceWatch(
                    resource, selection, session, seed: UInt64.random(in: .min ... .max), isUntold: isUntold)
            }
        }
    }

    /// Begins. On the queue.
    public func start() {
        dispatchPrecondition(condition: .onQueue(session.queue))
        watches.forEach { $0.start() }
    }

    /// Ends; the observer hears nothing more. On the queue.
    public func stop() {
        dispatchPrecondition(condition: .onQueue(session.queue))
        guard !session.isStopped else { return }
        watches.forEach { $0.stop() }
        session.stop()
    }
}

/// Is told what becomes of the cluster, on the watch's queue.
public protocol ClusterWatchObserver: AnyObject {
    /// An object is there, or has changed. `isInitial` while a list that began from nothing is under way.
    func upsert(_ object: ClusterObject, isInitial: Bool)
    /// An object is gone.
    func delete(_ kind: ObjectKind, _ key: ObjectKey)
    /// A new list of a resource is complete: what is not in it was deleted while nobody watched. Not told where that
    /// can be nothing.
    func retainOnly(_ kind: ObjectKind, _ keys: Set<ObjectKey>)
    /// What one read brought has been told: a good moment to publish. Comes after every call of the above.
    func settled()
    /// Something happened to the watch of a resource.
    func report(_ resource: WatchedResource, _ report: WatchReport)
}

/// What happens to the watch of one resource, for logs and metrics.
public enum WatchReport: Hashable, Sendable {
    /// The first list since the start is complete: everything that there is has been told.
    case synced
    /// A list began, whatever the reason.
    case relisting
    /// A stream ended and the next one begins where it stopped.
    case resumed
    /// Something came that proves the resource's state to be fresh: an event, a bookmark, the end of a list.
    case fresh
    /// Back in contact after failures.
    case recovered(failures: Int)
    /// An attempt failed; the next one is made after `retry`. The sentence has no final stop.
    case failed(WatchFailure, retry: Duration)
    /// An object cannot be used; the rest is served.
    case unusable(ObjectKey?, DecodingFault)
    /// A request was answered or failed: `code` is the HTTP status, or 0.
    case requested(verb: String, code: Int, after: Duration)
}

/// Why an attempt failed.
public struct WatchFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of thing went wrong, for metrics and for what to do.
    public enum Kind: String, Sendable, CaseIterable {
        case unreachable, tls, credentials, unauthorized, forbidden, missing, throttled, expired, server, cut, silent
        case garbled
    }

    /// What kind.
    public let kind: Kind
    /// The sentence for an operator.
    public let description: String

    /// A failure.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
