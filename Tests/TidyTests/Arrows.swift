/// The table of targets in the map of the sources, held against the sources.
struct Arrows {
    /// A row of the table.
    private struct Target {
        let name: String
        let imports: Set<String>
        let line: Int
    }

    private let tree: SourceTree
    private let targets: [Target]

    init(_ tree: SourceTree) {
        self.tree = tree
        let lines = tree.file(Rule.map)?.lines ?? []
        targets = lines.enumerated().compactMap { index, line in
            let cells = line.split(separator: "|").map(String.init)
            guard cells.count == 3, let name = Self.words(cells[0]).first else { return nil }
            return Target(name: name, imports: Set(Self.words(cells[2])), line: index + 1)
        }
    }

    /// What stands in backticks.
    private static func words(_ cell: String) -> [String] {
        cell.matches(of: #/`(\w+)`/#).map { String($0.1) }
    }

    /// Imports that the table does not have.
    var forbiddenImports: [Violation] {
        let allowed = Dictionary(targets.map { ($0.name, $0.imports) }, uniquingKeysWith: { first, _ in first })
        return tree.files.filter(Scope.sources.contains).flatMap { file -> [Violation] in
            let parts = file.path.split(separator: "/")
            guard parts.count > 2, let allowed = allowed[String(parts[1])] else { return [] }
            return Self.imports(file).filter { !allowed.contains($0.module) }.map {
                Violation(file.path, $0.line, "\(parts[1]) may not import \($0.module)")
            }
        }
    }

    private static func imports(_ file: SourceTree.File) -> [(module: String, line: Int)] {
        file.code.enumerated().compactMap { index, line in
            guard line.hasPrefix("import ") || line.hasPrefix("@") || line.hasPrefix("p") else { return nil }
            let pattern = #/^(?:@?\w+ )*import (?:(?:struct|class|enum|protocol|func|var|let|typealias) )?(\w+)/#
            return line.firstMatch(of: pattern).map { (String($0.1), index + 1) }
        }
    }

    /// Rows without a folder, folders without a row, and arrows that point down the table.
    var misplacedTargets: [Violation] {
        let folders = Set(
            tree.paths.filter { $0.hasPrefix("Sources/") }.map { String($0.split(separator: "/")[1]) }
                .filter { tree.paths.contains("Sources/\($0)") && tree.file("Sources/\($0)") == nil })
        let named = Set(targets.map(\.name))
        var found = folders.subtracting(named).sorted().map { Violation(Rule.map, 1, "\($0) is not in the table") }
        var above: Set<String> = []
        for target in targets {
            if !folders.contains(target.name) {
                found.append(Violation(Rule.map, target.line, "there is no target \(target.name)"))
            }
            let below = target.imports.intersection(named).subtracting(above).sorted()
            found += below.map { Violation(Rule.map, target.line, "\($0) is not above \(target.name)") }
            above.insert(target.name)
        }
        return found
    }
}
