import ClusterIndex
import Files
import YAML

/// What is wrong with a manifest, and where; or worth a warning.
public struct ManifestError: Error, Hashable, Sendable {
    /// Whether something was left out because of it.
    public enum Severity: String, Hashable, Sendable { case warning, error }

    /// Whether it is worth a warning only.
    public var severity: Severity
    /// The path as the reader was given it.
    public var file: String
    /// Counted from 1; 0 where the file as a whole is meant.
    public var line: Int
    /// Counted from 1 in characters; 0 where the file as a whole is meant.
    public var column: Int
    /// A sentence without the position.
    public var message: String

    /// A fault of a file; leave line and column out where the whole file is meant.
    public init(severity: Severity = .error, file: String, line: Int = 0, column: Int = 0, message: String) {
        self.severity = severity
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }
}

extension ManifestError: CustomStringConvertible {
    /// `file:line:column: message`.
    public var description: String {
        line == 0 ? "\(file): \(message)" : "\(file):\(line):\(column): \(message)"
    }
}

extension ManifestError {
    /// The error with a further clause.
    func adding(_ clause: String) -> ManifestError {
        var error = self
        error.message += "; " + clause
        return error
    }
}

/// Which object of the cluster.
struct ObjectID: Hashable {
    var kind: ObjectKind
    var key: ObjectKey
}

extension ObjectID: CustomStringConvertible {
    /// `Service "shop/web"`.
    var description: String { "\(kind.rawValue) \"\(key)\"" }
}

extension ManifestError {
    /// A fault inside a file.
    init(_ fault: YAMLFault, in file: String) {
        self.init(
            file: file, line: Int(fault.position.line), column: Int(fault.position.column), message: fault.message)
    }
}

extension ManifestError {
    /// A file that cannot be opened.
    init(_ fault: RegularFile.OpenFault, of path: String) {
        self.init(file: path, message: fault.description)
    }
}
