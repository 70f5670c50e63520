/// An address and a port; IPv4-mapped IPv6 addresses are IPv4 here.
public struct SocketAddress: Hashable, Sendable {
    /// The network address.
    public var address: IPAddress
    /// The port of UDP or TCP.
    public var port: UInt16
    /// Interface index of a link-local IPv6 address, else 0.
    public var scope: UInt32

    /// An endpoint of a transport.
    @inlinable public init(_ address: IPAddress, port: UInt16, scope: UInt32 = 0) {
        self.address = address
        self.port = port
        self.scope = scope
    }
}

extension SocketAddress: CustomStringConvertible {
    /// `192.0.2.1:53` or `[2001:db8::1]:53`.
    public var description: String {
        address.family == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    }
}
