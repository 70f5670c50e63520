// What single files keep to.

extension Rule {
    static let columnsMax = 120
    static let functionLinesMax = 60
    static let fileLinesMax = 500

    static let aboutSize: [Rule] = [
        .files(
            "A line has at most \(columnsMax) columns.", in: .code,
            breaking: [
                "Sources/A/B.swift":
                    "// \(String(repeating: "§", count: 117))\n// \(String(repeating: "§", count: 118))"
            ],
            at: ["Sources/A/B.swift:2"]
        ) { file in
            let long = file.lines.indices.filter { file.lines[$0].utf8.count > columnsMax }
            return long.filter { file.lines[$0].unicodeScalars.count > columnsMax }.map { $0 + 1 }
        },
        .files(
            "A function has at most \(functionLinesMax) lines.", in: .swift,
            breaking: [
                "Tests/A/B.swift": "struct S {\n    func a() {\n\(String(repeating: "\n", count: 58))    }\n"
                    + "    func b(\n        x: Int\n    ) {\n\(String(repeating: "// }\n", count: 57))    }\n}\n"
            ],
            at: ["Tests/A/B.swift:62"]
        ) { file in
            file.functions.filter { $0.lineCount > functionLinesMax }.map(\.line)
        },
        .files(
            "A file has at most \(fileLinesMax) lines.", in: .code,
            breaking: [
                "Sources/A/B.swift": String(repeating: "\n", count: 500),
                "Sources/A/C.swift": String(repeating: "\n", count: 501),
            ],
            at: ["Sources/A/C.swift:501"]
        ) { file in
            let isEnded = file.lines.last?.isEmpty == true
            return file.lines.count - (isEnded ? 1 : 0) > fileLinesMax ? [fileLinesMax + 1] : []
        },
    ]

    /// Lines between things of a sample that have nothing to do with each other.
    private static let gap = String(repeating: "\n", count: 9)

    static let aboutWords: [Rule] = [
        .files(
            "`try!` is not used: an error is handled, or thrown on.", in: .swift,
            breaking: ["Sources/A/B.swift": "let a = try f()\nlet b = try! f()\n// try! f()\nlet c = \"try! f()\""],
            at: ["Sources/A/B.swift:2"]
        ) { $0.code("try!", with: #/\btry!/#) },
        .files(
            "`print(` is not used: what the program says goes through its log, or is its output on purpose.",
            in: Scope(
                kinds: ["swift"],
                exceptions: ["Tests/Benchmarks/", "Tests/Examples/", "Tests/Fuzz/", "Tests/SideBySide/"]),
            breaking: ["Sources/A/B.swift": "fingerprint(1)\nprint(\"\\(a)\")\n// print(1)\nprintLines(2)"],
            at: ["Sources/A/B.swift:2"]
        ) { $0.code("rint(", with: #/\b(?:debugP|p)rint\(/#) },
        .files(
            "`fatalError(` is not used: what an operator can cause is an error, what only we can is a precondition.",
            in: .swift,
            breaking: ["Sources/A/B.swift": "preconditionFailure(\"no\")\nfatalError(\"no\")"],
            at: ["Sources/A/B.swift:2"]
        ) { $0.code("fatalError(", with: #/\bfatalError\(/#) },
        .files(
            "Nothing is marked as still to be done.", in: .text,
            breaking: [
                "Sources/A/B.swift": "// TODO: more\n// XXXXXX is a template\n/// FIXME\nlet a = 1  // HACK",
                "README.md": "XXX",
            ],
            at: ["README.md:1", "Sources/A/B.swift:1", "Sources/A/B.swift:3", "Sources/A/B.swift:4"]
        ) { $0.text("TODO", "FIXME", "XXX", "HACK", with: #/\b(?:TODO|FIXME|XXX|HACK)\b/#) },
        .files(
            "Paths of one machine are not named.", in: .text,
            breaking: [
                "Tests/A/B.swift":
                    "let a = \"/mnt/main\"\nlet b = \"shop/mnt/x\"\nlet c = \"/tmp/x\"\nlet d = \"/etc/x\""
            ],
            at: ["Tests/A/B.swift:1", "Tests/A/B.swift:3"]
        ) {
            $0.text(
                "/" + "work/", "/home/", "/root/", "/mnt/", "/tmp/",
                with: #/(?:^|[^A-Za-z0-9_.])\/(?:work|home|root|mnt|tmp)\//#)
        },
        .files(
            "Addresses of other machines are public ones, or stand for any.", in: .text,
            breaking: [
                "README.md": "https://github.com/a/b\nhttp://127.0.0.1:8080/\nhttps://packages.corp.test/x\nhttps://…/x"
            ],
            at: ["README.md:3"]
        ) { file in
            guard file.contains("://") else { return [] }
            return file.lines.indices.filter { Hosts.names(in: file.lines[$0]).contains { !Hosts.isKnown($0) } }.map {
                $0 + 1
            }
        },
        .files(
            "`@unchecked Sendable` and `nonisolated(unsafe)` have a comment beside them that says what guards them.",
            in: .swift,
            breaking: [
                "Sources/A/B.swift": "/// A thing.\nfinal class A: @unchecked Sendable {\n    var a = 1\n}\n\(gap)"
                    + "// Touched on `queue` only.\nfinal class B: @unchecked Sendable {}\n\(gap)"
                    + "    // Guarded by the lock.\n    private nonisolated(unsafe) var b: Int\n\(gap)"
                    + "nonisolated(unsafe) let c = 1\n"
            ],
            at: ["Sources/A/B.swift:2", "Sources/A/B.swift:36"]
        ) { file in
            file.code("@unchecked", "nonisolated(", with: #/@unchecked Sendable|nonisolated\(unsafe\)/#).filter {
                !Guards.isExplained(file, $0)
            }
        },
    ]
}

/// Where addresses may lead.
private enum Hosts {
    private static let known: Set<String> = [
        "github.com", "www.swift.org", "coredns.io", "kubernetes.io", "www.iana.org", "www.rfc-editor.org", "localhost",
        "cloud.google.com", "kubernetes.default",
    ]
    /// Names that stand for any (RFC 2606), and those of clusters that providers of Kubernetes give.
    private static let knownEnds = [".example", ".example.org", ".example.com", ".eks.amazonaws.com"]

    static func names(in line: String) -> [String] {
        line.matches(of: #/https?:\/\/([A-Za-z0-9.-]+)/#).map { String($0.1) }
    }

    static func isKnown(_ host: String) -> Bool {
        known.contains(host) || knownEnds.contains(where: host.hasSuffix)
            || host.allSatisfy { $0.isNumber || $0 == "." } || !host.contains(".")
    }
}

/// What a sentence about a guard is told by.
private enum Guards {
    private static let linesAbove = 8
    private static let linesBelow = 2

    /// Whether a comment near a line tells who may touch what stands there.
    static func isExplained(_ file: SourceTree.File, _ line: Int) -> Bool {
        let near = max(line - 1 - linesAbove, 0)..<min(line + linesBelow, file.lines.count)
        return near.contains { index in
            let pattern = #/(?i)\/\/.*\b(?:guard|guarded|only|once|immutable|constants?|frozen|atomic|locks?|queue)\b/#
            return file.lines[index].contains(pattern)
        }
    }
}
