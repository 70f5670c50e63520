/// A Namespace (core/v1).
public struct Namespace: Hashable, Sendable {
    /// `metadata.name`.
    public var name: String
    /// `metadata.labels`.
    public var labels: [String: String]

    /// A namespace; its labels matter only to `namespace_labels`.
    public init(name: String, labels: [String: String] = [:]) {
        self.name = name
        self.labels = labels
    }
}
