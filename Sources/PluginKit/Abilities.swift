public import DNSMessage
public import EventLoop
public import Telemetry

// What a plugin can do besides answering, each a protocol of one method, found when the block is set up.

/// Has something to do before the sockets open; runs in registry order.
public protocol Starting: AnyObject, Sendable {
    /// Returns when the plugin is ready to serve, or as ready as it will be.
    func start(_ context: StartContext) throws(StartError)
}

/// Has something to do or to say once the configuration serves.
public protocol Serving: AnyObject, Sendable {
    /// Called once, when every plugin has started and the sockets are open.
    func serving(_ context: StartContext)
}

/// Wants time between SIGTERM and the end, in which everything is still answered.
public protocol Draining: AnyObject, Sendable {
    /// Called once; the longest wish counts. The end comes sooner if nobody asks any more.
    func drain() -> Duration
}

/// Has something to close at the end.
public protocol Stopping: AnyObject, Sendable {
    /// Called once. After a reload the chain has no new queries, but some may still be parked: they must come to their
    /// end, and what they need must stay.
    func stop()
}

/// Takes part in `/ready`.
public protocol ReadinessReporting: AnyObject, Sendable {
    /// The name in the list of those that are not ready.
    var readinessName: String { get }
    /// Whether queries can be answered.
    var isReady: Bool { get }
}

/// Answers questions of classes other than IN.
public protocol ForeignClassAnswering: AnyObject, Sendable {}

/// Counts queries that the server refused before any chain.
public protocol RefusalObserving: AnyObject, Sendable {
    /// Called on the worker's queue with the response complete.
    func onRefusal(_ query: inout Query)
}

/// Keeps something for each worker that is to be handed on when the worker has nothing to do.
public protocol IdleObserving: AnyObject, Sendable {
    /// Called on the worker's queue.
    func workerIsIdle(_ worker: WorkerSlot)
}

/// Decides which queries its server block takes, among blocks of one zone on one listener: `view`.
public protocol QueryFiltering: AnyObject, Sendable {
    /// The name of the view, as metrics tell it.
    var viewName: String { get }
    /// Whether the block takes the query, before any plugin has seen it.
    func accepts(_ query: inout Query) -> Bool
}

/// Answers from what it holds in memory, which costs no more than a cache's own look-up: caches let its answers alone,
/// so that none is out of date.
public protocol AnsweringFromMemory: AnyObject, Sendable {
    /// Zones whose every query it answers itself: none is passed on.
    var ownZones: [Name] { get }
}

/// Wants to know which plugins stand below it.
public protocol NeighbourObserving: AnyObject, Sendable {
    /// Called when the chain is put together, before the start.
    func stands(above links: ArraySlice<Chain.Link>)
}

/// What the whole configuration came to, for plugins that count or watch over others.
public struct StartContext: Sendable {
    /// Workers; `Query.worker` is below this.
    public let workerCount: Int
    /// The workers' loops, by the same number; a plugin that keeps something for each worker touches it on the queue of
    /// the loop only. Empty in tests of a single plugin.
    public let loops: [EventLoop]
    /// `Query.site` is an index into this.
    public let sites: [Site]
    /// The names of the registry in execution order; `Query.responder` is an index into this.
    public let pluginNames: [String]
    /// Everything that takes part in `/ready`, over all blocks.
    public let readiness: [any ReadinessReporting]
    /// Set while another configuration serves, which this one is to replace.
    public let reload: ReloadContext?

    /// A context.
    public init(
        workerCount: Int, loops: [EventLoop] = [], sites: [Site], pluginNames: [String],
        readiness: [any ReadinessReporting], reload: ReloadContext? = nil
    ) {
        self.workerCount = workerCount
        self.loops = loops
        self.sites = sites
        self.pluginNames = pluginNames
        self.readiness = readiness
        self.reload = reload
    }
}

/// A zone on a listener, as metrics name it.
public struct Site: Hashable, Sendable {
    /// `dns://:53`.
    public let server: String
    /// The zone of the server block, or `dropped` for what no chain saw.
    public let zone: String
    /// The name of the block's view; usually empty.
    public let view: String
    /// Which server block, counted from 0; nil for `dropped`.
    public let block: Int?
    /// The plugins in the block's chain, by name.
    public let plugins: [String]

    /// A site.
    public init(server: String, zone: String, view: String = "", block: Int?, plugins: [String] = []) {
        self.server = server
        self.zone = zone
        self.view = view
        self.block = block
        self.plugins = plugins
    }
}

/// A start while another configuration goes on serving.
public struct ReloadContext: Sendable {
    /// Whether nobody wants the new configuration any more, since the process ends; whoever waits should give up.
    public let isCalledOff: @Sendable () -> Bool

    /// A reload that may be called off.
    public init(isCalledOff: @escaping @Sendable () -> Bool) { self.isCalledOff = isCalledOff }
}

/// Why a plugin cannot start, in one sentence for an operator.
public struct StartError: Error, CustomStringConvertible, Sendable {
    /// The sentence, without a final stop.
    public let description: String
    /// Whether what is missing may come by itself, so that another attempt is worth it.
    public let isTemporary: Bool

    /// A reason.
    public init(_ description: String, isTemporary: Bool = false) {
        self.description = description
        self.isTemporary = isTemporary
    }
}
