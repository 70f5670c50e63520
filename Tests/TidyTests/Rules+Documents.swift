import Glibc

// What the documents say of the program is what the program says.

extension Rule {
    private static let metricsPage = "Sources/clusterdns/clusterdns.docc/Metrics.md"

    static let aboutDocuments: [Rule] = [
        Rule(
            "Links of documents, and the paths in README.md, lead to files that exist.",
            breaking: [
                "README.md": "[a](Sources/A/A.docc/A.md) [b](b.md#c) [c](#c) [d](https://kubernetes.io/x)\n"
                    + "`Sources/A` `Tests/B/run --quick` `Tests/C/*.tsv`",
                "Sources/A/A.docc/A.md": "[b](../B.swift) [c](../../A/B.swift) <doc:A>\n[d](C.md)",
                "Sources/A/B.swift": "",
            ],
            at: ["README.md:1", "README.md:2", "Sources/A/A.docc/A.md:2"]
        ) { tree in
            tree.documents.flatMap { file in
                file.targets.filter { !tree.paths.contains($0.word) }
                    .map { Violation(file.path, $0.line, "there is no \($0.word)") }
            }
        },
        Rule(
            "A metric that a document names exists.",
            breaking: [
                "Sources/A/B.swift": "let a = counters(\"coredns_a_total\", \"coredns_\\(b)\")",
                "Sources/A/A.docc/A.md": "`coredns_a_total`\n`coredns_a_total_sum`\n`coredns_` and `coredns_b_total`",
                "README.md": "`clusterdns_a`",
            ],
            at: ["README.md:1", "Sources/A/A.docc/A.md:3"]
        ) { tree in
            let known = Set(tree.metrics.map(\.name))
            return tree.documents.flatMap { file in
                file.words(of: Metrics.pattern).filter { !known.contains(Metrics.family($0.word)) }
                    .map { Violation(file.path, $0.line, "no metric \($0.word)") }
            }
        },
        Rule(
            "\(metricsPage) has every metric.",
            breaking: [
                "Sources/A/B.swift": "let a = \"coredns_a_total\"\nlet b = \"process_b\"\n// \"coredns_c\"",
                "Sources/Tools/A.swift": "let a = \"coredns_d\"",
                metricsPage: "`coredns_a_total`",
            ],
            at: ["Sources/A/B.swift:2"]
        ) { tree in
            let listed = Set(tree.file(metricsPage)?.words(of: Metrics.pattern).map(\.word) ?? [])
            return tree.metrics.filter { !listed.contains($0.name) }.map { Violation($0.path, $0.line, $0.name) }
        },
        Rule(
            "Lines of the log that a document quotes, between fences named log, are written by the sources.",
            breaking: [
                "Sources/A/B.swift":
                    "log.info(\"cannot watch \\(a): \\(b); trying again in \\(c)\")\nlet b = \"connection refused\"",
                "Sources/A/A.docc/A.md": """
                ```log
                [INFO] plugin/a: cannot watch pods: connection refused; trying again in 1s
                [INFO] pods cannot be listed: connection refused
                ```
                nothing of this
                ```
                nothing of this
                ```
                """,
            ],
            at: ["Sources/A/A.docc/A.md:3"]
        ) { tree in
            let phrases = tree.phrases
            return tree.documents.flatMap { file in
                file.quotedLogLines.filter { !Phrases.make($0.word, of: phrases) }
                    .map { Violation(file.path, $0.line, "nothing in the sources writes: \($0.word)") }
            }
        },
    ]
}

/// A word or a line, and where it stands.
private struct Found {
    let word: String
    /// Counted from 1.
    let line: Int
}

private enum Metrics {
    static var pattern: Regex<Substring> { #/\b(?:coredns|clusterdns|process)_[a-z0-9_]*[a-z0-9]\b/# }

    /// Without what Prometheus adds to a histogram's name.
    static func family(_ name: String) -> String {
        for end in ["_bucket", "_sum", "_count"] where name.hasSuffix(end) { return String(name.dropLast(end.count)) }
        return name
    }
}

/// Texts between the quotes and interpolations of string literals.
private enum Phrases {
    /// A shorter one says nothing.
    static let lengthMin = 6
    /// At least so much of a line's plain words must come from phrases; the rest are names of things.
    private static let shareMin = 0.5
    /// Shorter words are everywhere.
    private static let wordMin = 4

    static func make(_ line: String, of phrases: [String]) -> Bool {
        var isMade = [Bool](repeating: false, count: line.utf8.count)
        line.withCString { start in
            for phrase in phrases {
                var rest = start
                while let found = strstr(rest, phrase) {
                    let offset = UnsafePointer(found) - start
                    for index in offset..<offset + phrase.utf8.count { isMade[index] = true }
                    rest = start + offset + 1
                }
            }
        }
        let words = line.split(separator: " ").map { $0.trimmed { "():;,\"".contains($0) } }
            .filter { $0.utf8.count >= wordMin && $0.allSatisfy { ("a"..."z").contains($0) } }
        let made = words.filter { isMade[line.utf8.distance(from: line.startIndex, to: $0.startIndex)] }
        return Double(made.count) >= shareMin * Double(words.count)
    }
}

extension Substring {
    fileprivate func trimmed(_ isOutside: (Character) -> Bool) -> Substring {
        var rest = drop(while: isOutside)
        while let last = rest.last, isOutside(last) { rest.removeLast() }
        return rest
    }
}

extension SourceTree {
    fileprivate var documents: [File] {
        files.filter { $0.path == "README.md" || $0.path.contains(".docc/") && $0.kind == "md" }
    }

    private var sources: [File] { files.filter(Scope.sources.contains) }

    /// Names of metrics in string literals; `Tools` only reads them.
    fileprivate var metrics: [(name: String, path: String, line: Int)] {
        sources.filter { !$0.path.hasPrefix("Sources/Tools/") }.filter {
            $0.contains("coredns_") || $0.contains("clusterdns_") || $0.contains("process_")
        }.flatMap {
            file in
            file.literals.filter { $0.word.wholeMatch(of: Metrics.pattern) != nil }
                .map { ($0.word, file.path, $0.line) }
        }
    }

    fileprivate var phrases: [String] {
        let texts = sources.flatMap { $0.literals.map(\.word) }
        let parts = texts.flatMap { text in
            text.replacing("\\\"", with: "\"").split(separator: #/\\\((?:[^()]|\([^()]*\))*\)/#).map(String.init)
        }
        return Set(parts.filter { $0.utf8.count >= Phrases.lengthMin && $0.contains(" ") }).sorted()
    }
}

extension SourceTree.File {
    /// What links lead to, and in README.md the paths of sources and tests, seen from the top of the project.
    fileprivate var targets: [Found] {
        let folder = path.split(separator: "/").dropLast().map(String.init)
        return lines.enumerated().flatMap { index, line in
            let links = line.matches(of: #/\]\(([^):#]+)(?:#[^)]*)?\)/#).map { match in
                match.1.split(separator: "/").reduce(into: folder) { parts, part in
                    if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
                }.joined(separator: "/")
            }
            let quoted = line.matches(of: #/`((?:Sources|Tests|\.ci)\/[A-Za-z0-9_.\/+-]+)[` ]/#).map { String($0.1) }
            return (links + (folder.isEmpty ? quoted : [])).map { Found(word: $0, line: index + 1) }
        }
    }

    fileprivate func words(of pattern: Regex<Substring>) -> [Found] {
        lines.enumerated().flatMap { index, line in
            line.matches(of: pattern).map { Found(word: String($0.0), line: index + 1) }
        }
    }

    /// What stands between quotes in code: near enough, an interpolation that has quotes of its own is cut at them.
    fileprivate var literals: [Found] {
        lines.enumerated().filter { !$0.element.drop { $0 == " " }.hasPrefix("//") }.flatMap { index, line in
            line.matches(of: #/"((?:[^"\\]|\\.)*)"/#).map { Found(word: String($0.1), line: index + 1) }
        }
    }

    /// The lines between fences named log, without what a logger puts in front, and in pieces where they are shortened.
    fileprivate var quotedLogLines: [Found] {
        var isOpen = false
        return lines.enumerated().flatMap { index, line -> [Found] in
            if line.hasPrefix("```") {
                isOpen = line == "```log"
                return []
            }
            guard isOpen else { return [] }
            let text = line.replacing(#/^\[[A-Z]+\] (?:plugin\/[a-z0-9_]+: )?/#, with: "")
            return text.split(separator: "…").map { Found(word: String($0), line: index + 1) }
        }
    }
}
