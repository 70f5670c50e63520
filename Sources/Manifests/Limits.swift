/// What keeps manifests, however made, from taking more than they should; beside what the YAML reader allows.
enum Limits {
    /// Told per file; the last one says how many more there are.
    static let errorsPerFile = 100
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
