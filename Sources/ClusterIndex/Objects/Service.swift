/// A Service (core/v1), trimmed to what DNS needs.
public struct Service: Hashable, Sendable {
    /// `spec.type`; a type unknown to us is answered by its cluster IPs.
    public enum Kind: Hashable, Sendable {
        case clusterIP
        case nodePort
        case loadBalancer
        case externalName
    }

    /// Namespace and name.
    public var key: ObjectKey
    /// `metadata.labels`.
    public var labels: [String: String]
    /// `spec.type`.
    public var kind: Kind
    /// `spec.clusterIPs`, or `[spec.clusterIP]` where the list is absent; `["None"]` marks a headless service.
    public var clusterIPs: [String]
    /// `spec.externalName`; empty where it is missing.
    public var externalName: String
    /// `spec.externalIPs`.
    public var externalIPs: [String]
    /// `status.loadBalancer.ingress`: addresses, and host names for those without one.
    public var ingress: [Ingress]
    /// `spec.ports`.
    public var ports: [ServicePort]

    /// One entry of `status.loadBalancer.ingress`.
    public struct Ingress: Hashable, Sendable {
        /// An address; empty where there is none.
        public var ip: String
        /// A host name; empty where there is none.
        public var hostname: String

        /// An entry; either text may be empty.
        public init(ip: String = "", hostname: String = "") {
            self.ip = ip
            self.hostname = hostname
        }
    }

    /// A service; only the key is needed.
    public init(
        key: ObjectKey, labels: [String: String] = [:], kind: Kind = .clusterIP, clusterIPs: [String] = [],
        externalName: String = "", externalIPs: [String] = [], ingress: [Ingress] = [], ports: [ServicePort] = []
    ) {
        self.key = key
        self.labels = labels
        self.kind = kind
        self.clusterIPs = clusterIPs
        self.externalName = externalName
        self.externalIPs = externalIPs
        self.ingress = ingress
        self.ports = ports
    }

    /// Whether the service has no address of its own and is answered by its endpoints.
    public var isHeadless: Bool { kind != .externalName && clusterIPs.first == "None" }
}

/// A port of a Service, a ServiceImport or an EndpointSlice.
public struct ServicePort: Hashable, Sendable {
    /// Empty for an unnamed port.
    public var name: String
    /// `TCP`, `UDP` or `SCTP`; the API's default is TCP.
    public var transport: String
    /// Absent only in slices that mean "all ports".
    public var number: UInt16?

    /// A port as the API writes it.
    public init(name: String = "", transport: String = "TCP", number: UInt16?) {
        self.name = name
        self.transport = transport
        self.number = number
    }
}

/// A ServiceImport (multicluster.x-k8s.io/v1alpha1).
public struct ServiceImport: Hashable, Sendable {
    /// `spec.type`.
    public enum Kind: Hashable, Sendable { case clusterSetIP, headless }

    /// Namespace and name.
    public var key: ObjectKey
    /// `spec.type`.
    public var kind: Kind
    /// `spec.ips`.
    public var ips: [String]
    /// `spec.ports`.
    public var ports: [ServicePort]

    /// An import of a service that other clusters of the set export.
    public init(key: ObjectKey, kind: Kind = .clusterSetIP, ips: [String] = [], ports: [ServicePort] = []) {
        self.key = key
        self.kind = kind
        self.ips = ips
        self.ports = ports
    }
}
