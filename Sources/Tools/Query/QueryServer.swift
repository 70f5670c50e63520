import Corefile
import DNSMessage
import DNSResolver
import Glibc
import Plugins
import Sockets

/// Turns what stands behind `@` into addresses.
enum QueryServer {
    private static let standardPort: UInt16 = 53

    typealias Found = (address: SocketAddress, text: String)

    /// An address or a host's name, with its port behind `:` or `#`.
    static func addresses(_ text: String, _ options: QueryOptions) throws(QueryMistake) -> [Found] {
        var place = text
        var port = options.port ?? standardPort
        if let mark = text.lastIndex(of: "#") {
            guard let number = UInt16(text[text.index(after: mark)...]), number > 0 else {
                throw QueryMistake("'@\(text)': behind '#' stands a port")
            }
            (place, port) = (String(text[..<mark]), number)
        }
        guard let parts = HostAndPort(place) else { throw QueryMistake("'@\(text)' is no server") }
        port = parts.port ?? port
        if let address = IPAddress(parts.host)?.unmapped {
            let scope = parts.zone.map { UInt32($0) ?? if_nametoindex($0) } ?? 0
            return try suitable([address], text, options).map {
                (SocketAddress($0, port: port, scope: scope), parts.host)
            }
        }
        let found = SystemLookup.addresses(of: parts.host).map(\.address)
        guard !found.isEmpty else { throw QueryMistake("couldn't get address for '\(parts.host)': not found") }
        return try suitable(found, text, options).map { (SocketAddress($0, port: port), parts.host) }
    }

    /// Those of `/etc/resolv.conf`, or this machine itself where it names none (resolv.conf(5)).
    static func addresses(
        of resolver: ResolverConfiguration, _ options: QueryOptions
    ) throws(QueryMistake) -> [Found] {
        let usable = resolver.servers.filter { options.family == nil || $0.address.family == options.family }
        guard !usable.isEmpty else { throw QueryMistake("/etc/resolv.conf names no server of that address family") }
        let port = options.port
        return usable.map { server in
            // A server with a port of its own keeps it, unless another one is asked for.
            let address = SocketAddress(server.address, port: port ?? server.port, scope: server.scope)
            return (address, "\(server.address)")
        }
    }

    /// What this machine's file says; without one what holds then.
    static var system: ResolverConfiguration {
        guard let bytes = try? DiskFiles().read("/etc/resolv.conf") else { return ResolverConfiguration() }
        return ResolverConfiguration(resolvConf: String(decoding: bytes, as: UTF8.self)) { name in
            Environment.process.value(of: name)
        }
    }

    private static func suitable(
        _ addresses: [IPAddress], _ text: String, _ options: QueryOptions
    ) throws(QueryMistake) -> [IPAddress] {
        let usable = addresses.filter { options.family == nil || $0.family == options.family }
        guard !usable.isEmpty else { throw QueryMistake("'@\(text)' has no address of that family") }
        return usable
    }
}
