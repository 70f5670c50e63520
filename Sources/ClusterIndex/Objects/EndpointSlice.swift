/// An EndpointSlice (discovery.k8s.io/v1), trimmed to what DNS needs.
public struct EndpointSlice: Hashable, Sendable {
    /// `addressType`.
    public enum AddressType: Hashable, Sendable { case ipv4, ipv6, fqdn }

    /// Namespace and name.
    public var key: ObjectKey
    /// `metadata.labels`.
    public var labels: [String: String]
    /// Label `kubernetes.io/service-name`; empty where it is missing.
    public var serviceName: String
    /// Label `multicluster.kubernetes.io/service-name`; empty where it is missing.
    public var importedServiceName: String
    /// Label `multicluster.kubernetes.io/source-cluster`; empty where it is missing.
    public var sourceCluster: String
    /// What the addresses are.
    public var addressType: AddressType
    /// All of them, ready or not.
    public var endpoints: [Endpoint]
    /// The ports that all addresses have.
    public var ports: [ServicePort]
    /// Annotation `endpoints.kubernetes.io/last-change-trigger-time` (RFC 3339); empty where it is missing.
    public var lastChangeTriggerTime: String

    /// A slice; the labels that name its service are parameters of their own.
    public init(
        key: ObjectKey, labels: [String: String] = [:], serviceName: String = "", importedServiceName: String = "",
        sourceCluster: String = "", addressType: AddressType = .ipv4, endpoints: [Endpoint] = [],
        ports: [ServicePort] = [], lastChangeTriggerTime: String = ""
    ) {
        self.key = key
        self.labels = labels
        self.serviceName = serviceName
        self.importedServiceName = importedServiceName
        self.sourceCluster = sourceCluster
        self.addressType = addressType
        self.endpoints = endpoints
        self.ports = ports
        self.lastChangeTriggerTime = lastChangeTriggerTime
    }
}

/// One endpoint of a slice.
public struct Endpoint: Hashable, Sendable {
    /// Texts as in the API object; all of them are answered.
    public var addresses: [String]
    /// `conditions.ready`; absent means ready.
    public var ready: Bool?
    /// `conditions.serving`; told by `explain`, not used for answers.
    public var serving: Bool?
    /// `conditions.terminating`; told by `explain`, not used for answers.
    public var terminating: Bool?
    /// Empty where it is missing.
    public var hostname: String
    /// `targetRef.name`; empty where it is missing.
    public var targetName: String
    /// Empty where it is missing.
    public var zone: String

    /// An endpoint; only its addresses are needed.
    public init(
        addresses: [String], ready: Bool? = nil, serving: Bool? = nil, terminating: Bool? = nil, hostname: String = "",
        targetName: String = "", zone: String = ""
    ) {
        self.addresses = addresses
        self.ready = ready
        self.serving = serving
        self.terminating = terminating
        self.hostname = hostname
        self.targetName = targetName
        self.zone = zone
    }
}

/// An Endpoints object (core/v1): what came before EndpointSlice.
public struct Endpoints: Hashable, Sendable {
    /// `subsets[]`: every ready address has every port.
    public struct Subset: Hashable, Sendable {
        /// `addresses`: the ready ones.
        public var ready: [Endpoint]
        /// `notReadyAddresses`.
        public var notReady: [Endpoint]
        /// The ports that all addresses have.
        public var ports: [ServicePort]

        /// A subset.
        public init(ready: [Endpoint] = [], notReady: [Endpoint] = [], ports: [ServicePort] = []) {
            self.ready = ready
            self.notReady = notReady
            self.ports = ports
        }
    }

    /// The name is that of the service.
    public var key: ObjectKey
    /// `metadata.labels`.
    public var labels: [String: String]
    /// `subsets`.
    public var subsets: [Subset]

    /// The endpoints of the service of the same name.
    public init(key: ObjectKey, labels: [String: String] = [:], subsets: [Subset] = []) {
        self.key = key
        self.labels = labels
        self.subsets = subsets
    }
}
