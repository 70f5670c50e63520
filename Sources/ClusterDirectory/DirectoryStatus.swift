/// How a directory is doing.
public struct DirectoryStatus: Hashable, Sendable {
    /// Whether everything has arrived once; it stays so when the API server goes away.
    public var isSynced: Bool
    /// Resources that have not arrived yet, as the API names them.
    public var missing: [String]
    /// Time since the API server last confirmed what is known; as it does so about once a minute where nothing changes,
    /// only what is beyond that tells of trouble. Nil before everything has arrived, and for manifests.
    public var age: Duration?
    /// What is wrong now, a sentence without a final stop: failed watches, or mistakes in manifests. Nil when all is
    /// well.
    public var failure: String?

    /// A status.
    public init(isSynced: Bool, missing: [String] = [], age: Duration? = nil, failure: String? = nil) {
        self.isSynced = isSynced
        self.missing = missing
        self.age = age
        self.failure = failure
    }
}
