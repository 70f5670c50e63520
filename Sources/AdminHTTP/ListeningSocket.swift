import CLinux
import DNSMessage
import Glibc
import Sockets

/// Why a server cannot listen, as in `listen tcp :8080: bind: address already in use`.
public struct ListenError: Error, Equatable, CustomStringConvertible {
    /// The sentence for the user.
    public let description: String

    init(_ address: ListenAddress, _ step: String, errno code: Int32) {
        let reason = String(cString: strerror(code))
        description = "listen tcp \(address): \(step): \(reason.prefix(1).lowercased() + reason.dropFirst())"
    }

    init(unknownHost host: String) {
        description = "listen tcp: lookup \(host): no such host"
    }
}

/// Opens the socket that a server accepts connections from.
enum ListeningSocket {
    private static let backlog: Int32 = 128

    /// Resolves, binds and listens; the returned address has the real port.
    static func open(_ address: ListenAddress) throws(ListenError) -> (descriptor: Int32, address: ListenAddress) {
        var failure = ListenError(unknownHost: address.host)
        for candidate in candidates(address) {
            do throws(ListenError) {
                let descriptor = try open(candidate, for: address)
                let port = Syscall.localAddress(descriptor)?.port ?? address.port
                return (descriptor, ListenAddress(host: address.host, port: port))
            } catch {
                failure = error
            }
        }
        throw failure
    }

    /// A connection to an address that is listened on; each step waits at most so long.
    static func connect(to address: ListenAddress, withinMilliseconds milliseconds: Int) -> Int32? {
        let isWildcard = address.host.isEmpty || address.host == "::"
        let target = ListenAddress(host: isWildcard ? "127.0.0.1" : address.host, port: address.port)
        guard let server = candidates(target).first,
            let descriptor = try? Syscall.open(SOCK_STREAM, server.address.family, waits: true)
        else { return nil }
        do throws(SystemError) {
            for option in [SO_SNDTIMEO, SO_RCVTIMEO] {
                try Syscall.setOption(descriptor, option, milliseconds: milliseconds)
            }
            try Syscall.connect(descriptor, to: KernelAddress(server))
            return descriptor
        } catch {
            Syscall.close(descriptor)
            return nil
        }
    }

    /// What to try, in order; nothing where there is no such host.
    private static func candidates(_ address: ListenAddress) -> [SocketAddress] {
        // One wildcard socket serves both families; a machine without IPv6 takes the other.
        if address.host.isEmpty || address.host == "::" {
            return [IPAddress(high: 0, low: 0), IPAddress(v4: 0)].map { SocketAddress($0, port: address.port) }
        }
        // RFC 6761 §6.3: localhost needs no look-up.
        let found = SystemLookup.addresses(of: address.host == "localhost" ? "127.0.0.1" : address.host)
        guard var first = found.first(where: { $0.address.family == .v4 }) ?? found.first else { return [] }
        first.port = address.port
        return [first]
    }

    private static func open(_ candidate: SocketAddress, for address: ListenAddress) throws(ListenError) -> Int32 {
        var step = "socket"
        var opened: Int32?
        do throws(SystemError) {
            let descriptor = try Syscall.open(SOCK_STREAM, candidate.address.family)
            opened = descriptor
            try? Syscall.setOption(descriptor, SOL_SOCKET, SO_REUSEADDR)
            if candidate.address.family == .v6 {
                try? Syscall.setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
            }
            step = "bind"
            try Syscall.bind(descriptor, to: candidate)
            step = "listen"
            try Syscall.check { listen(descriptor, backlog) }
            return descriptor
        } catch {
            if let opened { Syscall.close(opened) }
            throw ListenError(address, step, errno: error.code)
        }
    }
}
