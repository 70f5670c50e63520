public import DNSMessage
public import PluginKit

/// A server block as one zone of one listener sees it.
public struct RoutedBlock: Sendable {
    /// The plugins that answer.
    public let chain: Chain
    /// Index into `StartContext.sites`: what metrics call server, zone and view.
    public let site: Int
    /// Largest reply over UDP, in bytes.
    public let udpSize: Int
    /// Which queries it takes; nil for all.
    public let filter: (any QueryFiltering)?

    /// A block to send queries to.
    public init(chain: Chain, site: Int, udpSize: Int, filter: (any QueryFiltering)? = nil) {
        self.chain = chain
        self.site = site
        self.udpSize = udpSize
        self.filter = filter
    }
}

/// Which server block a question belongs to, for one listen address. Immutable.
public final class Router: Sendable {
    /// The site that counts what no block took.
    let sitelessSite: Int
    private let zones: ZoneSet
    private let blocks: [RoutedBlock]
    // The same in plain memory, written in `init` only: an array's element is not read without counting a reference,
    // and all cores would write that count.
    private nonisolated(unsafe) let destinations: UnsafeMutableBufferPointer<Destination>
    private let takesForeignClasses: Bool
    private let refusalObserver: (any RefusalObserving)?

    /// A router over the zones of a listener, each with its block. Of blocks with one zone, the first that takes a
    /// query gets it.
    public init(_ entries: [(zone: Name, block: RoutedBlock)], sitelessSite: Int) {
        self.sitelessSite = sitelessSite
        zones = ZoneSet(entries.map(\.zone))
        blocks = entries.map(\.block)
        takesForeignClasses = entries.contains { $0.block.chain.takesForeignClasses }
        refusalObserver = entries.lazy.compactMap(\.block.chain.refusalObserver).first
        destinations = .allocate(capacity: blocks.count)
        for index in blocks.indices {
            let next = Router.next(behind: index, entries.map(\.zone), zones)
            destinations.initializeElement(at: index, to: Destination(blocks[index], next: next))
        }
    }

    deinit {
        for destination in destinations { destination.filter?.release() }
        destinations.deallocate()
    }

    /// Which entry is asked when one does not take the query: the next of the zone, then those of the zone around it.
    private static func next(behind index: Int, _ names: [Name], _ zones: ZoneSet) -> Int? {
        let name = names[index]
        if let next = names.indices.first(where: { $0 > index && names[$0] == name }) { return next }
        var scratch = NameScratch()
        return zones.closest(scratch.read(name), belowExact: true)
    }

    /// A block as the router hands it out; valid as long as the router.
    struct Destination {
        let chain: Unmanaged<Chain>
        let site: Int
        let udpSize: Int
        let filter: Unmanaged<Filter>?
        /// Who is asked if this one does not take the query.
        let next: Int?

        init(_ block: RoutedBlock, next: Int?) {
            chain = .passUnretained(block.chain)
            site = block.site
            udpSize = block.udpSize
            filter = block.filter.map { .passRetained(Filter($0)) }
            self.next = next
        }
    }

    /// A constant that is read without counting references, which all cores would share.
    final class Filter {
        let filter: any QueryFiltering
        init(_ filter: any QueryFiltering) { self.filter = filter }
    }

    /// Where a question goes.
    enum Route {
        case block(Destination)
        case refuse(ResponseCode, Explanation?)
    }

    /// The order of the checks is CoreDNS's: class, EDNS version, zone.
    func route(_ query: inout Query) -> Route {
        guard query.question.class == .internet || takesForeignClasses else {
            return .refuse(.refused, Explanation(.notSupported, "only class IN is served here"))
        }
        if let edns = query.request.edns, edns.version != 0 { return .refuse(.badVers, nil) }
        // A DS record stands on the parent's side of a cut (RFC 4035 §3.1.4.1).
        if query.question.type == .ds, let parent = zones.closest(query.question.name, belowExact: true),
            let taker = taker(of: &query, from: parent)
        {
            return .block(destinations[taker])
        }
        guard let zone = zones.closest(query.question.name) else {
            return .refuse(.refused, Explanation(.notAuthoritative, "no server block has a zone for this name"))
        }
        guard let taker = taker(of: &query, from: zone) else {
            return .refuse(.refused, Explanation(.prohibited, "no view of the zones for this name takes the query"))
        }
        return .block(destinations[taker])
    }

    /// The first entry that takes the query; without views that is the one to begin with.
    @inline(__always)
    private func taker(of query: inout Query, from first: Int) -> Int? {
        destinations[first].filter == nil ? first : filtered(&query, from: first)
    }

    private func filtered(_ query: inout Query, from first: Int) -> Int? {
        var candidate: Int? = first
        while let index = candidate {
            guard let filter = destinations[index].filter else { return index }
            if filter._withUnsafeGuaranteedRef({ $0.filter.accepts(&query) }) { return index }
            candidate = destinations[index].next
        }
        return nil
    }

    /// Shows a refusal to the plugin that counts what no chain saw; of several to one, as each counts for all.
    func observeRefusal(_ query: inout Query) { refusalObserver?.onRefusal(&query) }
}

/// The text of an Extended DNS Error, known when the program was built.
struct Explanation: Sendable {
    let code: ExtendedErrorCode
    let text: StaticString

    init(_ code: ExtendedErrorCode, _ text: StaticString) {
        self.code = code
        self.text = text
    }
}
