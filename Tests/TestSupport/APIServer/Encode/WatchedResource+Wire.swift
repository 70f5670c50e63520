import ClusterIndex
import KubernetesWatch

extension WatchedResource {
    static func of(_ kind: ObjectKind) -> WatchedResource? { allCases.first { $0.kind == kind } }

    /// `v1`, `discovery.k8s.io/v1`.
    var apiVersion: String {
        switch self {
        case .namespaces, .services, .pods: "v1"
        case .endpointSlices: "discovery.k8s.io/v1"
        case .serviceImports: "multicluster.x-k8s.io/v1alpha1"
        }
    }

    var isNamespaced: Bool { self != .namespaces }

    /// Custom resources are written with sorted members, and name their kind everywhere.
    var isCustom: Bool { self == .serviceImports }
}

/// How objects are written.
enum WireForm: Hashable {
    case json
    /// JSON that says what is needed first last.
    case reversedJSON
    case protobuf
}
