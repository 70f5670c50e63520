public import DNSMessage

/// A link of a server block's chain. Both hooks run on the worker's queue, never wait, and may run on all workers at
/// once: what a plugin remembers is immutable or sharded by `query.worker`.
public protocol Plugin: AnyObject, Sendable {
    /// On the way down: answers the query, changes it, or passes it on.
    func onQuery(_ query: inout Query) -> Verdict

    /// On the way back up, for every plugin that the query passed and for the one that answered.
    func onResponse(_ query: inout Query)
}

extension Plugin {
    /// Passes every query on.
    public func onQuery(_ query: inout Query) -> Verdict { .next }

    /// Leaves every response as it is.
    public func onResponse(_ query: inout Query) {}
}

/// What a plugin decided about a query.
public enum Verdict: Sendable {
    /// Not mine: the next plugin is asked.
    case next
    /// `query.response` holds the answer.
    case reply
    /// `query.response` holds an alias, `query.response.alias` its target: the server resolves it and appends what it
    /// finds.
    case follow
    /// Nothing was written: the reply is this code and the question, not authoritative.
    case fail(ResponseCode)
    /// No reply at all.
    case drop
}

/// How a query fared in the chain of a block.
public enum ChainOutcome: Sendable {
    case reply
    case follow
    case drop
}
