import Corefile
import DNSMessage
import PluginKit
import Server

/// Which blocks answer on which addresses: the configuration as the sockets see it.
struct Topology {
    let listeners: [DNSServer.Listener]
    let sites: [Site]
    /// What is printed at the start, a line for each zone on each listener.
    let lines: [String]

    /// A zone of a block on a listener, before it has a router.
    private struct Zone {
        let text: String
        let name: Name
        let block: BuiltBlock
        let index: Int
    }

    init(_ configuration: Configuration) {
        var order: [ListenAddress] = []
        var zones: [ListenAddress: [Zone]] = [:]
        for (index, block) in configuration.blocks.enumerated() {
            for (address, zone) in Topology.zones(of: block, index, configuration.defaultPort) {
                if zones[address] == nil { order.append(address) }
                zones[address, default: []].append(zone)
            }
        }
        var sites: [Site] = []
        listeners = order.map { address in
            let here = zones[address] ?? []
            return DNSServer.Listener(
                address, Topology.router(address, here, &sites),
                socketCount: here.compactMap(\.block.options.socketCount).max(),
                streams: here.map(\.block.options.streams).first { $0 != StreamOptions() } ?? StreamOptions(),
                overload: OverloadReport(
                    server: Topology.server(address), metrics: configuration.metrics, sink: configuration.logSink))
        }
        self.sites = sites
        lines = order.flatMap { address in
            // Blocks with views may share a zone.
            var seen: Set<Name> = []
            return (zones[address] ?? []).filter { seen.insert($0.name).inserted }.sorted { $0.text < $1.text }
                .flatMap { Topology.lines($0, address) }
        }
    }

    private static func zones(
        of block: BuiltBlock, _ index: Int, _ defaultPort: UInt16
    ) -> [(ListenAddress, Zone)] {
        // An interface and its address may both be named.
        var seen: Set<BoundAddress> = []
        let bound = block.options.addresses.filter { seen.insert($0).inserted }
        return block.keys.flatMap { key -> [(ListenAddress, Zone)] in
            let port = key.port ?? key.scheme.defaultPort(dns: defaultPort)
            let addresses =
                bound.isEmpty
                ? [ListenAddress(port: port)] : bound.map { ListenAddress($0.address, port: port, scope: $0.scope) }
            return key.zones.flatMap { text -> [(ListenAddress, Zone)] in
                guard let name = try? Name(text) else { return [] }
                return addresses.map { ($0, Zone(text: text, name: name, block: block, index: index)) }
            }
        }
    }

    /// What metrics call a listener.
    private static func server(_ address: ListenAddress) -> String { "dns://\(address)" }

    private static func router(_ address: ListenAddress, _ zones: [Zone], _ sites: inout [Site]) -> Router {
        let server = Topology.server(address)
        let sitelessSite = sites.count
        sites.append(Site(server: server, zone: "dropped", block: nil))
        var entries: [(zone: Name, block: RoutedBlock)] = []
        for zone in zones {
            let block = RoutedBlock(
                chain: zone.block.chain, site: sites.count, udpSize: zone.block.options.udpSize,
                filter: zone.block.filter)
            sites.append(
                Site(
                    server: server, zone: zone.text, view: zone.block.filter?.viewName ?? "", block: zone.index,
                    plugins: zone.block.chainNames))
            entries.append((zone.name, block))
        }
        return Router(entries, sitelessSite: sitelessSite)
    }

    private static func lines(_ zone: Zone, _ address: ListenAddress) -> [String] {
        let place = address.address.map { " on \($0)" } ?? ""
        let line = "\(zone.text):\(address.port)\(place)"
        if ZoneName.isPreferredSyntax(zone.text) { return [line] }
        return ["Warning: Domain \"\(zone.text)\" does not follow RFC1035 preferred syntax", line]
    }
}
