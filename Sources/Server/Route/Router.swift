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

    /// A block to send queries to.
    public init(chain: Chain, site: Int, udpSize: Int) {
        self.chain = chain
        self.site = site
        self.udpSize = udpSize
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

    /// A router over the zones of a listener, each with its block.
    public init(_ entries: [(zone: Name, block: RoutedBlock)], sitelessSite: Int) {
        self.sitelessSite = sitelessSite
        zones = ZoneSet(entries.map(\.zone))
        blocks = entries.map(\.block)
        takesForeignClasses = entries.contains { $0.block.chain.takesForeignClasses }
        refusalObserver = entries.lazy.compactMap(\.block.chain.refusalObserver).first
        destinations = .allocate(capacity: blocks.count)
        _ = destinations.initialize(from: blocks.map(Destination.init))
    }

    deinit { destinations.deallocate() }

    /// A block as the router hands it out; valid as long as the router.
    struct Destination {
        let chain: Unmanaged<Chain>
        let site: Int
        let udpSize: Int

        init(_ block: RoutedBlock) {
            chain = .passUnretained(block.chain)
            site = block.site
            udpSize = block.udpSize
        }
    }

    /// Where a question goes.
    enum Route {
        case block(Destination)
        case refuse(ResponseCode, Explanation?)
    }

    /// The order of the checks is CoreDNS's: class, EDNS version, zone.
    func route(_ question: QuestionView, _ request: Request) -> Route {
        guard question.class == .internet || takesForeignClasses else {
            return .refuse(.refused, Explanation(.notSupported, "only class IN is served here"))
        }
        if let edns = request.edns, edns.version != 0 { return .refuse(.badVers, nil) }
        // A DS record stands on the parent's side of a cut (RFC 4035 §3.1.4.1).
        if question.type == .ds, let parent = zones.closest(question.name, belowExact: true) {
            return .block(destinations[parent])
        }
        guard let zone = zones.closest(question.name) else {
            return .refuse(.refused, Explanation(.notAuthoritative, "no server block has a zone for this name"))
        }
        return .block(destinations[zone])
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
