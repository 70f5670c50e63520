import Corefile
import Glibc

/// The texts beside these tests.
enum Fixture {
    private static let root = DiskFiles.parent(of: #filePath) + "/Fixtures"

    /// The names of the files or folders in a folder.
    static func names(in folder: String) -> [String] {
        guard let directory = opendir("\(root)/\(folder)") else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    static func path(_ path: String) -> String { "\(root)/\(path)" }

    /// Nil if there is no such file.
    static func text(_ path: String) -> String? {
        (try? DiskFiles().read("\(root)/\(path)")).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The lines of a file; none if there is no such file.
    static func lines(_ path: String) -> [String] {
        (text(path) ?? "").split(separator: "\n").map(String.init)
    }

    /// NAME=VALUE lines.
    static func environment(_ lines: [String]) -> Environment {
        let pairs = lines.map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
        return Environment(Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0.last ?? "")) }))
    }
}

extension DiskFiles {
    fileprivate static func parent(of path: String) -> String {
        String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}

/// Files that exist only in a table.
struct TableFiles: FileSource {
    var texts: [String: String] = [:]

    func read(_ path: String) throws(FileError) -> [UInt8] {
        guard let text = texts[path] else { throw .notFound }
        return Array(text.utf8)
    }

    func paths(in directory: String, matching pattern: String) -> [String] {
        let whole = directory.isEmpty || pattern.hasPrefix("/") ? pattern : "\(directory)/\(pattern)"
        return texts.keys.filter { fnmatch(whole, $0, FNM_PATHNAME | FNM_PERIOD) == 0 }.sorted()
    }
}

/// The directives that these tests know, some of those of the program.
let testDirectives = DirectiveNames(
    known: [
        "acl", "any", "autopath", "bind", "bufsize", "cache", "cancel", "chaos", "debug", "erratic", "errors", "file",
        "forward", "header", "health", "hosts", "kubernetes", "loadbalance", "local", "log", "loop", "metadata",
        "minimal", "nsid", "prometheus", "ready", "reload", "rewrite", "root", "template", "transfer", "view", "whoami",
    ],
    notBuilt: ["route53", "etcd"])

/// Parses a text without a disk or the environment of this process.
func parse(
    _ text: String, file: String = "Corefile", environment: [String: String] = [:], files: [String: String] = [:],
    directives: DirectiveNames? = nil
) -> (corefile: Corefile, diagnostics: Diagnostics) {
    Corefile.parse(
        text: text, file: file, environment: Environment(environment), files: TableFiles(texts: files),
        directives: directives)
}
