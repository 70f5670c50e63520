import CLinux
import DNSMessage
import Glibc
import PluginKit
import Sockets

/// Why the server cannot listen, in words for an operator.
public struct ListenError: Error, CustomStringConvertible, Sendable {
    /// One sentence, without a final stop.
    public let description: String
    /// Whether another has the port.
    var isPortTaken = false
}

/// The two sockets of a listen address for one worker, bound and not yet read from.
struct BoundSockets {
    let address: ListenAddress
    let udp: Int32
    let tcp: Int32

    func close() {
        Glibc.close(udp)
        Glibc.close(tcp)
    }
}

/// Opens the sockets of one listen address: for each worker one for UDP and one for TCP, sharing the port.
struct SocketOpener {
    let address: ListenAddress

    /// Fails if another program has the port: with SO_REUSEPORT alone both would get half of the queries, silently.
    /// Who has it at one address only, as systemd-resolved has 127.0.0.53, does not take queries from a wildcard.
    func checkThatPortIsFree() throws(ListenError) {
        try check(SOCK_STREAM, "tcp")
        try check(SOCK_DGRAM, "udp")
    }

    private func check(_ kind: __socket_type, _ word: String) throws(ListenError) {
        do throws(ListenError) {
            close(try open(kind, word, sharesPort: false))
        } catch {
            // A program on one address of this host, as systemd-resolved is, keeps its queries and takes none of ours.
            guard address.address == nil, let socket = try? bound(kind, Self.unusedAddress, false) else { throw error }
            close(socket)
        }
    }

    /// Taken only where the port is taken on all addresses.
    private static let unusedAddress = IPAddress(v4: 0x7F53_1105)

    func openBoth() throws(ListenError) -> BoundSockets {
        let tcp = try open(SOCK_STREAM, "tcp", sharesPort: true)
        do throws(ListenError) {
            return BoundSockets(address: address, udp: try open(SOCK_DGRAM, "udp", sharesPort: true), tcp: tcp)
        } catch {
            close(tcp)
            throw error
        }
    }

    private func open(_ kind: __socket_type, _ word: String, sharesPort: Bool) throws(ListenError) -> Int32 {
        do throws(SystemError) {
            if let socket = try openWildcard(kind, sharesPort) { return socket }
            return try bound(kind, address.address ?? IPAddress(v4: 0), sharesPort)
        } catch {
            throw ListenError(
                description: "Listen: listen \(word) \(address): \(explain(error))",
                isPortTaken: error.code == EADDRINUSE)
        }
    }

    /// One socket for both families; nil where this kernel has no IPv6, or for an address of its own.
    private func openWildcard(_ kind: __socket_type, _ sharesPort: Bool) throws(SystemError) -> Int32? {
        guard address.address == nil else { return nil }
        do throws(SystemError) {
            return try bound(kind, IPAddress(high: 0, low: 0), sharesPort)
        } catch {
            guard [EAFNOSUPPORT, EADDRNOTAVAIL].contains(error.code) else { throw error }
            return nil
        }
    }

    private static let missingCapability =
        "a port below 1024 needs the capability NET_BIND_SERVICE: add it under securityContext.capabilities, "
        + "or listen on a higher port"

    private func explain(_ error: SystemError) -> String {
        switch error.code {
        case EADDRINUSE: "bind: address already in use: another server has port \(address.port)"
        case EACCES: "bind: permission denied: \(Self.missingCapability)"
        case EADDRNOTAVAIL: "bind: cannot assign requested address: no interface of this host has it"
        default: "bind: \(error)"
        }
    }

    private func bound(_ kind: __socket_type, _ ip: IPAddress, _ sharesPort: Bool) throws(SystemError) -> Int32 {
        // A busy worker waits inside its UDP socket; every other call on it says that it does not wait.
        let socket = try Syscall.open(kind, ip.family, waits: kind == SOCK_DGRAM)
        do {
            try configure(socket, kind, ip.family, sharesPort)
            try Syscall.bind(socket, to: SocketAddress(ip, port: address.port, scope: address.scope))
            if kind == SOCK_STREAM { try Syscall.check { listen(socket, Limits.backlog) } }
            return socket
        } catch {
            close(socket)
            throw error
        }
    }

    private func configure(
        _ socket: Int32, _ kind: __socket_type, _ family: IPAddress.Family, _ sharesPort: Bool
    ) throws(SystemError) {
        if sharesPort { try Syscall.setOption(socket, SOL_SOCKET, SO_REUSEPORT) }
        if family == .v6 {
            try Syscall.setOption(socket, Int32(IPPROTO_IPV6), IPV6_V6ONLY, address.isDualStack ? 0 : 1)
        }
        if kind == SOCK_STREAM { return try configureStreams(socket) }
        // A larger queue rides out a pause of a few milliseconds; the kernel caps it as its administrator wants.
        try? Syscall.setOption(socket, SOL_SOCKET, SO_RCVBUF, 4 << 20)
        try? Syscall.setOption(socket, SOL_SOCKET, SO_SNDBUF, 4 << 20)
        try Syscall.setOption(socket, SO_RCVTIMEO, milliseconds: Int(Limits.lingerMilliseconds))
        guard address.isWildcard else { return }
        if family == .v6 {
            try Syscall.setOption(socket, Int32(IPPROTO_IPV6), IPV6_RECVPKTINFO)
        } else {
            try Syscall.setOption(socket, Int32(IPPROTO_IP), IP_PKTINFO)
        }
    }

    /// Accepted connections inherit all of these.
    private func configureStreams(_ socket: Int32) throws(SystemError) {
        try Syscall.setOption(socket, SOL_SOCKET, SO_REUSEADDR)
        try Syscall.setOption(socket, Int32(IPPROTO_TCP), TCP_NODELAY)
        try Syscall.setOption(socket, Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, Limits.unsentBytesMax)
    }
}
