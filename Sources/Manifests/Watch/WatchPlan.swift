import Glibc

/// Which directories must be watched so that no change of what the paths lead to goes unseen.
///
/// A path is followed part by part, as the kernel does: a directory on the way is watched for its own end, and
/// where a symbolic link or a missing part stands, the directory around it is watched for that name.
struct WatchPlan: Hashable {
    /// What matters about a directory.
    struct Interest: Hashable {
        var mask: UInt32 = 0
        /// Names whose change can make paths lead elsewhere.
        var turns: Set<String> = []
        /// Files to be read when they come or change, with the paths that the set has for them.
        var files: [String: Set<String>] = [:]
        /// The paths that the directory's manifests are found under.
        var listings: Set<String> = []
    }

    /// By path without symbolic links.
    private(set) var directories: [String: Interest] = [:]

    private static let itself = UInt32(IN_DELETE_SELF | IN_MOVE_SELF)
    private static let entries = UInt32(IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)
    private static let contents = UInt32(IN_CLOSE_WRITE | IN_ATTRIB)

    init(_ paths: ManifestPaths) {
        for source in paths.sources {
            guard let directory = follow(source, file: source) else { continue }
            add(directory, Self.entries | Self.contents) { $0.listings.insert(source) }
            for name in Self.linkedManifests(in: directory) {
                _ = follow("\(source)/\(name)", file: "\(source)/\(name)")
            }
        }
    }

    /// Adds what a path needs; returns the directory that it leads to, if it leads to one.
    private mutating func follow(_ path: String, file: String) -> String? {
        var rest = Array(path.split(separator: "/").map(String.init).reversed())
        var place = path.hasPrefix("/") ? "/" : "."
        var links = 0
        while let name = rest.popLast() {
            if name == "." { continue }
            let child = Self.join(place, name)
            var status = stat()
            guard lstat(child, &status) == 0 else {
                if rest.isEmpty {
                    add(place, Self.entries | Self.contents) { $0.files[name, default: []].insert(file) }
                } else {
                    add(place, Self.entries) { $0.turns.insert(name) }
                }
                return nil
            }
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                place = child
                add(place, Self.itself) { _ in }
            case S_IFLNK:
                add(place, Self.entries) { $0.turns.insert(name) }
                links += 1
                guard links <= Limits.symbolicLinks, let target = Self.target(of: child) else { return nil }
                if target.hasPrefix("/") { place = "/" }
                rest += target.split(separator: "/").map(String.init).reversed()
            default:
                add(place, Self.entries | Self.contents) { $0.files[name, default: []].insert(file) }
                return nil
            }
        }
        return place
    }

    private mutating func add(_ directory: String, _ mask: UInt32, _ change: (inout Interest) -> Void) {
        directories[directory, default: Interest()].mask |= mask
        change(&directories[directory, default: Interest()])
    }

    private static func join(_ place: String, _ name: String) -> String {
        place == "." ? name : place == "/" ? "/" + name : "\(place)/\(name)"
    }

    private static func target(of link: String) -> String? {
        withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { buffer in
            guard let start = buffer.baseAddress?.assumingMemoryBound(to: CChar.self) else { return nil }
            let count = readlink(link, start, buffer.count)
            return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
        }
    }

    private static func linkedManifests(in directory: String) -> [String] {
        var names: [String] = []
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        while let entry = readdir(stream), names.count < Limits.filesPerDirectory {
            guard entry.pointee.d_type == DT_LNK || entry.pointee.d_type == DT_UNKNOWN else { continue }
            let name = ManifestPaths.name(of: entry)
            if ManifestPaths.isManifest(name) { names.append(name) }
        }
        return names
    }
}
