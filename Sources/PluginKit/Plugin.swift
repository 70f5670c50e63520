public import DNSMessage

/// A link of a server block's chain: answers queries, works on responses, or both. The hooks run on the worker's queue,
/// never wait, and may run on all workers at once: what a plugin remembers is immutable or sharded by `query.worker`.
public protocol Plugin: AnyObject, Sendable {}

/// Has a hook on the way down.
public protocol QueryHandling: Plugin {
    /// Answers the query, changes it, or passes it on.
    func onQuery(_ query: inout Query) -> Verdict
}

/// Has a hook on the way back up.
public protocol ResponseHandling: Plugin {
    /// Called when a plugin further in answered, or this one itself.
    func onResponse(_ query: inout Query)
}

/// Has a hook on the way back up that may send the query down again.
public protocol ResponseReviewing: Plugin {
    /// Called like `onResponse`, in its place.
    func review(_ query: inout Query) -> Review
}

/// What a plugin thinks of a response.
public enum Review: Sendable {
    /// It goes on up.
    case keep
    /// `query.question` is asked again, from the next plugin on; the response starts afresh. What is asked again and
    /// again ends with SERVFAIL.
    case askAgain
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
    /// The answer comes later: somebody holds `query.parked()` and resumes it.
    case park
    /// No reply at all.
    case drop
}

/// How a query fared in the chain of a block.
public enum ChainOutcome: Sendable {
    case reply
    case follow
    case park
    case drop
}
