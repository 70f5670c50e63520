public import DNSMessage

/// Where a port of a service can be reached now: what a client balances its load over.
public struct EndpointSet: Hashable, Sendable {
    /// Ready endpoints, in no particular order.
    public var endpoints: [Endpoint]
    /// Whether the service exists; without it there are no endpoints either.
    public var serviceExists: Bool

    /// One of them.
    public struct Endpoint: Hashable, Sendable {
        /// Address and port.
        public var address: SocketAddress
        /// The pod's host name, where it has one of its own; else empty.
        public var hostname: String

        /// An endpoint.
        public init(_ address: SocketAddress, hostname: String = "") {
            self.address = address
            self.hostname = hostname
        }
    }

    /// A set.
    public init(_ endpoints: [Endpoint] = [], serviceExists: Bool) {
        self.endpoints = endpoints
        self.serviceExists = serviceExists
    }
}
