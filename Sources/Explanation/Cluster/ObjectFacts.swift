public import ClusterIndex

/// A cluster by all of its objects, collected one by one.
public struct ObjectFacts: ClusterFacts {
    private var namespaceNames: Set<String> = []
    private var servicesByNamespace: [String: [String: Service]] = [:]
    private var slices = SliceCollector()
    private var serviceDetails: [ObjectKey: ServiceDetails] = [:]
    private var podDetails: [String: [PodDetails]] = [:]
    /// Everything, for the indices of the Corefile's `kubernetes` lines.
    private var objects: [ClusterObject] = []

    /// No objects yet.
    public init() {}

    /// Enters an object; of two with the same key the later is answered from.
    public mutating func add(_ object: ClusterObject) {
        objects.append(object)
        switch object {
        case .namespace(let namespace): namespaceNames.insert(namespace.name)
        case .service(let service): servicesByNamespace[service.key.namespace, default: [:]][service.key.name] = service
        case .endpointSlice, .endpoints: slices.add(object)
        case .pod, .serviceImport: break
        }
    }

    /// Enters what a Service says besides.
    public mutating func add(_ details: ServiceDetails) { serviceDetails[details.key] = details }

    /// Enters a Pod with what DNS does not need; all that matter of its namespace must be entered.
    public mutating func add(_ pod: PodDetails) { podDetails[pod.key.namespace, default: []].append(pod) }

    /// The Pods of the namespace were looked up, even if there is none.
    public mutating func notePods(in namespace: String) { podDetails[namespace, default: []] += [] }

    /// An index that answers as these options want it.
    public func index(_ options: IndexOptions) -> ClusterIndex {
        var index = ClusterIndex(options: options)
        for object in objects { index.upsert(object) }
        return index
    }

    /// Objects say everything.
    public var knowsConditions: Bool { true }
    /// All of them.
    public var namespaces: [String] { Array(namespaceNames) }

    /// Whether there is such a Service.
    public func hasService(_ key: ObjectKey) -> Bool { service(key) != nil }
    /// Names of the Services of a namespace.
    public func services(in namespace: String) -> [String] { Array((servicesByNamespace[namespace] ?? [:]).keys) }
    /// A Service.
    public func service(_ key: ObjectKey) -> Service? { servicesByNamespace[key.namespace]?[key.name] }
    /// The EndpointSlices of a Service.
    public func slices(of service: ObjectKey) -> [EndpointSlice] { slices.slices(of: service) }
    /// What a Service says besides.
    public func details(of service: ObjectKey) -> ServiceDetails? { serviceDetails[service] }
    /// The Pods of a namespace, if they were looked up.
    public func pods(in namespace: String) -> [PodDetails]? { podDetails[namespace] }
}
