import DNSMessage
import Glibc
import Patterns

/// A directory whose files are zones: which files, and what their zones are called.
struct ZoneDirectory: Sendable {
    /// Directories in directories that are looked into.
    private static let depthMax = 8
    /// Files that one directory may have.
    private static let filesMax = 100_000

    let path: String
    /// What the name of a file must look like.
    let pattern: GoPattern
    /// The zone's name, `{1}` for what the first group of the pattern matched, and so on.
    let template: String

    /// A file and the zone in it.
    struct Found {
        let zone: Name
        let path: String
    }

    /// Whether there is anything at the path.
    var exists: Bool { access(path, F_OK) == 0 }

    /// The files of the directory that name a zone, in the order of their paths; of two with one zone the first.
    func files() -> [Found] {
        var found: [Found] = []
        var seen: Set<Name> = []
        visit(path, depth: 0) { path, name in
            guard let zone = zone(named: name), seen.insert(zone).inserted else { return }
            found.append(Found(zone: zone, path: path))
        }
        return found
    }

    /// The zone that a file of this name has; nil if the name does not match, or names no zone.
    func zone(named file: String) -> Name? {
        guard let groups = pattern.submatches(of: file) else { return nil }
        var text = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            text += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: "}") else { break }
            let number = rest[rest.index(after: open)..<close]
            if let group = Int(number), groups.indices.contains(group) {
                text += groups[group]
            } else {
                text += rest[open...close]
            }
            rest = rest[rest.index(after: close)...]
        }
        text += rest
        return try? Name(text)
    }

    private func visit(_ directory: String, depth: Int, _ body: (_ path: String, _ name: String) -> Void) {
        guard depth <= Self.depthMax, let stream = opendir(directory) else { return }
        var names: [String] = []
        while names.count < Self.filesMax, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            // `..` and what ConfigMap volumes hide behind such names: each file is there a second time.
            if name != ".", !name.hasPrefix("..") { names.append(name) }
        }
        closedir(stream)
        for name in names.sorted() {
            let path = "\(directory)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                visit(path, depth: depth + 1, body)
            } else {
                body(path, name)
            }
        }
    }
}
