import Testing

@testable import Corefile

@Suite struct GrammarTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let text: String
        let tree: String
        var environment: [String: String] = [:]
        var files: [String: String] = [:]
        var testDescription: String { name }
    }

    @Test("builds blocks, directives and options", arguments: blocks + imports + environments)
    func builds(example: Case) {
        let (corefile, diagnostics) = parse(example.text, environment: example.environment, files: example.files)
        #expect(corefile.tree == example.tree)
        #expect(diagnostics.rendered() == [])
    }

    static let blocks = [
        Case(name: "nothing", text: "# only a comment\n", tree: ""),
        Case(name: "one block", text: ".:53 {\n errors\n cache 30 a.\n}", tree: "dns . 53 {errors; cache 30 a.}"),
        Case(name: "block without braces", text: ".\nerrors\ncache {\n a\n}", tree: "dns . {errors; cache {a}}"),
        Case(name: "last block without braces", text: "a {\n}\nb\nlog", tree: "dns a. {} dns b. {log}"),
        Case(name: "zone alone", text: "example.org:5300", tree: "dns example.org. 5300 {}"),
        Case(name: "empty block", text: "a {\n}", tree: "dns a. {}"),
        Case(name: "empty block on one line", text: "a { }", tree: "dns a. {}"),
        Case(name: "brace on the next line", text: "a b\n{\nlog\n}", tree: "dns a., dns b. {log}"),
        Case(name: "first directive beside the brace", text: "a { log\n errors\n}", tree: "dns a. {log; errors}"),
        Case(name: "next block behind the brace", text: "a {\nlog\n} b {\n}", tree: "dns a. {log} dns b. {}"),
        Case(
            name: "zones with commas", text: "a, b,c ,\nd,\n\n e {\n}",
            tree: "dns a., dns b., dns c., dns d., dns e. {}"),
        Case(name: "quoted zone", text: "\"a\" {\n}", tree: "dns a. {}"),
        Case(
            name: "repeated directives keep their order", text: "a {\nlog x\nerrors\nlog y\n}",
            tree: "dns a. {log x; errors; log y}"),
        Case(
            name: "options", text: "a {\nhosts f {\n10.0.0.1 x y\n\n fallthrough\n}\nlog\n}",
            tree: "dns a. {hosts f {10.0.0.1 x y; fallthrough}; log}"),
        Case(name: "options of options", text: "a {\nx {\ny z {\nw\n}\n}\n}", tree: "dns a. {x {y z {w}}}"),
        Case(name: "empty options", text: "a {\nx {\n}\ny { }\n}", tree: "dns a. {x {}; y {}}"),
        Case(name: "quoted words", text: "a {\nlog \"x y\" \"\"\n}", tree: "dns a. {log <x y> <>}"),
        Case(name: "quoted braces are text", text: "a {\nx \"{\" \"}\"\n}", tree: "dns a. {x <{> <}>}"),
        Case(name: "quoted line break", text: "a {\nx \"y\nz\" w\nv\n}", tree: "dns a. {x <y\nz> w; v}"),
        Case(name: "words with braces", text: "a {\nx {y} {1}.z b{2}\n}", tree: "dns a. {x {y} {1}.z b{2}}"),
        Case(name: "hash inside a word", text: "a {\nx y#z w\nv\n}", tree: "dns a. {x y; v}"),
    ]

    static let imports = [
        Case(name: "snippet", text: "(s) {\nlog\nerrors\n}\na {\nimport s\n}", tree: "dns a. {log; errors}"),
        Case(name: "snippet on one line", text: "(s) { log x }\na {\nimport s\n}", tree: "dns a. {log x}"),
        Case(name: "unused snippet", text: "(s) {\nlog {\n}\n}\na {\n}", tree: "dns a. {}"),
        Case(
            name: "snippet in options", text: "(s) {\nttl 5\n}\na {\nhosts {\nimport s\nx\n}\n}",
            tree: "dns a. {hosts {ttl 5; x}}"),
        Case(
            name: "snippet of blocks", text: "(s) {\nb {\nlog\n}\n}\nimport s\na {\n}", tree: "dns b. {log} dns a. {}"),
        Case(
            name: "snippet in a snippet", text: "(s) {\nlog\n}\n(t) {\nimport s\n}\na\nimport t", tree: "dns a. {log}"),
        Case(name: "snippet twice", text: "(s) {\nlog\n}\na {\nimport s\nimport s\n}", tree: "dns a. {log; log}"),
        Case(
            name: "snippet before file", text: "(s) {\nlog\n}\na {\nimport s\n}", tree: "dns a. {log}",
            files: ["s": "errors"]),
        Case(
            name: "file", text: "a {\nimport x.conf\n}", tree: "dns a. {log; b {c}}",
            files: ["x.conf": "log\nb {\nc\n}"]),
        Case(name: "empty file", text: "a {\nimport x\n}", tree: "dns a. {}", files: ["x": ""]),
        Case(name: "file of blocks", text: "import x\na {\n}", tree: "dns b. {} dns a. {}", files: ["x": "b {\n}"]),
        Case(
            name: "snippet from a file", text: "import x\na {\nimport s\n}", tree: "dns a. {log}",
            files: ["x": "(s) {\nlog\n}"]),
        Case(
            name: "pattern, in order", text: "a {\nimport d/*.conf\n}", tree: "dns a. {one; two}",
            files: ["d/2.conf": "two", "d/1.conf": "one", "d/x": "no", "d/.3.conf": "no"]),
        Case(
            name: "pattern with both wildcards", text: "a {\nimport d?/*\n}", tree: "dns a. {one}",
            files: ["d1/a": "one", "d22/a": "no"]),
        Case(
            name: "relative to the file that imports", text: "a {\nimport d/x\n}", tree: "dns a. {log}",
            files: ["d/x": "import y", "d/y": "log", "y": "no"]),
        Case(name: "absolute", text: "a {\nimport /d/x\n}", tree: "dns a. {log}", files: ["/d/x": "log"]),
        Case(
            name: "snippet keeps the folder of its file", text: "import d/x\na {\nimport s\n}", tree: "dns a. {log}",
            files: ["d/x": "(s) {\nimport y\n}", "d/y": "log", "y": "no"]),
        Case(name: "quoted word import", text: "a {\n\"import\" x\n}", tree: "dns a. {<import> x}"),
        Case(name: "import as an argument", text: "a {\nlog import x\n}", tree: "dns a. {log import x}"),
    ]

    static let environments = [
        Case(
            name: "environment everywhere", text: "{$Z}:{$P} {\n{$D} {%A%}x{$A}\nimport {$I}\n}",
            tree: "dns a.test. 5300 {log 1x1; errors}",
            environment: ["Z": "A.test", "P": "5300", "D": "log", "A": "1", "I": "s"], files: ["s": "errors"]),
        Case(
            name: "a value with blanks stays one word", text: "a {\nlog {$F}\n}", tree: "dns a. {log x y # {}",
            environment: ["F": "x y # {"]),
        Case(
            name: "a value is never a brace", text: "a {\nlog {$F}\n}", tree: "dns a. {log }}",
            environment: ["F": "}"]),
        Case(name: "zones in a value", text: "{$Z} {\n}", tree: "dns a., dns b. {}", environment: ["Z": "a,b"]),
        Case(name: "unset is empty", text: "a{$X}.b {\nlog {$X} y\n}", tree: "dns a.b. {log  y}"),
        Case(
            name: "snippets expand at their use", text: "(s) {\nlog {$X}\n}\na {\nimport s\n}", tree: "dns a. {log v}",
            environment: ["X": "v"]),
    ]
}

extension Corefile {
    fileprivate var tree: String {
        blocks.map { block in
            let keys = block.keys.flatMap { key in
                key.zones.map { "\(key.scheme.rawValue) \($0)" + (key.port.map { " \($0)" } ?? "") }
            }
            return keys.joined(separator: ", ") + " " + Self.lines(block.directives)
        }.joined(separator: " ")
    }

    private static func lines(_ lines: [Directive]) -> String {
        let shown = lines.map { line in
            let words = ([line.name] + line.arguments).map { $0.isQuoted ? "<\($0.text)>" : $0.text }
            return words.joined(separator: " ") + (line.block.map { " " + Self.lines($0) } ?? "")
        }
        return "{" + shown.joined(separator: "; ") + "}"
    }
}
