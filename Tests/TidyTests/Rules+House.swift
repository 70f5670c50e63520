// What the project as a whole keeps to.

extension Rule {
    /// The map of the sources, which holds the table of targets.
    static let map = "Sources/README.md"

    static let all = aboutSize + aboutWords + aboutTargets + aboutPlugins + aboutDocuments + [topLevel]

    private static let sampleMap = """
        Read `Bottom/Here.swift`, then `Top/Gone.swift` and [this](Bottom/Lost.swift).

        | target | what lives there | may import |
        |---|---|---|
        | `Bottom` | values | – |
        | `Top` | sockets | `Bottom`, `Glibc` |
        """

    static let aboutTargets: [Rule] = [
        .files(
            "Foundation stays out of the sources.", in: .sources,
            breaking: ["Sources/A/B.swift": "import Glibc\npublic import Foundation\n// import Foundation"],
            at: ["Sources/A/B.swift:2"]
        ) { $0.code("Foundation", with: #/\bimport Foundation/#) },
        Rule(
            "Imports follow the arrows of the table in \(map).",
            breaking: [
                map: sampleMap, "Sources/Bottom/Here.swift": "import Glibc\n// import Top",
                "Sources/Top/There.swift": "public import Bottom\nimport Glibc\n@testable import struct Dispatch.Time",
            ],
            at: ["Sources/Bottom/Here.swift:1", "Sources/Top/There.swift:3"]
        ) { tree in Arrows(tree).forbiddenImports },
        Rule(
            "The table in \(map) has every target, each below those that it may import.",
            breaking: [
                map: sampleMap + "\n| `Gone` | nothing | `Later` |\n| `Later` | nothing | – |",
                "Sources/Bottom/Here.swift": "", "Sources/Top/There.swift": "", "Sources/Later/A.swift": "",
                "Sources/Secret/A.swift": "",
            ],
            at: ["\(map):1", "\(map):7", "\(map):7"]
        ) { tree in Arrows(tree).misplacedTargets },
        Rule(
            "Every path that \(map) names exists.",
            breaking: [map: sampleMap, "Sources/Bottom/Here.swift": "", "Sources/Top/There.swift": ""],
            at: ["\(map):1", "\(map):1"]
        ) { tree in
            tree.file(map).map { file in
                file.lines.enumerated().flatMap { index, line in
                    paths(in: line).filter { !tree.hasPath($0) }
                        .map { Violation(map, index + 1, "there is no \($0)") }
                }
            } ?? [Violation(map, 1, "there is no map")]
        },
    ]

    /// Words in backticks that look like paths, and the targets of links.
    private static func paths(in line: String) -> [String] {
        let quoted = line.matches(of: #/`([A-Za-z0-9_.+-]+(?:\/[A-Za-z0-9_.+-]+)*\/?)`/#).map { String($0.1) }
        let links = line.matches(of: #/\]\(([^):#]+)\)/#).map { String($0.1) }
        return quoted.filter { $0.contains("/") || $0.hasSuffix(".swift") || $0.hasSuffix(".md") } + links
    }

    static let aboutPlugins: [Rule] = [
        Rule(
            "A plugin has tests, in a folder named like its own.",
            breaking: [
                "Sources/Plugins/Registry.swift": "", "Sources/Plugins/Good/GoodKind.swift": "",
                "Sources/Plugins/Bad/BadKind.swift": "", "Sources/Plugins/Worse/WorseKind.swift": "",
                "Tests/PluginsTests/Good/GoodTests.swift": "@Test(\"does good\") func a() {}",
                "Tests/PluginsTests/Bad/BadTests.swift": "// @Test",
            ],
            at: ["Sources/Plugins/Bad:1", "Sources/Plugins/Worse:1"]
        ) { tree in
            tree.pluginFolders.filter { folder in
                !tree.files.contains {
                    $0.path.hasPrefix("Tests/PluginsTests/\(folder)/") && !$0.code("@Test", with: #/@Test\b/#).isEmpty
                }
            }.map { Violation("Sources/Plugins/\($0)", 1, "no test below Tests/PluginsTests/\($0)") }
        },
        Rule(
            "A plugin has a manual, the doc comment on its kind, with its syntax and an example.",
            breaking: [
                "Sources/Plugins/Good/GoodKind.swift": "/// # good\n/// ## Syntax\n/// ```corefile\n/// ```\n"
                    + "enum GoodKind: PluginKind {\n}",
                "Sources/Plugins/Bad/BadKind.swift": "/// ## Syntax\n/// ```corefile\n\nenum BadKind: PluginKind {\n}",
                "Sources/Plugins/Worse/Worse.swift": "struct Worse {}",
            ],
            at: ["Sources/Plugins/Bad:1", "Sources/Plugins/Worse:1"]
        ) { tree in
            tree.pluginFolders.filter { folder in
                !tree.files.contains { $0.path.hasPrefix("Sources/Plugins/\(folder)/") && $0.hasManual }
            }.map { Violation("Sources/Plugins/\($0)", 1, "no manual") }
        },
    ]

    private static let topLevelEntries: Set<String> = [
        "Package.swift", "README.md", "Corefile.example", "Sources", "Tests", "docker",
    ]
    /// What the package manager leaves behind; git ignores it.
    private static let builtEntries: Set<String> = ["Package.resolved"]

    static let topLevel = Rule(
        "The top level holds the entries that were agreed on, and dotfiles.",
        breaking: ["README.md": "", "docs/a.md": "", "Sources/A/B.swift": "", ".gitignore": ""],
        at: ["docs:1"]
    ) { tree in
        tree.topLevel.filter { !$0.hasPrefix(".") && !topLevelEntries.union(builtEntries).contains($0) }
            .map { Violation($0) }
    }
}

extension SourceTree {
    /// Names of the folders below `Sources/Plugins`.
    fileprivate var pluginFolders: [String] {
        let parts = paths.map { $0.split(separator: "/") }
        let inside = parts.filter { $0.starts(with: ["Sources", "Plugins"]) && $0.count > 3 }
        return Set(inside.map { String($0[2]) }).sorted()
    }

    /// Whether a path exists, seen from the top or from `Sources`.
    fileprivate func hasPath(_ path: String) -> Bool {
        let plain = path.hasSuffix("/") ? String(path.dropLast()) : path
        return paths.contains(plain) || paths.contains("Sources/\(plain)")
    }
}

extension SourceTree.File {
    /// Whether a doc comment with syntax and example stands above a kind of plugin.
    fileprivate var hasManual: Bool {
        guard let kind = code("PluginKind", with: #/^(?:public )?enum .*\bPluginKind\b/#).first else { return false }
        let comment = lines[..<(kind - 1)].reversed().prefix { $0.hasPrefix("///") }
        return comment.contains("/// ## Syntax") && comment.contains("/// ```corefile")
    }
}
