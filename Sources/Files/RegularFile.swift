import Glibc

/// An open file of the kind that has bytes and an end.
public struct RegularFile: ~Copyable {
    /// As it was opened.
    public let path: String
    /// Open for reading.
    public let descriptor: Int32
    /// What it was when it was opened.
    public let identity: FileIdentity

    /// Why there is nothing to read.
    public enum OpenFault: Error, Hashable {
        case missing
        case directory
        /// A pipe or a device would keep the reader waiting.
        case special
        case failed(errno: Int32)
    }

    /// Opens a file.
    public init(_ path: String) throws(OpenFault) {
        guard !path.utf8.contains(0) else { throw .missing }
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

extension RegularFile.OpenFault: CustomStringConvertible {
    /// What follows the name of the file.
    public var description: String {
        switch self {
        case .missing: "does not exist"
        case .directory: "is a directory"
        case .special: "is neither a file nor a directory"
        case .failed(let code): "cannot be opened: \(String(cString: strerror(code)))"
        }
    }
}

extension RegularFile {
    /// Why a file was not read whole.
    public enum ReadFault: Error, Hashable {
        case tooLarge(limit: Int)
        case failed(errno: Int32)
    }

    /// The bytes from here to the end.
    public borrowing func read(limit: Int) throws(ReadFault) -> [UInt8] {
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit + 1, 16 << 10))
        while content.count <= limit {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .failed(errno: errno) }
            guard count > 0 else { return content }
            content += chunk[..<count]
        }
        throw .tooLarge(limit: limit)
    }
}

extension RegularFile.ReadFault: CustomStringConvertible {
    /// What follows the name of the file.
    public var description: String {
        switch self {
        case .tooLarge(let limit): "is larger than \(limit >> 10) KiB"
        case .failed(let code): "cannot be read: \(String(cString: strerror(code)))"
        }
    }
}
