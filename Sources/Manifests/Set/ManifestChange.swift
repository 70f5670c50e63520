public import ClusterIndex

/// A difference between what manifests said before and what they say now.
public enum ManifestChange: Hashable, Sendable {
    /// The object is new, or is not what it was.
    case upsert(ClusterObject)
    /// No manifest has the object any more.
    case delete(ObjectKind, ObjectKey)
}
