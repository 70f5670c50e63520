public import ClusterIndex
public import DNSMessage
public import DNSResolver

/// What a directory answers.
public struct DirectoryOptions: Sendable {
    /// The cluster's domain.
    public var domain: Name = "cluster.local"
    /// The namespace that relative names such as `web` are looked for in; nil takes that of the service account or of
    /// the kubeconfig's context, else `default`.
    public var namespace: String?
    /// Asked about names that are not the cluster's, and where ExternalName services point to; a `Resolver`, say.
    public var fallback: (any NameLookup)?
    /// Which objects are read, and which names they have: namespaces, labels, names of pods. As the options of the
    /// `kubernetes` plugin, but that zones of endpoints are kept.
    public var index: IndexOptions
    /// TTL of all that is told of the cluster, in seconds.
    public var ttl: UInt32 = 5

    /// The defaults of the `kubernetes` plugin.
    public init() {
        index = IndexOptions()
        index.keepsZones = true
    }
}
