/// Bounds of a snapshot; each stands for what it protects.
enum SnapshotLimits {
    /// Bytes collected before they are written, and read at a time.
    static var bufferBytes: Int { 1 << 16 }
    /// The largest record, which is in memory as a whole. An API server takes objects of 3 MB at most.
    static var recordBytesMax: Int { 1 << 23 }
    /// Elements of a list in a record, so that a damaged one does not ask for all memory.
    static var elementsMax: Int { 1 << 18 }
    /// What a snapshot was made for.
    static var fingerprintBytesMax: Int { 1 << 20 }
    /// Attempts to get the temporary file for ourselves.
    static var lockAttemptsMax: Int { 8 }
}
