public import DNSMessage

/// What a name below a zone of the cluster spells: the same reading that look-ups go by, for people.
public enum NameForm: Hashable, Sendable {
    /// The zone itself.
    case apex
    /// `svc` or `pod`.
    case category(String)
    /// `NAMESPACE.svc` or `NAMESPACE.pod`.
    case namespace(String, isOfPods: Bool)
    /// `SERVICE.NAMESPACE.svc`.
    case service(ObjectKey)
    /// `ENDPOINT.SERVICE.NAMESPACE.svc`: a host name, or an address with dashes.
    case endpoint(String, of: ObjectKey)
    /// `_PORT._PROTOCOL.SERVICE.NAMESPACE.svc`.
    case port(String, transport: String, of: ObjectKey)
    /// `ENDPOINT.CLUSTER.SERVICE.NAMESPACE.svc`, in zones of a cluster set.
    case clusterEndpoint(String, cluster: String, of: ObjectKey)
    /// `ZONE….pin._zone.SERVICE.NAMESPACE.svc`, or the same with `prefer`.
    case zonal(String, of: ObjectKey)
    /// `ADDRESS.NAMESPACE.pod`.
    case pod(String, namespace: String)
    /// `ns.dns`.
    case nameServer
    /// `dns-version`.
    case version
    /// An address, backwards.
    case reverse(IPAddress)
    /// No form that a cluster has; the labels left of the zone.
    case other([String])

    /// The service that the name is about.
    public var service: ObjectKey? {
        switch self {
        case .service(let key), .endpoint(_, let key), .port(_, _, let key), .clusterEndpoint(_, _, let key),
            .zonal(_, let key):
            key
        case .apex, .category, .namespace, .pod, .nameServer, .version, .reverse, .other: nil
        }
    }
}

extension ClusterIndex {
    /// What a name spells in a zone that it is in.
    public func form(of name: Name, in zone: ClusterZone) -> NameForm {
        var scratch = NameScratch()
        let view = scratch.read(name)
        if let address = ReverseName.address(of: view) { return .reverse(address) }
        let count = view.labelCount - zone.name.labelCount
        let labels = (0..<max(0, count)).map { String(decoding: view.label($0), as: UTF8.self) }
        let scope: Scope = zone.isClusterSet ? .clusterSet : .cluster
        switch ClusterName(view, count: count, isZonal: options.isZonal, scope: scope) {
        case .apex: return .apex
        case .category: return .category(labels[0])
        case .serviceNamespace: return .namespace(labels[0], isOfPods: false)
        case .podNamespace: return .namespace(labels[0], isOfPods: true)
        case .service: return .service(ClusterIndex.service(labels))
        case .endpoint: return .endpoint(labels[0], of: ClusterIndex.service(labels))
        case .port: return .port(labels[0], transport: labels[1], of: ClusterIndex.service(labels))
        case .clusterEndpoint:
            return .clusterEndpoint(labels[0], cluster: labels[1], of: ClusterIndex.service(labels))
        case .zonal:
            return .zonal(labels.dropLast(5).joined(separator: "."), of: ClusterIndex.service(labels))
        case .pod: return .pod(labels[0], namespace: labels[1])
        case .nameServer: return .nameServer
        case .version: return .version
        case .other: return .other(labels)
        }
    }

    /// The last three labels of a name of a service are its own, its namespace's, and `svc`.
    private static func service(_ labels: [String]) -> ObjectKey {
        ObjectKey(namespace: labels[labels.count - 2], name: labels[labels.count - 3])
    }
}
