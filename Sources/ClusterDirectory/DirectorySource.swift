import KubernetesWatch

/// Where a directory has its objects from.
public struct DirectorySource: Sendable {
    enum Kind: Sendable {
        case server(@Sendable () throws(ConnectionError) -> APIConnection)
        case manifests([String])
    }

    let kind: Kind
    /// What to do where there is no such source.
    var advice: [String] = []
    /// The namespace of whoever asks, where the source tells one.
    let namespace: @Sendable () -> String?

    /// The API server of the cluster whose pod this is, as its service account. The role needs list and watch on
    /// namespaces, services and endpointslices.discovery.k8s.io, and on pods for `PodsMode.verified`.
    public static let inCluster = DirectorySource(
        kind: .server { () throws(ConnectionError) in try .inCluster() },
        advice: ["outside of a pod, name a kubeconfig or manifests"],
        namespace: { APIConnection.inClusterNamespace() })

    /// The API server and the user of a kubeconfig's context, or of its current one. Certificates, tokens and programs
    /// that print them are understood.
    public static func kubeconfig(_ path: String, context: String? = nil) -> DirectorySource {
        DirectorySource(
            kind: .server { () throws(ConnectionError) in try .kubeconfig(path, context: context) },
            namespace: { APIConnection.namespace(ofKubeconfig: path, context: context) })
    }

    /// YAML or JSON files, or directories of them: what `kubectl get -o yaml` prints or `kubectl apply -f` takes. They
    /// are read again when they change.
    public static func manifests(_ paths: String...) -> DirectorySource { manifests(paths) }

    /// The same for a list of paths.
    public static func manifests(_ paths: [String]) -> DirectorySource {
        DirectorySource(kind: .manifests(paths), namespace: { nil })
    }
}
