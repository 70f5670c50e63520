import DNSMessage

/// The plugins of one server block, in execution order; an array and an index, no closure, task or lock.
public final class Chain: Sendable {
    /// A plugin with its position in the registry.
    public struct Link: Sendable {
        /// The plugin itself.
        public let plugin: any Plugin
        /// Its place in the registry.
        public let position: Int

        /// A link of the chain.
        public init(_ plugin: any Plugin, position: Int) {
            self.plugin = plugin
            self.position = position
        }
    }

    /// Outermost first.
    public let links: [Link]
    /// Whether some plugin answers classes other than IN.
    public let takesForeignClasses: Bool
    /// The plugin that counts refusals from outside of the chain.
    public let refusalObserver: (any RefusalObserving)?
    // Written in `init`, read only afterwards; the chain owns what they point to.
    private nonisolated(unsafe) let handlers: UnsafeMutableBufferPointer<Handler>
    private nonisolated(unsafe) let reviewers: UnsafeMutableBufferPointer<Reviewer>

    /// A chain; an empty one refuses everything.
    public init(_ links: [Link]) {
        self.links = links
        takesForeignClasses = links.contains { $0.plugin is any ForeignClassAnswering }
        refusalObserver = links.lazy.compactMap { $0.plugin as? any RefusalObserving }.first
        handlers = .copying(links.enumerated().compactMap { Handler($1, at: $0) })
        reviewers = .copying(links.enumerated().reversed().flatMap { Reviewer.all(of: $1, at: $0) })
        for (index, link) in links.enumerated() {
            (link.plugin as? any NeighbourObserving)?.stands(above: links[(index + 1)...])
        }
    }

    deinit {
        for handler in handlers { handler.box.release() }
        for reviewer in reviewers { reviewer.box.release() }
        handlers.deallocate()
        reviewers.deallocate()
    }

    /// Asks the plugins one after another, from a link on, until one decides. Tells how, and how far the query came.
    public func descend(_ query: inout Query, from first: Int = 0) -> (outcome: ChainOutcome, reached: Int) {
        // Read anew for each: a plugin may change the class.
        for handler in handlers
        where handler.link >= first && (query.question.class == .internet || handler.takesForeignClasses) {
            query.link = handler.link
            let verdict = handler.box._withUnsafeGuaranteedRef { $0.plugin.onQuery(&query) }
            if let outcome = take(verdict, of: handler.position, &query) { return (outcome, handler.link) }
        }
        return (end(of: &query, isForeign: query.question.class != .internet), links.count - 1)
    }

    /// The whole way down and up again, for whoever has no sockets: what a plugin wants asked again is asked again.
    public func run(_ query: inout Query) -> ChainOutcome {
        var (outcome, reached) = descend(&query)
        var rounds = 0
        while outcome != .park, let link = ascend(&query, from: reached), rounds < Chain.roundsMax {
            rounds += 1
            (outcome, reached) = descend(&query, from: link + 1)
        }
        return outcome
    }

    /// Times that one query may be sent down again, by all plugins together.
    public static let roundsMax = 32

    /// What `Query.failure` says when no plugin of the chain has answered.
    public static let unanswered = "no next plugin found"

    /// Goes on where a query was parked: at the link that said so, with what it says now.
    public func proceed(_ query: inout Query, with verdict: Verdict) -> (outcome: ChainOutcome, reached: Int) {
        let link = query.link
        if let outcome = take(verdict, of: links[link].position, &query) { return (outcome, link) }
        return descend(&query, from: link + 1)
    }

    /// What a verdict comes to; nil when the next plugin is to be asked.
    @inline(__always)
    private func take(_ verdict: Verdict, of position: Int, _ query: inout Query) -> ChainOutcome? {
        switch verdict {
        case .next: return nil
        case .reply:
            query.responder = position
            return .reply
        case .follow:
            query.responder = position
            return .follow
        case .fail(let code):
            query.response.reset(code)
            return .reply
        case .park: return .park
        case .drop:
            query.isDropped = true
            return .drop
        }
    }

    /// Nobody answered: a fault of the configuration, but for an empty block and a class that nobody serves.
    private func end(of query: inout Query, isForeign: Bool) -> ChainOutcome {
        if links.isEmpty {
            query.response.reset(.refused)
            query.response.explain(.other, "the server block has no plugins")
        } else if isForeign {
            query.response.reset(.refused)
            query.response.explain(.notSupported, "no plugin here answers this class")
        } else {
            query.response.reset(.servFail)
            query.response.explain(.other, "no plugin of the server block answered")
            query.response.isTransient = true
            query.failure = query.failure ?? Failure(plugin: "", Chain.unanswered)
        }
        return .reply
    }

    /// Shows the response to the plugins that the query passed, innermost first, up to `last`. Tells which link wants
    /// the query asked again below it, if one does; the others above have not seen the response then.
    public func ascend(_ query: inout Query, from reached: Int, to last: Int = 0) -> Int? {
        for reviewer in reviewers where reviewer.link <= reached && reviewer.link >= last {
            query.link = reviewer.link
            let review = reviewer.box._withUnsafeGuaranteedRef { $0.review(&query) }
            if case .askAgain = review { return reviewer.link }
        }
        return nil
    }
}

// The hooks in plain memory: reading an existential from an array counts a reference, and that count would be written
// by all cores at once. A box that is known to stay alive hands its constant out uncounted.

/// A plugin that takes queries.
private struct Handler {
    let box: Unmanaged<Box>
    let link: Int
    let position: Int
    let takesForeignClasses: Bool

    final class Box {
        let plugin: any QueryHandling
        init(_ plugin: any QueryHandling) { self.plugin = plugin }
    }

    init?(_ link: Chain.Link, at index: Int) {
        guard let plugin = link.plugin as? any QueryHandling else { return nil }
        box = .passRetained(Box(plugin))
        self.link = index
        position = link.position
        takesForeignClasses = plugin is any ForeignClassAnswering
    }
}

/// A plugin that takes responses.
private struct Reviewer {
    let box: Unmanaged<Box>
    let link: Int

    /// Has one hook: to ask an optional one whether it is there would count a reference to it.
    class Box {
        func review(_ query: inout Query) -> Review { .keep }
    }

    final class HandlingBox: Box {
        let plugin: any ResponseHandling
        init(_ plugin: any ResponseHandling) { self.plugin = plugin }

        override func review(_ query: inout Query) -> Review {
            plugin.onResponse(&query)
            return .keep
        }
    }

    final class ReviewingBox: Box {
        let plugin: any ResponseReviewing
        init(_ plugin: any ResponseReviewing) { self.plugin = plugin }

        override func review(_ query: inout Query) -> Review { plugin.review(&query) }
    }

    /// One for each hook that the link has.
    static func all(of link: Chain.Link, at index: Int) -> [Reviewer] {
        var boxes: [Box] = []
        if let plugin = link.plugin as? any ResponseHandling { boxes.append(HandlingBox(plugin)) }
        if let plugin = link.plugin as? any ResponseReviewing { boxes.append(ReviewingBox(plugin)) }
        return boxes.map { Reviewer(box: .passRetained($0), link: index) }
    }
}

extension UnsafeMutableBufferPointer {
    /// Memory of its own with these elements.
    fileprivate static func copying(_ elements: [Element]) -> Self {
        let copy = Self.allocate(capacity: elements.count)
        _ = copy.initialize(from: elements)
        return copy
    }
}
