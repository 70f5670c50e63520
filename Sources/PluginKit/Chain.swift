import DNSMessage

/// The plugins of one server block, in execution order; an array and an index, no closure, task or lock.
public final class Chain: Sendable {
    /// A plugin with its position in the registry.
    public struct Link: Sendable {
        public let plugin: any Plugin
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
    private let foreignLinks: [Bool]

    /// A chain; an empty one refuses everything.
    public init(_ links: [Link]) {
        self.links = links
        foreignLinks = links.map { $0.plugin is any ForeignClassAnswering }
        takesForeignClasses = foreignLinks.contains(true)
        refusalObserver = links.lazy.compactMap { $0.plugin as? any RefusalObserving }.first
    }

    /// Asks the plugins one after another until one decides. Tells how, and how far the query came.
    public func descend(_ query: inout Query) -> (outcome: ChainOutcome, reached: Int) {
        let isForeign = query.question.class != .internet
        for index in links.indices where !isForeign || foreignLinks[index] {
            switch links[index].plugin.onQuery(&query) {
            case .next:
                continue
            case .reply:
                query.responder = links[index].position
                return (.reply, index)
            case .follow:
                query.responder = links[index].position
                return (.follow, index)
            case .fail(let code):
                query.response.reset(code)
                return (.reply, index)
            case .drop:
                query.isDropped = true
                return (.drop, index)
            }
        }
        return (end(of: &query, isForeign: isForeign), links.count - 1)
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
            query.failure = query.failure ?? Failure(plugin: "", "no next plugin found")
        }
        return .reply
    }

    /// Shows the response to the plugins that the query passed, innermost first.
    public func ascend(_ query: inout Query, from reached: Int) {
        var index = reached
        while index >= 0 {
            links[index].plugin.onResponse(&query)
            index -= 1
        }
    }
}
