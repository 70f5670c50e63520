import Testing

/// A rule of the house: a sentence, how it is checked, and a sample that breaks it, so that it is known to be able to.
struct Rule: Sendable, CustomTestStringConvertible {
    let sentence: String
    /// A tree that breaks the rule, and keeps it in all other places.
    let sample: [String: String]
    /// Where the sample breaks it: `Sources/A/B.swift:3`.
    let found: [String]
    let violations: @Sendable (SourceTree) -> [Violation]

    var testDescription: String { sentence }

    /// A rule about whole trees.
    init(
        _ sentence: String, breaking sample: [String: String], at found: [String],
        _ violations: @escaping @Sendable (SourceTree) -> [Violation]
    ) {
        self.sentence = sentence
        self.sample = sample
        self.found = found
        self.violations = violations
    }

    /// A rule about single files.
    static func files(
        _ sentence: String, in scope: Scope, breaking sample: [String: String], at found: [String],
        _ lines: @escaping @Sendable (SourceTree.File) -> [Int]
    ) -> Rule {
        Rule(sentence, breaking: sample, at: found) { tree in
            tree.files.filter(scope.contains).flatMap { file in lines(file).map { Violation(file.path, $0) } }
        }
    }
}

/// Where a rule is broken.
struct Violation: Hashable, CustomStringConvertible {
    let path: String
    /// Counted from 1.
    let line: Int
    /// What is wrong there, if the rule does not tell.
    let detail: String

    init(_ path: String, _ line: Int = 1, _ detail: String = "") {
        self.path = path
        self.line = line
        self.detail = detail
    }

    var place: String { "\(path):\(line)" }
    var location: SourceLocation {
        SourceLocation(fileID: "clusterdns/\(path)", filePath: path, line: line, column: 1)
    }
    var description: String { detail.isEmpty ? place : "\(place): \(detail)" }
}

/// Which files a rule is about.
struct Scope: Sendable {
    let kinds: Set<Substring>
    var folders = ["Sources/", "Tests/", ".ci/", "docker/", "Package.swift", "README.md", "Corefile.example"]
    var exceptions: [String] = []

    static let swift = Scope(kinds: ["swift"])
    static let code = Scope(kinds: ["swift", "h", "c", "py"])
    /// Everything that is written by hand, but for these tests, which must name what they look for.
    static let text = Scope(
        kinds: ["swift", "h", "c", "py", "sh", "md", "modulemap", "example", ""], exceptions: ["Tests/TidyTests/"])
    static let sources = Scope(kinds: ["swift"], folders: ["Sources/"])

    func contains(_ file: SourceTree.File) -> Bool {
        kinds.contains(file.kind) && folders.contains { file.path.hasPrefix($0) }
            && !exceptions.contains { file.path.hasPrefix($0) }
    }
}

extension SourceTree.File {
    /// The numbers of the lines of code that a pattern occurs in; the file must have one of the words anywhere.
    func code(_ words: String..., with pattern: sending Regex<Substring>) -> [Int] {
        words.contains(where: contains) ? Self.numbers(code, pattern) : []
    }

    /// The numbers of the lines that a pattern occurs in, comments and strings included.
    func text(_ words: String..., with pattern: sending Regex<Substring>) -> [Int] {
        words.contains(where: contains) ? Self.numbers(lines, pattern) : []
    }

    private static func numbers(_ lines: [String], _ pattern: Regex<Substring>) -> [Int] {
        lines.indices.filter { lines[$0].contains(pattern) }.map { $0 + 1 }
    }
}
