import Glibc

/// What tells one state of a file from another without reading it.
public struct FileIdentity: Hashable, Sendable {
    private var device: UInt64
    private var inode: UInt64
    private var size: Int64
    private var modified: Moment
    private var changed: Moment

    private struct Moment: Hashable {
        var seconds: Int64
        var nanoseconds: Int64
    }

    /// Time of the last change of the content, in seconds since 1970.
    public var modificationTime: Double { Double(modified.seconds) + Double(modified.nanoseconds) / 1e9 }

    /// Of what was found out about a file.
    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Moment(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
        changed = Moment(seconds: Int64(status.st_ctim.tv_sec), nanoseconds: Int64(status.st_ctim.tv_nsec))
    }

    /// Of what a path leads to, nil where that is no regular file.
    public init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.init(status)
    }
}
