/// What keeps a manifest, however made, from taking more than it should.
enum Limits {
    /// Nested mappings and sequences; Kubernetes objects stay below 20. libyaml's work grows with its square.
    static let depth = 64
    /// Scalars and collections of one object, after aliases were replaced; a slice of 1,000 endpoints has 25,000.
    static let nodesPerObject = 500_000
    /// Bytes of all scalars of one object, after aliases were replaced; the API server refuses 1.5 MB.
    static let textPerObject = 16 << 20
    /// Nodes that the anchors of one document keep for aliases to come.
    static let anchoredNodes = 100_000
    /// A recorded cluster of 100,000 endpoints has 30 MB.
    static let fileBytes = 1 << 30
    /// Told per file; the last one says how many more there are.
    static let errorsPerFile = 100
    /// Characters of an offending text that an error message repeats.
    static let quotedText = 80
    /// Manifests in one directory.
    static let filesPerDirectory = 100_000
    /// Lists inside lists.
    static let listDepth = 4
    /// Symbolic links on the way to one file, as in the kernel.
    static let symbolicLinks = 40
    /// Directories watched.
    static let watchedDirectories = 1024
    /// Looks at the paths until what is watched is what there is.
    static let planAttempts = 4
    /// Reads of the inotify queue before other work on the dispatch queue gets its turn.
    static let readsPerWakeUp = 16
    /// Objects and endpoints in one update.
    static let updateWeight = 10_000
}
