import Glibc

/// The files of this machine.
public struct DiskFiles: FileSource {
    /// Makes the source; it has no state.
    public init() {}

    /// Reads a file whole; pipes and devices too, but never more than a configuration file may have.
    public func read(_ path: String) throws(FileError) -> [UInt8] {
        guard !path.utf8.contains(0) else { throw .notFound }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(errno) }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while content.count <= Limits.fileMaxBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(errno) }
            guard count > 0 else { return content }
            content += chunk[..<count]
        }
        throw .tooLarge
    }

    private static func failure(_ code: Int32) -> FileError {
        code == ENOENT ? .notFound : .unreadable(String(cString: strerror(code)))
    }

    /// Matches with glob(3): hidden files only when the pattern says so, directories never.
    public func paths(in directory: String, matching pattern: String) -> [String] {
        let whole = Self.join(Self.escaped(directory), pattern)
        guard !whole.utf8.contains(0) else { return [] }
        var matches = glob_t()
        defer { globfree(&matches) }
        guard glob(whole, GLOB_MARK, nil, &matches) == 0, let paths = matches.gl_pathv else { return [] }
        return (0..<Int(matches.gl_pathc)).compactMap { index in
            paths[index].map { String(cString: $0) }
        }.filter { !$0.hasSuffix("/") }
    }

    /// The directory's own `*`, `?` and `[` are not wildcards.
    private static func escaped(_ directory: String) -> String {
        directory.reduce(into: "") { result, character in
            if "*?[\\".contains(character) { result.append("\\") }
            result.append(character)
        }
    }

    /// The path of `name` as seen from `directory`.
    static func join(_ directory: String, _ name: String) -> String {
        if directory.isEmpty || name.hasPrefix("/") { return name }
        return directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }

    /// Everything before the last slash; "" for a bare name.
    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
