/// Where imported files come from: the disk, or a table in tests.
public protocol FileSource: Sendable {
    /// The whole content of a file.
    func read(_ path: String) throws(FileError) -> [UInt8]
    /// The files in or below a directory ("" is the working directory) that a pattern with `*` and `?` names, in order.
    func paths(in directory: String, matching pattern: String) -> [String]
}

/// Why a file could not be read.
public enum FileError: Error, Equatable {
    /// There is none with this name.
    case notFound
    /// It is larger than a configuration file may be.
    case tooLarge
    /// The reason of the operating system, such as `Permission denied`.
    case unreadable(String)
}

extension FileError {
    /// Why, for the end of a sentence about a Corefile, in the words of the operating system.
    public var reason: String {
        switch self {
        case .notFound: "no such file or directory"
        case .tooLarge: "too large for a Corefile"
        case .unreadable(let reason): reason
        }
    }
}
