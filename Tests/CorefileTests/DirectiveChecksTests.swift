import Corefile
import Testing

@Suite struct DirectiveChecksTests {
    private static func line(_ text: String) throws -> (line: Directive, diagnostics: Diagnostics) {
        let (corefile, diagnostics) = parse(". {\n\(text)\n}")
        return (try #require(corefile.blocks.first?.directives.first), diagnostics)
    }

    @Test("reports missing arguments at the last word, and extra ones at the first too many")
    func argumentCounts() throws {
        for (text, range, column) in [("file", 1...2, 1), ("file a b c d", 1...2, 10), ("file a b", 0...0, 6)] {
            var (line, diagnostics) = try Self.line(text)
            #expect(!line.hasArguments(range, usage: "file DBFILE [ZONE...]", &diagnostics))
            let diagnostic = try #require(diagnostics.sorted.first)
            #expect(diagnostic.position.column == column)
            #expect(diagnostic.message.hasPrefix("Wrong argument count or unexpected line ending after '"))
            #expect(diagnostic.hint == "usage: file DBFILE [ZONE...]")
        }
    }

    @Test("lets right counts pass")
    func rightCounts() throws {
        var (line, diagnostics) = try Self.line("file a b {\nx\n}")
        #expect(line.hasArguments(1..., usage: "", &diagnostics))
        #expect(line.hasArguments(2...2, usage: "", &diagnostics))
        #expect(diagnostics.isEmpty)
        #expect(!line.hasNoBlock(&diagnostics))
        #expect(diagnostics.sorted.map(\.message) == ["'file' takes no block in braces"])
    }

    @Test("reports an unknown property with the one that was meant")
    func unknownProperty() throws {
        var (line, diagnostics) = try Self.line("pod insecure")
        line.reportUnknownProperty(among: ["pods", "ttl"], &diagnostics)
        #expect(
            diagnostics.rendered() == [
                "Corefile:2:1: error: unknown property 'pod'", "pod insecure", "^~~", "did you mean 'pods'?",
            ])
    }
}
