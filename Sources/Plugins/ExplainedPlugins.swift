public import Corefile
public import DNSMessage
public import Explanation
public import PluginKit
import Telemetry

/// The plugins of a Corefile's server blocks, set up as the server does and asked one question at a time, without
/// sockets and without a cluster or an upstream of their own. Used by one thread at a time.
public final class ExplainedPlugins: BlockPlugins {
    /// What the plugins are set up with.
    public struct Setting {
        /// The process and the machine.
        public var host: HostContext
        /// Those of the `kubernetes` lines, by the number of the block.
        public var clusters: [Int: KnownCluster]
        /// Who asks; nil where that is not known.
        public var client: IPAddress?
        /// Whether this is the machine that serves, so that its files are those that count.
        public var isServer: Bool

        /// A setting.
        public init(host: HostContext, clusters: [Int: KnownCluster], client: IPAddress?, isServer: Bool) {
            self.host = host
            self.clusters = clusters
            self.client = client
            self.isServer = isServer
        }
    }

    private let blocks: [ExplainedBlock]

    /// The blocks of a Corefile. What is wrong in it is left out.
    public init(_ corefile: Corefile, _ setting: Setting) {
        var setting = setting
        setting.host.onlyChecks = true
        let shared = SharedObjects()
        blocks = corefile.blocks.enumerated().map { index, block in
            ExplainedBlock(block, index, ExplainedMaker(block, index, setting, shared, corefile))
        }
    }

    /// Whether the view of a block takes a question.
    public func view(of block: Int, takes question: PluginQuestion) -> ViewVerdict {
        guard let filter = blocks[block].filter else { return .absent }
        if let reason = blocks[block].viewReason { return .unknown(reason) }
        return ExplainedRun(question, blocks[block]).isTaken(by: filter) ? .takes : .declines
    }

    /// Sends a question on its way through a block's plugins.
    public func run(_ question: PluginQuestion, through block: Int) -> any PluginRun {
        ExplainedRun(question, blocks[block])
    }
}

/// A server block whose chain tells what its plugins do: a watcher stands in front of each and behind the last.
final class ExplainedBlock {
    /// A plugin of the chain.
    struct Member {
        let word: String
        /// All of the word's directives in the block.
        let lines: [Directive]
        let role: Role
        /// Of each line alone, to find out which one it was; empty where there is but one.
        var alone: [(line: Directive, chain: Chain)] = []
        /// What its outcome goes by besides the question.
        let dependsOn: [String]
    }

    /// What stands in the chain.
    enum Role {
        case plugin
        /// The explainer answers; the number is that of the route's step.
        case standIn(Int)
        /// What it would do is not worked out.
        case unknown(UnknownPlugin)
    }

    /// Words whose plugins do not decide what is answered: they count, watch, log, or see to the sockets. A cache knows
    /// nothing yet, and addresses that are shuffled stay the same.
    private static let silent: Set<String> = [
        "bind", "bufsize", "cache", "cancel", "debug", "errors", "header", "health", "loadbalance", "log", "loop",
        "minimal", "multisocket", "nsid", "pprof", "prometheus", "ready", "reload", "rrl", "timeouts",
    ]

    let chain: Chain
    let desk: ExplainedDesk
    let members: [Member]
    let filter: (any QueryFiltering)?
    /// What a view goes by that is not known.
    let viewReason: String?
    /// Who asks.
    let client: IPAddress?

    init(_ block: ServerBlock, _ index: Int, _ maker: ExplainedMaker) {
        var maker = maker
        for (position, kind) in Registry.kinds.enumerated() where !Self.silent.contains(kind.name) {
            let lines = block.directives(named: kind.name)
            if !lines.isEmpty { maker.add(kind, lines, position) }
        }
        let desk = ExplainedDesk()
        var links: [Chain.Link] = []
        for (number, link) in maker.links.enumerated() {
            links += [Chain.Link(ExplainedWatcher(number, desk), position: 0), link]
        }
        links.append(Chain.Link(ExplainedWatcher(maker.links.count, desk), position: 0))
        maker.begin(links)
        chain = Chain(links)
        members = maker.members
        filter = maker.filter
        viewReason = maker.viewReason
        client = maker.setting.client
        self.desk = desk
    }

    /// Which of the chain's links is a plugin, by its number among the members.
    func member(atLink link: Int) -> Int? { link % 2 == 1 ? link / 2 : nil }
}

/// Sets the plugins of one block up, as `Instance` does for those that serve.
struct ExplainedMaker {
    private(set) var links: [Chain.Link] = []
    private(set) var members: [ExplainedBlock.Member] = []
    private(set) var filter: (any QueryFiltering)?
    private var parts: [any AnyObject & Sendable] = []
    private var options = BlockOptions()
    private(set) var viewReason: String?
    private var standIns = 0
    private let index: Int
    let setting: ExplainedPlugins.Setting
    private let make: (_ lines: [Directive], _ position: Int, _ options: BlockOptions) -> Setup

    init(
        _ block: ServerBlock, _ index: Int, _ setting: ExplainedPlugins.Setting, _ shared: SharedObjects,
        _ corefile: Corefile
    ) {
        self.index = index
        self.setting = setting
        let zones = block.keys.flatMap(\.zones).compactMap { try? Name($0) }
        let context = BlockContext(index: index, zones: zones, words: Set(block.directives.map(\.name.text)))
        let metrics = MetricsRegistry(workers: 1)
        make = { lines, position, options in
            // Nobody reads what plugins log about what they would do.
            Setup(
                directives: lines, block: context, host: setting.host, metrics: metrics,
                logSink: LogSink(descriptor: -1), shared: shared, corefile: CorefileContext(corefile: corefile),
                position: position, options: options, diagnostics: Diagnostics())
        }
    }

    mutating func add(_ kind: any PluginKind.Type, _ lines: [Directive], _ position: Int) {
        var setup = make(lines, position, options)
        switch kind.name {
        case KubernetesKind.name: prepare(&setup)
        case ForwardKind.name: break
        default: kind.setUp(&setup)
        }
        options = setup.options
        parts += setup.parts
        switch kind.name {
        case KubernetesKind.name: addStandIn(kind, lines[0], position)
        case ForwardKind.name:
            for line in lines where line.arguments.count >= 2 { addStandIn(kind, line, position) }
        case ViewKind.name:
            filter = setup.links.lazy.compactMap { $0.plugin as? any QueryFiltering }.first
            viewReason = setup.diagnostics.hasErrors ? Self.mistake : dependence(of: lines).missing
        default: add(setup, kind, lines, position)
        }
    }

    private static let mistake = "a mistake in its lines, which 'clusterdns check' tells"

    private func dependence(of lines: [Directive]) -> Dependence {
        let root = options.root
        return Dependence(lines, client: setting.client, isServer: setting.isServer) { path in
            path.hasPrefix("/") || root.isEmpty ? path : "\(root)/\(path)"
        }
    }

    private mutating func add(
        _ setup: Setup, _ kind: any PluginKind.Type, _ lines: [Directive], _ position: Int
    ) {
        let dependence = dependence(of: lines)
        let reason = setup.diagnostics.hasErrors ? Self.mistake : dependence.missing
        for link in setup.links {
            guard let reason else {
                members.append(
                    ExplainedBlock.Member(
                        word: kind.name, lines: lines, role: .plugin,
                        alone: lines.count > 1 ? alone(kind, lines, position) : [], dependsOn: dependence.told))
                links.append(link)
                continue
            }
            let unknown = UnknownPlugin(lines, zones: zones(of: lines))
            members.append(
                ExplainedBlock.Member(word: kind.name, lines: lines, role: .unknown(unknown), dependsOn: [reason]))
            links.append(Chain.Link(unknown, position: position))
        }
    }

    private mutating func addStandIn(_ kind: any PluginKind.Type, _ line: Directive, _ position: Int) {
        members.append(
            ExplainedBlock.Member(word: kind.name, lines: [line], role: .standIn(standIns), dependsOn: []))
        links.append(Chain.Link(StandIn(), position: position))
        standIns += 1
    }

    /// What other plugins of the block have of `kubernetes`.
    private func prepare(_ setup: inout Setup) {
        let options = KubernetesOptionReader(setup.directives[0], &setup).options
        ClusterZones.of(setup).set(options.zones)
        if setup.block.words.contains(MetadataKind.name) { setup.add(KubernetesMetadata(options)) }
        guard setup.block.words.contains(ExternalKind.name), let cluster = setting.clusters[index] else { return }
        setup.shared.object(ExternalNames.key(setup)) { ExternalNames() }
            .serve(LiveCluster(showing: cluster.index, isSynced: cluster.isSynced), serviceTTL: options.ttl)
    }

    private func zones(of lines: [Directive]) -> [Name] {
        var setup = make(lines, 0, options)
        return lines.flatMap { line in
            let before = ["file": 1, "hosts": 1, "template": 2][line.name.text] ?? 0
            return ["rewrite", "dns64"].contains(line.name.text)
                ? [.root] : setup.zones(line.arguments.dropFirst(before))
        }
    }

    private func alone(
        _ kind: any PluginKind.Type, _ lines: [Directive], _ position: Int
    ) -> [(line: Directive, chain: Chain)] {
        lines.map { line in
            var setup = make([line], position, options)
            kind.setUp(&setup)
            Self.begin(setup.links, setup.parts, index)
            return (line, Chain(setup.links))
        }
    }

    /// Lets the plugins read their files.
    func begin(_ links: [Chain.Link]) {
        for collector in parts.compactMap({ $0 as? any MetadataCollecting })
            + links.compactMap({ $0.plugin as? any MetadataCollecting })
        {
            collector.metadataSource.adopt(links: links, parts: parts)
        }
        Self.begin(links, parts, index)
    }

    private static func begin(_ links: [Chain.Link], _ parts: [any AnyObject & Sendable], _ index: Int) {
        let site = Site(server: "", zone: ".", block: index)
        let context = StartContext(
            workerCount: 1, sites: [site], pluginNames: Registry.kinds.map { $0.name }, readiness: [])
        let all = links.map { $0.plugin as any AnyObject & Sendable } + parts
        for part in all { try? (part as? any Starting)?.start(context) }
        // They read once, and look after nothing.
        for part in all { (part as? any Stopping)?.stop() }
    }
}
