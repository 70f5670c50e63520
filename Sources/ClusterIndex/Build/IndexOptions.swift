/// What of the cluster is answered; the options of the `kubernetes` block that the index itself heeds.
public struct IndexOptions: Hashable, Sendable {
    /// How names of pods' addresses are answered.
    public enum PodsMode: UInt8, Hashable, Sendable {
        /// Not at all.
        case disabled
        /// Every address in a known namespace.
        case insecure
        /// Addresses of pods that exist.
        case verified
    }

    /// Which namespaces are answered.
    public enum NamespaceFilter: Hashable, Sendable {
        case all
        /// `namespaces`.
        case named(Set<String>)
        /// `namespace_labels`.
        case labelled(LabelSelector)
    }

    /// `pods`.
    public var pods: PodsMode
    /// `endpoint_pod_names`: an endpoint without a host name is called by its pod's name.
    public var endpointPodNames: Bool
    /// `noendpoints`: EndpointSlices and Endpoints are not read.
    public var ignoresEndpoints: Bool
    /// `ignore empty_service`: a service with a cluster IP but without ready endpoints does not exist.
    public var ignoresEmptyServices: Bool
    /// `zonal`: the names that pick endpoints by their zone.
    public var isZonal: Bool
    /// `k8s_external`: external addresses of Services are kept. Without it they take no memory.
    public var keepsExternals = false
    /// The topology zones of endpoints are kept, as they are for `zonal`. Without either they take no memory.
    public var keepsZones = false
    /// `namespaces` or `namespace_labels`.
    public var namespaces: NamespaceFilter
    /// `labels`: which Services, EndpointSlices and Pods are read.
    public var labels: LabelSelector

    /// CoreDNS's defaults.
    public init(
        pods: PodsMode = .disabled, endpointPodNames: Bool = false, ignoresEndpoints: Bool = false,
        ignoresEmptyServices: Bool = false, isZonal: Bool = false, namespaces: NamespaceFilter = .all,
        labels: LabelSelector = .everything
    ) {
        self.pods = pods
        self.endpointPodNames = endpointPodNames
        self.ignoresEndpoints = ignoresEndpoints
        self.ignoresEmptyServices = ignoresEmptyServices
        self.isZonal = isZonal
        self.namespaces = namespaces
        self.labels = labels
    }
}
