public import EventLoop

// How a plugin lets a query wait: it takes `query.parked()`, hands that to whoever will know more, and returns the
// verdict `park`. The query keeps its memory; its worker goes on with others.

/// The way of one query through the server, as a plugin may touch it while the query waits. On the worker's queue.
public protocol QueryWalk: AnyObject {
    /// The worker's loop: where upstream sockets and timers belong.
    var loop: EventLoop { get }
    /// Changes when the query has ended, and when it is resumed.
    var generation: UInt64 { get }
    /// Whether the worker has room for one more query that waits.
    var canPark: Bool { get }
    /// What `ParkedQuery.resume` does.
    func resume(_ generation: UInt64, _ verdict: (inout Query) -> Verdict) -> Bool
    /// What `Query.askInBackground` does.
    func askInBackground(_ query: inout Query)
}

/// A query that waits. On the worker's queue only.
public struct ParkedQuery {
    private let walk: any QueryWalk
    private let generation: UInt64

    init(_ walk: any QueryWalk) {
        self.walk = walk
        generation = walk.generation
    }

    /// Goes on with the query as if the plugin that parked it returned this verdict only now; it may park it again,
    /// with a new `parked()`. False, and nothing happens, if the query has ended or was resumed before.
    @discardableResult
    public func resume(_ verdict: (inout Query) -> Verdict) -> Bool { walk.resume(generation, verdict) }

    /// Whether `resume` would do something.
    public var isWaiting: Bool { walk.generation == generation }
}

extension Query {
    /// The query as one that waits; only where `canPark`, and with `park` as the plugin's verdict.
    public func parked() -> ParkedQuery {
        guard let walk else { preconditionFailure("a query without a walk cannot wait; canPark tells") }
        return ParkedQuery(walk)
    }

    /// Whether the worker has room for one more query that waits; a plugin that must wait and cannot, fails.
    public var canPark: Bool { walk?.canPark ?? false }

    /// The loop of the worker that handles the query; nil only in tests of a single plugin.
    public var loop: EventLoop? { walk?.loop }

    /// Sends a copy of the query down the chain from the next plugin on, once this query is done with. What comes back
    /// is shown to the plugins below and, last, to the one that asks; nobody gets a reply. For refreshing a cache.
    public mutating func askInBackground() { walk?.askInBackground(&self) }
}
