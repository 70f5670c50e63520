import DNSMessage
import EventLoop
import Upstream

/// The servers of a configuration, and how they did. On the resolver's queue.
final class ServerList {
    struct Server {
        let address: SocketAddress
        let client: any UpstreamClient
        /// Until then it is asked last.
        var restsUntil: UInt64 = 0
        var readsEDNS: Bool
    }

    private(set) var servers: [Server]
    let configuration: ResolverConfiguration

    init(_ configuration: ResolverConfiguration, mixesCase: Bool, loop: EventLoop) {
        self.configuration = configuration
        var settings = UpstreamSettings()
        settings.mixesCase = mixesCase
        settings.idleTimeout = Limits.socketRest
        servers = configuration.servers.map { [settings] in
            Server(
                address: $0, client: DatagramClient(address: $0, loop: loop, settings: settings),
                readsEDNS: configuration.usesEDNS)
        }
    }

    /// In which order a question goes to them; those that rest come last.
    func order(turn: Int, now: UInt64) -> [Int] {
        let count = servers.count
        guard count > 0 else { return [] }
        let start = configuration.rotates ? turn % count : 0
        let all = (0..<count).map { (start + $0) % count }
        return all.filter { servers[$0].restsUntil <= now } + all.filter { servers[$0].restsUntil > now }
    }

    func noteReply(_ index: Int) { servers[index].restsUntil = 0 }

    func noteFailure(_ index: Int) { servers[index].restsUntil = EventLoop.now + Limits.serverRest }

    func noteUnreadable(_ index: Int) { servers[index].readsEDNS = false }

    /// Lets go of the sockets; exchanges under way come to their end.
    func close() { for server in servers { server.client.close() } }
}
