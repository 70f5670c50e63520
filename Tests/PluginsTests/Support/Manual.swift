import Corefile
import Testing

/// The doc comment above a `PluginKind`, which is the plugin's manual.
struct Manual: Sendable, CustomTestStringConvertible {
    /// The word in the Corefile.
    let word: String
    /// The comment's lines without their slashes.
    let lines: [String]

    var testDescription: String { word }

    /// The manuals in the folders of `Sources/Plugins`.
    static let all: [Manual] = {
        let directory = #filePath.replacing("/Tests/PluginsTests/Support/Manual.swift", with: "/Sources/Plugins")
        return DiskFiles().paths(in: directory, matching: "*/*.swift").compactMap { path in
            guard let bytes = try? DiskFiles().read(path) else { return nil }
            return Manual(source: String(decoding: bytes, as: UTF8.self))
        }
    }()

    /// Nil if the source has no kind of plugin.
    init?(source: String) {
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard let declaration = lines.firstIndex(where: { $0.contains(#/^(public )?enum \w+: (\w+, )*PluginKind\b/#) })
        else {
            return nil
        }
        let word = lines[declaration...].lazy.compactMap { $0.firstMatch(of: #/static let name = "([^"]+)"/#)?.1 }.first
        guard let word else { return nil }
        self.word = String(word)
        let comment = lines[..<declaration].reversed().prefix { $0.hasPrefix("///") }.reversed()
        self.lines = comment.map { String($0.dropFirst($0.hasPrefix("/// ") ? 4 : 3)) }
    }

    /// What stands between fences with this name.
    func fences(_ name: String) -> [String] { Fences.texts(name, in: lines) }
}

/// Blocks between lines of three backticks.
enum Fences {
    /// What stands between fences with this name; an empty one for those without.
    static func texts(_ name: String, in lines: [String]) -> [String] {
        var found: [String] = []
        var open: String?
        var text = ""
        for line in lines {
            if line.hasPrefix("```") {
                if open == name { found.append(text) }
                open = open == nil ? String(line.dropFirst(3)) : nil
                text = ""
            } else if open != nil {
                text += line + "\n"
            }
        }
        return found
    }
}
