import Glibc

/// A file that takes another's place when it is complete; until then its name ends in `.new`.
///
/// The temporary name is always the same: should the process die while it writes, the next one uses the file again
/// instead of leaving more and more of them. A lock keeps two processes apart.
struct ReplacementFile: ~Copyable {
    let descriptor: Int32
    private let path: String
    private let temporary: String
    private var hasTakenOver = false

    init(_ path: String) throws(SnapshotError.Cause) {
        self.path = path
        temporary = path + ".new"
        descriptor = try ReplacementFile.openLocked(temporary)
    }

    private static func openLocked(_ path: String) throws(SnapshotError.Cause) -> Int32 {
        for _ in 0..<SnapshotLimits.lockAttemptsMax {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { throw .lastError }
            do {
                if try prepare(descriptor, path) { return descriptor }
            } catch {
                close(descriptor)
                throw error
            }
            close(descriptor)
        }
        throw .busy
    }

    /// Locks and empties the file; false if the name is another file's by now: whoever had the lock before may just
    /// have renamed it.
    private static func prepare(_ descriptor: Int32, _ path: String) throws(SnapshotError.Cause) -> Bool {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw errno == EWOULDBLOCK ? .busy : .lastError }
        var (opened, named) = (stat(), stat())
        guard fstat(descriptor, &opened) == 0 else { throw .lastError }
        guard lstat(path, &named) == 0, opened.st_dev == named.st_dev, opened.st_ino == named.st_ino else {
            return false
        }
        guard ftruncate(descriptor, 0) == 0, fchmod(descriptor, 0o600) == 0 else { throw .lastError }
        return true
    }

    /// Makes sure that the contents are on disk, and gives them the name.
    mutating func takeOver() throws(SnapshotError.Cause) {
        guard fsync(descriptor) == 0, rename(temporary, path) == 0 else { throw .lastError }
        hasTakenOver = true
        let directory = open(ReplacementFile.directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .lastError }
        defer { close(directory) }
        // File systems that cannot do this for directories say EINVAL.
        guard fsync(directory) == 0 || errno == EINVAL else { throw .lastError }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    deinit {
        // Half a file would only take space. The lock is still ours.
        if !hasTakenOver { unlink(temporary) }
        close(descriptor)
    }
}

extension SnapshotError.Cause {
    /// Writing failed for the reason in errno.
    fileprivate static var lastError: SnapshotError.Cause { .system(.write, code: errno) }
}
