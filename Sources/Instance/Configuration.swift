public import Corefile
import DNSMessage
public import PluginKit
public import Server
public import Telemetry

/// A Corefile with its plugins set up, checked as a whole and ready to start.
public struct Configuration: Sendable {
    /// What a Corefile is set up with.
    public struct Setting: Sendable {
        /// The plugins that exist, in execution order.
        public var kinds: [any PluginKind.Type]
        /// Words of CoreDNS that this server refuses.
        public var notBuilt: Set<String>
        /// Port of keys that name none.
        public var defaultPort: UInt16
        /// The machine.
        public var host: HostContext
        /// Everything that the process counts.
        public var metrics: MetricsRegistry
        /// Where lines for the operator go.
        public var logSink: LogSink
        /// What imports are read from.
        public var files: any FileSource
        /// What plugins keep from one configuration to the next.
        public var lasting = SharedObjects()
        /// What TCP connections may take.
        public var streams = StreamSettings()
        /// Who renews the configuration.
        public var keeper: (any CorefileKeeping)?

        /// A setting.
        public init(
            kinds: [any PluginKind.Type], notBuilt: Set<String>, defaultPort: UInt16, host: HostContext,
            metrics: MetricsRegistry, logSink: LogSink, files: any FileSource = DiskFiles()
        ) {
            self.kinds = kinds
            self.notBuilt = notBuilt
            self.defaultPort = defaultPort
            self.host = host
            self.metrics = metrics
            self.logSink = logSink
            self.files = files
        }
    }

    let blocks: [BuiltBlock]
    let pluginNames: [String]
    let defaultPort: UInt16
    let workerCount: Int
    let streams: StreamSettings
    let metrics: MetricsRegistry
    let logSink: LogSink
    /// Tells the configuration from others.
    public let digest: String

    /// What stands in for an empty Corefile.
    static func builtInDefault(port: UInt16) -> String { ".:\(port) {\n    whoami\n    log\n}\n" }

    /// Reads and sets up a whole Corefile. Serve the configuration only if the diagnostics have no errors; it is nil
    /// if they have.
    public static func load(
        text: String, file: String, _ setting: Setting
    ) -> (configuration: Configuration?, diagnostics: Diagnostics) {
        let names = DirectiveNames(known: setting.kinds.map { $0.name }, notBuilt: setting.notBuilt)
        var (corefile, diagnostics) = Corefile.parse(
            text: text, file: file, environment: setting.host.environment, files: setting.files, directives: names)
        if corefile.blocks.isEmpty, !diagnostics.hasErrors {
            let text = builtInDefault(port: setting.defaultPort)
            corefile = Corefile.parse(text: text, file: "default", directives: names).corefile
        }
        let shared = SharedObjects()
        let context = CorefileContext(corefile: corefile, digest: corefile.digest, keeper: setting.keeper)
        let blocks = corefile.blocks.enumerated().map { index, block in
            BuiltBlock(block, index, setting, shared, context, &diagnostics)
        }
        reportOverlaps(corefile, blocks, setting.defaultPort, &diagnostics)
        guard !diagnostics.hasErrors else { return (nil, diagnostics) }
        let configuration = Configuration(
            blocks: blocks, pluginNames: setting.kinds.map { $0.name }, defaultPort: setting.defaultPort,
            workerCount: setting.metrics.workers, streams: setting.streams, metrics: setting.metrics,
            logSink: setting.logSink, digest: context.digest)
        return (configuration, diagnostics)
    }

    /// Blocks overlap where they listen, which is known once `bind` has turned interfaces into addresses.
    private static func reportOverlaps(
        _ corefile: Corefile, _ blocks: [BuiltBlock], _ defaultPort: UInt16, _ diagnostics: inout Diagnostics
    ) {
        var bound: [SourcePosition: [String]] = [:]
        for block in blocks where !block.options.addresses.isEmpty {
            bound[block.keys[0].word.position] = block.options.addresses.map { "\($0.address)" }
        }
        corefile.reportOverlaps(defaultPort: defaultPort, &diagnostics) { block in
            // Without addresses the words of a `bind` that is wrong still tell the blocks apart.
            bound[block.keys[0].word.position] ?? Corefile.boundAddresses(of: block)
        }
    }
}

/// A server block with its plugins set up.
struct BuiltBlock: Sendable {
    let keys: [ServerKey]
    let chain: Chain
    let chainNames: [String]
    let options: BlockOptions
    /// Which queries the block takes; nil for all.
    let filter: (any QueryFiltering)?
    /// Links and other parts with their registry positions, for their abilities.
    let parts: [(part: any AnyObject & Sendable, position: Int)]

    init(
        _ block: ServerBlock, _ index: Int, _ setting: Configuration.Setting, _ shared: SharedObjects,
        _ corefile: CorefileContext, _ diagnostics: inout Diagnostics
    ) {
        keys = block.keys
        for key in block.keys where key.scheme != .dns {
            diagnostics.error(at: key.word, "scheme '\(key.scheme.rawValue)' is not served by clusterdns, only dns is")
        }
        let zones = block.keys.flatMap(\.zones).compactMap { try? Name($0) }
        let context = BlockContext(index: index, zones: zones, words: Set(block.directives.map(\.name.text)))
        var links: [Chain.Link] = []
        var names: [String] = []
        var parts: [(part: any AnyObject & Sendable, position: Int)] = []
        var loose: [any AnyObject & Sendable] = []
        var options = BlockOptions()
        for (position, kind) in setting.kinds.enumerated() {
            let directives = block.directives(named: kind.name)
            guard !directives.isEmpty else { continue }
            var setup = Setup(
                directives: directives, block: context, host: setting.host, metrics: setting.metrics,
                logSink: setting.logSink, shared: shared, lasting: setting.lasting, corefile: corefile,
                position: position, options: options, diagnostics: diagnostics)
            kind.setUp(&setup)
            (options, diagnostics) = (setup.options, setup.diagnostics)
            links += setup.links
            if !setup.links.isEmpty { names.append(kind.name) }
            loose += setup.parts
            parts += setup.links.map { ($0.plugin, position) } + setup.parts.map { ($0, position) }
        }
        let collectors = parts.compactMap { $0.part as? any MetadataCollecting }
        for collector in collectors { collector.metadataSource.adopt(links: links, parts: loose) }
        filter = parts.lazy.compactMap { $0.part as? any QueryFiltering }.first
        chain = Chain(links)
        chainNames = names
        self.options = options
        self.parts = parts
    }
}
