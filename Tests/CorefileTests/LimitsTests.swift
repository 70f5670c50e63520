import Testing

@testable import Corefile

@Suite struct LimitsTests {
    @Test("braces may nest, but not without end")
    func blockDepth() {
        func nested(_ depth: Int) -> String {
            ". {\n" + String(repeating: "x {\n", count: depth) + String(repeating: "}\n", count: depth) + "log\n}\n"
        }
        #expect(parse(nested(Limits.blockDepthMax)).diagnostics.rendered() == [])
        let (corefile, diagnostics) = parse(nested(Limits.blockDepthMax + 1))
        #expect(diagnostics.sorted.map(\.message) == ["blocks are nested deeper than 16"])
        #expect(corefile.blocks.first?.directives.map(\.name.text) == ["x", "log"])
        #expect(parse(nested(100_000)).diagnostics.sorted.count == 1)
    }

    @Test("imports may nest, but not without end")
    func importDepth() {
        func chain(_ depth: Int) -> [String: String] {
            Dictionary(uniqueKeysWithValues: (1...depth).map { ("f\($0)", $0 < depth ? "import f\($0 + 1)" : "log") })
        }
        let text = ". {\nimport f1\n}"
        #expect(parse(text, files: chain(Limits.importDepthMax)).diagnostics.rendered() == [])
        let diagnostics = parse(text, files: chain(Limits.importDepthMax + 1)).diagnostics
        #expect(diagnostics.sorted.map(\.message) == ["imports are nested deeper than 64"])
    }

    @Test("snippets that double at each step end at the limit of imports")
    func importCount() {
        let steps = (1...40).map { "(s\($0)) {\nimport s\($0 - 1)\nimport s\($0 - 1)\n}\n" }.joined()
        let diagnostics = parse("(s0) {\nlog\n}\n" + steps + ". {\nimport s40\n}").diagnostics
        #expect(diagnostics.hasErrors)
        #expect(diagnostics.sorted.allSatisfy { $0.message == "maximum snippet import depth (10000) exceeded" })
    }

    @Test("parsing ends when there are more mistakes than are kept")
    func mistakes() {
        let diagnostics = parse(String(repeating: "}\n", count: Limits.diagnosticsMax + 100)).diagnostics
        #expect(diagnostics.sorted.count == Limits.diagnosticsMax)
        #expect(diagnostics.droppedCount == 1)
    }

    @Test("the end of an unclosed snippet is guessed only so often")
    func unclosedSnippets() {
        let text = (1...1000).map { "(s\($0)) {\n" }.joined()
        #expect(parse(text).diagnostics.sorted.count == Limits.unclosedSnippetsMax + 1)
    }

    @Test("imports end at the limit of words")
    func wordCount() {
        let words = String(repeating: "x ", count: 100_000)
        let imports = String(repeating: "import s\n", count: 100)
        let diagnostics = parse("(s) {\n\(words)\n}\n. {\n\(imports)}").diagnostics
        #expect(diagnostics.sorted.first?.message == "the configuration has more than 1000000 words")
        #expect(diagnostics.sorted.first?.position.line == 15)
    }
}
