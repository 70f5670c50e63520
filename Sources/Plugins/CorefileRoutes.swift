import ClusterIndex
public import Corefile
public import DNSMessage
public import Explanation
public import PluginKit
import Telemetry

/// What a Corefile does with names, for those who explain it: its server blocks, and in each the plugins that answer
/// from the cluster or ask other servers, in the order of execution. Mistakes are not told here; what they are in is
/// left out.
public enum CorefileRoutes {
    /// Port of keys that name none.
    private static let standardPort: UInt16 = 53

    /// The routes of a Corefile. A block with several ports is one for each.
    public static func routes(of corefile: Corefile, host: HostContext) -> [ServerRoute] {
        corefile.blocks.enumerated().flatMap { index, block in
            routes(of: block, index, host)
        }
    }

    /// The files and directories that its `kubernetes` lines read objects from.
    public static func manifests(of corefile: Corefile) -> [String] {
        corefile.blocks.flatMap { $0.directives(named: KubernetesKind.name) }.flatMap { $0.block ?? [] }
            .filter { $0.name.text == "manifests" }.flatMap { $0.arguments.map(\.text) }
    }

    /// The addresses that a word of a `forward` line stands for, over plain DNS: its own, or those of a file in the
    /// manner of resolv.conf as it is on this machine. None for other transports.
    public static func addresses(of server: String) -> [SocketAddress] {
        switch try? UpstreamPlace(server) {
        case .address(let address): return [address]
        case .fileOrHost(let path):
            guard let content = try? DiskFiles().read(path) else { return [] }
            return ResolverFile(content).servers
        case .tls, .https, nil: return []
        }
    }

    private static func routes(of block: ServerBlock, _ index: Int, _ host: HostContext) -> [ServerRoute] {
        let keys = block.keys.filter { $0.scheme == .dns }
        let zones = block.keys.flatMap(\.zones).compactMap { try? Name($0) }
        let context = BlockContext(index: index, zones: zones, words: Set(block.directives.map(\.name.text)))
        let steps = Registry.kinds.flatMap { kind in
            routeSteps(block.directives(named: kind.name), context, host)
        }
        let line = block.keys.first?.word.position.line ?? 0
        return Set(keys.map { $0.port ?? standardPort }).sorted().map { port in
            let served = keys.filter { ($0.port ?? standardPort) == port }
            return ServerRoute(
                zones: served.flatMap(\.zones).compactMap { try? Name($0) },
                place: "the server block \(served.map(\.word.text).joined(separator: " ")) in line \(line)", port: port,
                block: index, steps: steps)
        }
    }

    private static func routeSteps(
        _ directives: [Directive], _ block: BlockContext, _ host: HostContext
    ) -> [RouteStep] {
        guard let first = directives.first else { return [] }
        var setup = Setup(
            directives: directives, block: block, host: host, metrics: MetricsRegistry(workers: 1),
            logSink: .standardOutput, shared: SharedObjects(), position: 0, options: BlockOptions(),
            diagnostics: Diagnostics())
        let name = first.name.text
        switch name {
        case KubernetesKind.name:
            return [RouteStep(plugin: name, place: first.place, action: .cluster(cluster(first, block, &setup)))]
        case ForwardKind.name:
            return directives.compactMap { line in
                forward(line, &setup).map { RouteStep(plugin: name, place: line.place, action: .forward($0)) }
            }
        default: return []
        }
    }

    private static func cluster(_ line: Directive, _ block: BlockContext, _ setup: inout Setup) -> ClusterStep {
        var options = KubernetesOptionReader(line, &setup).options
        options.index.keepsExternals = block.words.contains(ExternalKind.name)
        var passedOn: [Name] = []
        switch options.fallthroughZones {
        case .never: break
        case .always: passedOn = [.root]
        case .zones(let set): passedOn = set.zones
        }
        return ClusterStep(
            cluster: block.index, zones: options.zones, clusterSetZones: options.multiclusterZones,
            options: options.index, ttl: options.ttl, passedOn: passedOn)
    }

    private static func forward(_ line: Directive, _ setup: inout Setup) -> ForwardStep? {
        guard line.arguments.count >= 2 else { return nil }
        let exceptions = (line.block ?? []).filter { $0.name.text == "except" }.flatMap { setup.zones($0.arguments) }
        return ForwardStep(
            zones: setup.zones(line.arguments.prefix(1)), exceptions: exceptions,
            servers: line.arguments.dropFirst().map(\.text))
    }
}

extension Directive {
    /// Where it stands, as explanations tell it: `Corefile:7`.
    var place: String { "\(name.position.file):\(name.position.line)" }
}
