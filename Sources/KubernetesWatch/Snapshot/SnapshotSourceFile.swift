import Glibc

/// A snapshot on disk, open for reading.
final class SnapshotSourceFile: SnapshotSource {
    let count: Int
    private let descriptor: Int32

    init(_ path: String) throws(SnapshotError.Cause) {
        // Nothing is waited for, should the path be a pipe.
        descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw errno == ENOENT ? .missing : .system(.open, code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notASnapshot
        }
        count = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// A mistaken path shall cost nobody a file: throws unless what is there is a snapshot, whole or not, or empty.
    static func checkThatNothingElseIsLost(at path: String) throws(SnapshotError.Cause) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return  // Cannot be replaced.
        case S_IFREG:
            let start = UnsafeMutableRawBufferPointer.allocate(byteCount: SnapshotFormat.magic.count, alignment: 1)
            defer { start.deallocate() }
            let count = try SnapshotSourceFile(path).read(into: start, at: 0)
            guard start.prefix(count).elementsEqual(SnapshotFormat.magic.prefix(count)) else { throw .foreign }
        default: throw .foreign
        }
    }

    func read(into target: UnsafeMutableRawBufferPointer, at offset: Int) throws(SnapshotError.Cause) -> Int {
        var done = 0
        while done < target.count {
            let got = pread(descriptor, target.baseAddress.map { $0 + done }, target.count - done, off_t(offset + done))
            if got == 0 { break }
            guard got > 0 || errno == EINTR else { throw .system(.read, code: errno) }
            done += max(0, got)
        }
        return done
    }
}
