import Glibc

/// An open manifest.
struct ManifestFile: ~Copyable {
    let path: String
    let descriptor: Int32
    let identity: FileIdentity

    /// Why there is nothing to read.
    enum OpenFault: Error, Hashable {
        case missing
        case directory
        /// A pipe or a device would keep the reader waiting.
        case special
        case failed(errno: Int32)

        func error(of path: String) -> ManifestError {
            let message =
                switch self {
                case .missing: "does not exist"
                case .directory: "is a directory"
                case .special: "is neither a file nor a directory"
                case .failed(let code): "cannot be opened: \(String(cString: strerror(code)))"
                }
            return ManifestError(file: path, message: message)
        }
    }

    /// Opens a regular file.
    init(_ path: String) throws(OpenFault) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw errno == ENOENT || errno == ENOTDIR ? .missing : errno == ENXIO ? .special : .failed(errno: errno)
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw status.st_mode & S_IFMT == S_IFDIR ? .directory : .special
        }
        self.path = path
        self.descriptor = descriptor
        identity = FileIdentity(status)
    }

    deinit { close(descriptor) }
}

/// What tells one state of a file from another without reading it.
struct FileIdentity: Hashable {
    var device: UInt64
    var inode: UInt64
    var size: Int64
    var modified: timespec64
    var changed: timespec64

    struct timespec64: Hashable {
        var seconds: Int64
        var nanoseconds: Int64
    }

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = timespec64(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int64(status.st_mtim.tv_nsec))
        changed = timespec64(seconds: Int64(status.st_ctim.tv_sec), nanoseconds: Int64(status.st_ctim.tv_nsec))
    }

    /// Of what a path leads to, nil where that is no regular file.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        self.init(status)
    }
}
