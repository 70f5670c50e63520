import Glibc

/// A file that is looked at again and again, and read when it is another one than before.
struct HostsFile {
    /// What tells one version of a file from another.
    private struct Version: Equatable {
        let device: UInt
        let inode: UInt
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    /// What a look at the file came to.
    enum Look {
        case unchanged
        /// The bytes, and the time of the last change in seconds since 1970.
        case content([UInt8], changedAt: Double)
        case absent
        /// Why it cannot be read.
        case failed(String)
    }

    let path: String
    private let maxBytes: Int
    private var known: Version?

    init(_ path: String, maxBytes: Int = HostsLimits.fileMaxBytes) {
        self.path = path
        self.maxBytes = maxBytes
    }

    /// Looks at the file, and reads it if it is new.
    mutating func look() -> Look {
        guard !path.utf8.contains(0) else { return .absent }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return errno == ENOENT ? .absent : .failed(Self.errorText(errno)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .failed(Self.errorText(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failed("it is not a regular file") }
        let version = Version(
            device: status.st_dev, inode: status.st_ino, size: status.st_size, seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
        guard version != known else { return .unchanged }
        guard let content = read(descriptor, sizeHint: status.st_size) else {
            return .failed(Self.errorText(errno))
        }
        known = version
        guard content.count <= maxBytes else {
            return .failed("it is larger than \(maxBytes) bytes")
        }
        return .content(content, changedAt: Double(version.seconds) + Double(version.nanoseconds) / 1e9)
    }

    /// Everything up to the end, or one chunk more than the limit; nil on an error.
    private func read(_ descriptor: Int32, sizeHint: Int) -> [UInt8]? {
        var content: [UInt8] = []
        content.reserveCapacity(min(max(sizeHint, 0), maxBytes))
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while content.count <= maxBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return nil }
            guard count > 0 else { break }
            content += chunk[..<count]
        }
        return content
    }

    private static func errorText(_ code: Int32) -> String { String(cString: strerror(code)) }
}
