public import ClusterIndex

/// The resources that answers are made from.
public enum WatchedResource: String, CaseIterable, Sendable {
    case namespaces
    case services
    case endpointSlices = "endpointslices"
    case pods
    case serviceImports = "serviceimports"

    /// The kind of its objects.
    public var kind: ObjectKind {
        switch self {
        case .namespaces: .namespace
        case .services: .service
        case .endpointSlices: .endpointSlice
        case .pods: .pod
        case .serviceImports: .serviceImport
        }
    }

    /// The API group, empty for the core group; as RBAC rules name it.
    public var group: String {
        switch self {
        case .namespaces, .services, .pods: ""
        case .endpointSlices: "discovery.k8s.io"
        case .serviceImports: "multicluster.x-k8s.io"
        }
    }

    /// The path of the whole collection.
    public var path: String {
        switch self {
        case .namespaces, .services, .pods: "/api/v1/\(rawValue)"
        case .endpointSlices: "/apis/discovery.k8s.io/v1/\(rawValue)"
        case .serviceImports: "/apis/multicluster.x-k8s.io/v1alpha1/\(rawValue)"
        }
    }

    /// Whether the server can send its objects as protobuf: custom resources are JSON only.
    public var hasProtobuf: Bool { self != .serviceImports }
}
