import DNSMessage
import HostFiles
import PluginKit

/// The name servers of a file in the manner of resolv.conf(5).
struct ResolverFile {
    /// In the order of the file, loopback ones only where there are no others.
    let servers: [SocketAddress]
    /// Loopback addresses left out, or, where there are no others, all of them.
    let loopbacks: [SocketAddress]

    /// Whether all servers are on this host itself, as far as the file's host was meant.
    var isLoopbackOnly: Bool { !servers.isEmpty && loopbacks.count == servers.count }

    init(_ content: [UInt8]) {
        let found = ResolvConf(content).servers
        loopbacks = found.filter { $0.address.isLoopback }
        servers = loopbacks.count == found.count ? found : found.filter { !$0.address.isLoopback }
    }
}
