public import DNSMessage

/// Where the server listens: an address and port, over UDP and TCP both.
public struct ListenAddress: Hashable, Sendable {
    /// Nil listens on every address, IPv4 and IPv6, through one socket.
    public var address: IPAddress?
    /// The port, for UDP and TCP both.
    public var port: UInt16
    /// Interface index of a link-local address, else 0.
    public var scope: UInt32

    /// An address to bind to.
    public init(_ address: IPAddress? = nil, port: UInt16, scope: UInt32 = 0) {
        self.address = address
        self.port = port
        self.scope = scope
    }

    /// The address to bind to.
    var socketAddress: SocketAddress {
        SocketAddress(address ?? IPAddress(high: 0, low: 0), port: port, scope: scope)
    }

    /// Whether packets arrive for many addresses, so that each reply must be told which one to leave from.
    var isWildcard: Bool { address.map { $0.high == 0 && $0.unmapped.low == 0 } ?? true }

    /// `::` listens on IPv4, too, as it does for CoreDNS; `0.0.0.0` on nothing else.
    var isDualStack: Bool { isWildcard && address?.family != .v4 }
}

extension ListenAddress: CustomStringConvertible {
    /// `:53`, `192.0.2.1:53` or `[2001:db8::1]:53`.
    public var description: String {
        guard let address else { return ":\(port)" }
        return address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}
