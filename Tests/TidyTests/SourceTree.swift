import Glibc

/// The files of the project, or those of a sample that a rule is tried on.
struct SourceTree: Sendable {
    /// A text file of the project.
    struct File: Sendable {
        /// From the top of the project: `Sources/DNSMessage/Name.swift`.
        let path: String
        let lines: [String]
        /// The same lines; in Swift files comments and the insides of strings are blanks.
        let code: [String]
        /// The functions of a Swift file.
        let functions: [SwiftCode.Function]
        private let whole: String

        init(path: String, text: String) {
            self.path = path
            whole = text
            lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
            let swift = path.hasSuffix(".swift") ? SwiftCode(text) : nil
            code = swift?.lines ?? lines
            functions = swift?.functions ?? []
        }

        /// Whether a text occurs anywhere: asked first, because patterns take their time.
        func contains(_ text: String) -> Bool {
            whole.withCString { whole in text.withCString { strstr(whole, $0) != nil } }
        }

        /// What stands behind the last dot of the name; empty without one.
        var kind: Substring { path.split(separator: "/").last?.split(separator: ".").dropFirst().last ?? "" }
    }

    /// Text files, by path.
    let files: [File]
    /// Every file and folder.
    let paths: Set<String>

    /// Folders of things that are not written here: what was built, and data that tests feed on.
    private static let skipped: Set<String> = [".git", ".build", "__pycache__", "Fixtures", "Corpora"]
    private static let textKinds: Set<Substring> = ["swift", "md", "h", "c", "py", "sh", "modulemap", "example", ""]
    /// A longer file was not written by hand, in bytes.
    private static let textMax = 256 << 10
    private static let depthMax = 12

    /// The project that this file belongs to.
    static let project = SourceTree(
        reading: #filePath.replacing("/Tests/TidyTests/SourceTree.swift", with: ""))

    /// A tree written down: paths and texts.
    init(_ texts: [String: String]) {
        files = texts.sorted { $0.key < $1.key }.map { File(path: $0.key, text: $0.value) }
        var paths = Set(texts.keys)
        for path in texts.keys {
            for (index, character) in zip(path.indices, path) where character == "/" {
                paths.insert(String(path[..<index]))
            }
        }
        self.paths = paths
    }

    private init(reading root: String) {
        var paths: Set<String> = []
        Self.walk(root, "", depth: 0, &paths)
        self.paths = paths
        files = paths.sorted().compactMap { path in
            let name = path.split(separator: "/").last ?? ""
            let isText = Self.textKinds.contains(name.split(separator: ".").dropFirst().last ?? "")
            return isText ? Self.read("\(root)/\(path)").map { File(path: path, text: $0) } : nil
        }
    }

    /// What stands at the top.
    var topLevel: [String] { paths.filter { !$0.contains("/") }.sorted() }

    func file(_ path: String) -> File? { files.first { $0.path == path } }

    private static func walk(_ root: String, _ folder: String, depth: Int, _ paths: inout Set<String>) {
        guard depth < depthMax, let stream = opendir("\(root)/\(folder)") else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            guard name != ".", name != "..", !skipped.contains(name), !name.hasPrefix(".build-") else { continue }
            paths.insert(path)
            if Int32(entry.pointee.d_type) == Int32(DT_DIR) { walk(root, path, depth: depth + 1, &paths) }
        }
    }

    /// Nil for what is no readable file of a sensible size.
    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: textMax + 1)
        let count = fread(&bytes, 1, bytes.count, file)
        return count > textMax || ferror(file) != 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
