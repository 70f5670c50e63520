import Glibc
public import ClusterIndex

/// Why a snapshot cannot be read or written.
public struct SnapshotError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is in the way.
    public enum Cause: Error, Hashable, Sendable {
        /// There is no file: nothing was written yet.
        case missing
        /// It was made for another server or other options.
        case otherConfiguration
        /// The file is something else.
        case notASnapshot
        /// Another program version wrote it.
        case otherVersion(UInt32)
        /// What is wrong with it.
        case damaged(String)
        /// An object is larger than any that an API server has.
        case tooLarge(ObjectKind, ObjectKey)
        /// The text that tells what it is made for is too long.
        case fingerprintTooLong
        /// The path belongs to something that is no snapshot.
        case foreign
        /// Another process writes to the same path.
        case busy
        /// A system call failed.
        case system(Operation, code: Int32)
    }

    /// What failed.
    public enum Operation: String, Hashable, Sendable {
        case open = "cannot be opened"
        case read = "cannot be read"
        case write = "cannot be written"
    }

    /// The path of the snapshot.
    public let path: String
    /// What is in the way.
    public let cause: Cause

    /// An error of the snapshot at a path.
    public init(path: String, cause: Cause) {
        self.path = path
        self.cause = cause
    }

    /// One sentence without a final stop.
    public var description: String { "snapshot \(path): \(cause.clause)" }
}

extension SnapshotError.Cause {
    fileprivate var clause: String {
        switch self {
        case .missing: "there is none yet"
        case .otherConfiguration: "it was made for another API server or other options; starting without it"
        case .notASnapshot: "it is no snapshot; starting without it"
        case .otherVersion(let version): "its version \(version) is not known here; starting without it"
        case .damaged(let reason): "\(reason); starting without it"
        case .tooLarge(let kind, let key): "\(kind.rawValue) \(key) is too large; nothing was written"
        case .fingerprintTooLong: "the options that it is made for are too long; nothing was written"
        case .foreign: "what is there is no snapshot and stays; nothing was written: name another file"
        case .busy: "another process writes to it; nothing was written"
        case .system(.write, ENOENT): "cannot be written: its directory does not exist"
        case .system(let operation, let code): "\(operation.rawValue): \(String(cString: strerror(code)))"
        }
    }
}
