import DNSMessage
import Glibc
import Plugins

/// Turns what stands behind `@` into addresses.
enum QueryServer {
    typealias Found = (address: SocketAddress, text: String)

    /// An address or a host's name, with its port behind `:` or `#`.
    static func addresses(_ text: String, _ options: QueryOptions) throws(QueryMistake) -> [Found] {
        var place = text
        var port = options.port
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
        let found = HostLookup.systemAddresses(parts.host)
        guard !found.isEmpty else { throw QueryMistake("couldn't get address for '\(parts.host)': not found") }
        return try suitable(found, text, options).map { (SocketAddress($0, port: port), parts.host) }
    }

    /// Those of `/etc/resolv.conf`, or this machine itself where it names none (resolv.conf(5)).
    static func addresses(of resolver: SystemResolver, _ options: QueryOptions) throws(QueryMistake) -> [Found] {
        let listed = resolver.servers.isEmpty ? [SocketAddress(IPAddress(v4: 0x7F00_0001), port: 53)] : resolver.servers
        let usable = listed.filter { options.family == nil || $0.address.family == options.family }
        guard !usable.isEmpty else { throw QueryMistake("/etc/resolv.conf names no server of that address family") }
        return usable.map { (SocketAddress($0.address, port: options.port, scope: $0.scope), "\($0.address)") }
    }

    private static func suitable(
        _ addresses: [IPAddress], _ text: String, _ options: QueryOptions
    ) throws(QueryMistake) -> [IPAddress] {
        let usable = addresses.filter { options.family == nil || $0.family == options.family }
        guard !usable.isEmpty else { throw QueryMistake("'@\(text)' has no address of that family") }
        return usable
    }
}
