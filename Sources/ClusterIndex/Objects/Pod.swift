/// A Pod (core/v1), trimmed to what `pods verified` needs.
public struct Pod: Hashable, Sendable {
    /// Namespace and name.
    public var key: ObjectKey
    /// `metadata.labels`.
    public var labels: [String: String]
    /// `status.podIP`: the first address; empty before the pod has one.
    public var ip: String
    /// `status.phase`; pods that have succeeded, failed or whose phase is unknown are not answered.
    public var phase: String
    /// Whether `metadata.deletionTimestamp` is set.
    public var isTerminating: Bool

    /// A pod.
    public init(
        key: ObjectKey, labels: [String: String] = [:], ip: String, phase: String = "Running",
        isTerminating: Bool = false
    ) {
        self.key = key
        self.labels = labels
        self.ip = ip
        self.phase = phase
        self.isTerminating = isTerminating
    }
}
