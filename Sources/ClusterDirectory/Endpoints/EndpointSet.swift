import ClusterIndex
public import DNSMessage

/// Where a port of a service can be reached now: what a client balances its load over.
///
/// Ready endpoints, as the API server's EndpointSlices tell them: those of a headless service and those behind a
/// cluster IP alike, and with `publishNotReadyAddresses` all that there are. Endpoints that are names are left out.
public struct EndpointSet: Hashable, Sendable {
    /// Ready endpoints, each once, in the order of their addresses; so equal sets are equal values.
    public var endpoints: [Endpoint]
    /// Whether the service exists; without it there are no endpoints either.
    public var serviceExists: Bool

    /// One of them.
    public struct Endpoint: Hashable, Sendable {
        /// Address and port; port 0 where neither the service nor its slices tell one.
        public var address: SocketAddress
        /// The pod's host name in lower case, where it has one of its own; else empty.
        public var hostname: String
        /// The topology zone in lower case, for clients that prefer their own; empty where it is not known.
        public var zone: String

        /// An endpoint.
        public init(_ address: SocketAddress, hostname: String = "", zone: String = "") {
            self.address = address
            self.hostname = hostname
            self.zone = zone
        }
    }

    /// A set.
    public init(_ endpoints: [Endpoint] = [], serviceExists: Bool) {
        self.endpoints = endpoints
        self.serviceExists = serviceExists
    }

    /// What an index knows.
    init(of topic: EndpointTopic, in index: ClusterIndex) {
        var found: [Endpoint] = []
        serviceExists = index.forEachReadyEndpoint(of: topic.service, port: topic.port) { address, hostname, zone in
            found.append(Endpoint(address, hostname: hostname, zone: zone))
        }
        found.sort { $0.isOrdered(before: $1) }
        endpoints = []
        endpoints.reserveCapacity(found.count)
        // Slices overlap for a moment when an endpoint moves from one to another.
        for endpoint in found where endpoints.last?.address != endpoint.address { endpoints.append(endpoint) }
    }
}

/// A set on its way to many subscribers: its hash tells most others from it without a look at every endpoint.
struct EndpointNews: Equatable, Sendable {
    let set: EndpointSet
    private let hash: Int

    init(_ set: EndpointSet) {
        self.set = set
        hash = set.hashValue
    }

    static func == (a: EndpointNews, b: EndpointNews) -> Bool { a.hash == b.hash && a.set == b.set }
}

extension EndpointSet.Endpoint {
    fileprivate func isOrdered(before other: Self) -> Bool {
        let (a, b) = (address.address, other.address.address)
        if a != b { return (a.family.rawValue, a.high, a.low) < (b.family.rawValue, b.high, b.low) }
        if address.port != other.address.port { return address.port < other.address.port }
        return (hostname, zone) < (other.hostname, other.zone)
    }
}
