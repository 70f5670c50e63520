import Corefile
import Glibc

extension DeadRules {
    /// Files that may come later, so that the server starts without them, and that are not there now.
    mutating func findMissingFiles(_ block: CheckedBlock) {
        for line in block.directives("hosts") {
            if let word = line.arguments.first { require(word, .file, block, "the file of 'hosts'") }
        }
        for line in block.directives("file") {
            if let word = line.arguments.first { require(word, .file, block, "the zone file") }
        }
        for line in block.directives("auto").flatMap({ $0.options("directory") }) {
            if let word = line.arguments.first { require(word, .directory, block, "the directory of 'auto'") }
        }
        for line in block.directives("kubernetes") {
            for word in line.options("manifests").flatMap(\.arguments) {
                require(word, .any, block, "what 'manifests' names")
            }
            for word in line.options("snapshot").flatMap(\.arguments) {
                require(word, .place, block, "the directory for the snapshot")
            }
        }
    }

    private enum Kind { case file, directory, any, place }

    private mutating func require(_ word: Word, _ kind: Kind, _ block: CheckedBlock, _ what: String) {
        let path = block.path(word)
        let wanted = kind == .place ? Self.directory(of: path) : path
        var status = stat()
        guard stat(wanted, &status) == 0 else {
            let reason = errno == ENOENT ? "is not there" : String(cString: strerror(errno)).lowercased()
            return warn(word, "\(what), '\(wanted)', \(errno == ENOENT ? reason : "cannot be read: \(reason)")")
        }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        switch kind {
        case .file where isDirectory: warn(word, "\(what), '\(wanted)', is a directory")
        case .directory where !isDirectory, .place where !isDirectory:
            warn(word, "\(what), '\(wanted)', is no directory")
        case .file where access(wanted, R_OK) != 0, .any where access(wanted, R_OK) != 0:
            warn(word, "\(what), '\(wanted)', cannot be read: \(String(cString: strerror(errno)).lowercased())")
        case .place where access(wanted, W_OK) != 0:
            warn(word, "\(what), '\(wanted)', cannot be written to by this user")
        default: break
        }
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
