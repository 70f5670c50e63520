import Glibc

/// Which files a list of paths stands for.
struct ManifestPaths: Sendable {
    /// A file, with its place in the order that decides between two files with the same object.
    struct File: Hashable {
        var path: String
        var order: Order
        /// Named by itself, not found in a directory.
        var isNamed: Bool
    }

    struct Order: Hashable, Comparable {
        /// Which of the paths.
        var source: Int
        /// In a directory, files go by name.
        var name: String

        static func < (one: Order, two: Order) -> Bool {
            (one.source, one.name) < (two.source, two.name)
        }
    }

    /// Files and directories in the order given, each once.
    let sources: [String]

    /// Relative paths are resolved against `base`.
    init(_ paths: [String], base: String) {
        var sources: [String] = []
        for path in paths.map({ Self.resolve($0, base) }) where !sources.contains(path) { sources.append(path) }
        self.sources = sources
    }

    /// Every file there is now; faults are those of directories and names.
    func files() -> (files: [File], errors: [ManifestError]) {
        var files: [File] = []
        var errors: [ManifestError] = []
        for (number, source) in sources.enumerated() {
            guard let directory = opendir(source) else {
                // Whatever it is, opening it as a file tells.
                files.append(File(path: source, order: Order(source: number, name: ""), isNamed: true))
                continue
            }
            defer { closedir(directory) }
            files += Self.names(in: directory, source, &errors).map {
                File(path: "\(source)/\($0)", order: Order(source: number, name: $0), isNamed: false)
            }
        }
        return (files, errors)
    }

    /// The file at a path that is one of the sources, or directly in one.
    func file(at path: String) -> File? {
        if let number = sources.firstIndex(of: path) {
            return File(path: path, order: Order(source: number, name: ""), isNamed: true)
        }
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
        let directory = path[..<slash]
        let name = String(path[slash...].dropFirst())
        guard Self.isManifest(name), let number = sources.firstIndex(where: { $0 == directory }) else { return nil }
        return File(path: path, order: Order(source: number, name: name), isNamed: false)
    }

    /// Whether a name in a directory is that of a manifest: no hidden files, no back-up copies.
    static func isManifest(_ name: String) -> Bool {
        !name.hasPrefix(".") && !name.hasPrefix("#")
            && (name.hasSuffix(".yaml") || name.hasSuffix(".yml") || name.hasSuffix(".json"))
    }

    private static func names(in directory: OpaquePointer, _ path: String, _ errors: inout [ManifestError]) -> [String]
    {
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = Self.name(of: entry)
            guard isManifest(name) else { continue }
            guard names.count < Limits.filesPerDirectory else {
                errors.append(
                    ManifestError(file: path, message: "holds more than \(Limits.filesPerDirectory) manifests"))
                break
            }
            names.append(name)
        }
        return names.sorted()
    }

    /// The name of a directory entry.
    static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        // The kernel may write less than the 256 bytes of the C type.
        let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 0
        return String(cString: UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self))
    }

    /// `a/b` under `base`, without parts that do nothing.
    private static func resolve(_ path: String, _ base: String) -> String {
        let whole = path.hasPrefix("/") || base.isEmpty ? path : base + "/" + path
        let parts = whole.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        return whole.hasPrefix("/") ? "/" + parts : parts.isEmpty ? "." : parts
    }
}
