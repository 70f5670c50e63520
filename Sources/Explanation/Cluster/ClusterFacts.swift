public import ClusterIndex

/// What is known of a cluster's objects, to say why it answers as it does.
public protocol ClusterFacts: Sendable {
    /// Whether endpoints that are not ready are known with their conditions; otherwise they are only counted.
    var knowsConditions: Bool { get }
    /// Names of namespaces.
    var namespaces: [String] { get }
    /// Whether there is such a Service.
    func hasService(_ key: ObjectKey) -> Bool
    /// Names of the Services of a namespace.
    func services(in namespace: String) -> [String]
    /// A Service.
    func service(_ key: ObjectKey) -> Service?
    /// The EndpointSlices of a Service, by name.
    func slices(of service: ObjectKey) -> [EndpointSlice]
    /// What else the Service says; nil where it was not looked up.
    func details(of service: ObjectKey) -> ServiceDetails?
    /// The Pods of a namespace; nil where they were not looked up.
    func pods(in namespace: String) -> [PodDetails]?
}

/// A cluster that a `kubernetes` plugin answers from.
public struct KnownCluster: Sendable {
    /// Where its answers come from.
    public var index: ClusterIndex
    /// Where the reasons come from.
    public var facts: any ClusterFacts
    /// Whether everything has arrived.
    public var isSynced: Bool

    /// A cluster.
    public init(index: ClusterIndex, facts: any ClusterFacts, isSynced: Bool) {
        self.index = index
        self.facts = facts
        self.isSynced = isSynced
    }
}

/// A running server knows what its answers need, and no more.
public struct IndexFacts: ClusterFacts {
    private let index: ClusterIndex

    /// What an index knows.
    public init(_ index: ClusterIndex) { self.index = index }

    /// Endpoints that are not ready are counted only.
    public var knowsConditions: Bool { false }
    /// Those that are answered.
    public var namespaces: [String] { index.namespaceNames }

    /// Whether there is such a Service.
    public func hasService(_ key: ObjectKey) -> Bool { index.hasService(key) }

    /// Names of the Services of a namespace.
    public func services(in namespace: String) -> [String] { index.serviceNames(in: namespace) }
    /// A Service, as far as answers need it.
    public func service(_ key: ObjectKey) -> Service? { index.service(key) }
    /// The EndpointSlices of a Service, as far as answers need them.
    public func slices(of service: ObjectKey) -> [EndpointSlice] { index.slices(of: service) }

    /// Not known.
    public func details(of service: ObjectKey) -> ServiceDetails? { nil }
    /// Not known.
    public func pods(in namespace: String) -> [PodDetails]? { nil }
}

/// EndpointSlices by the Service they name; an Endpoints object counts where its Service has no slice.
struct SliceCollector: Sendable {
    private var slices: [ObjectKey: [EndpointSlice]] = [:]
    private var endpoints: [ObjectKey: Endpoints] = [:]

    mutating func add(_ object: ClusterObject) {
        switch object {
        case .endpointSlice(let slice):
            slices[ObjectKey(namespace: slice.key.namespace, name: slice.serviceName), default: []].append(slice)
        case .endpoints(let object): endpoints[object.key] = object
        case .namespace, .service, .pod, .serviceImport: break
        }
    }

    func slices(of service: ObjectKey) -> [EndpointSlice] {
        if let found = slices[service] { return found.sorted { $0.key.name < $1.key.name } }
        guard let legacy = endpoints[service] else { return [] }
        return legacy.subsets.map { subset in
            let unready = subset.notReady.map { endpoint in
                var endpoint = endpoint
                endpoint.ready = false
                return endpoint
            }
            return EndpointSlice(
                key: service, serviceName: service.name, endpoints: subset.ready + unready, ports: subset.ports)
        }
    }
}
