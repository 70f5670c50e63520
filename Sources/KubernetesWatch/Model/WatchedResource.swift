public import ClusterIndex

/// The resources that answers are made from.
public enum WatchedResource: String, CaseIterable, Sendable, CustomStringConvertible {
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

    /// The version of the API, within the group.
    public var apiVersion: String { self == .serviceImports ? "v1alpha1" : "v1" }

    /// The path of the whole collection.
    public var path: String {
        group.isEmpty ? "/api/\(apiVersion)/\(rawValue)" : "/apis/\(group)/\(apiVersion)/\(rawValue)"
    }

    /// As in the path, and in RBAC rules.
    public var description: String { rawValue }

    /// Whether the server can send its objects as protobuf: custom resources are JSON only.
    public var hasProtobuf: Bool { self != .serviceImports }
}
