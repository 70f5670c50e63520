import Testing

@testable import Corefile

@Suite struct DiagnosticsTests {
    private static func word(_ line: Int, _ column: Int = 1, file: String = "F") -> Word {
        Word(text: "x", position: SourcePosition(file: file, line: line, column: column))
    }

    @Test("are sorted by file, line and column, and said once")
    func sorted() {
        var diagnostics = Diagnostics()
        diagnostics.keepSource("", file: "F")
        diagnostics.keepSource("", file: "E")
        diagnostics.error(at: Self.word(1, file: "E"), "five")
        diagnostics.warning(at: Self.word(2, 2), "four")
        diagnostics.error(at: Self.word(2, 1), "three")
        diagnostics.error(at: Self.word(1), "one")
        diagnostics.error(at: Self.word(1), "two")
        diagnostics.error(at: Self.word(1), "one")
        #expect(diagnostics.sorted.map(\.message) == ["one", "two", "three", "four", "five"])
    }

    @Test("have errors only if one is an error")
    func severity() {
        var diagnostics = Diagnostics()
        #expect(diagnostics.isEmpty && !diagnostics.hasErrors)
        diagnostics.warning(at: Self.word(1), "doubt")
        #expect(!diagnostics.isEmpty && !diagnostics.hasErrors)
        diagnostics.error(at: Self.word(1), "mistake")
        #expect(diagnostics.hasErrors)
    }

    @Test("print a limited number and count the rest")
    func limited() {
        var diagnostics = Diagnostics()
        for line in 1...Limits.diagnosticsMax + 5 { diagnostics.error(at: Self.word(line), "mistake") }
        let lines = diagnostics.rendered()
        #expect(lines.count == Limits.printedDiagnosticsMax + 1)
        #expect(lines.last == "… and \(Limits.diagnosticsMax + 5 - Limits.printedDiagnosticsMax) more")
        #expect(diagnostics.sorted.count == Limits.diagnosticsMax)
        #expect(diagnostics.rendered(atMost: 1).first == "F:1:1: error: mistake")
    }

    @Test("are printed without a source line if the file is unknown")
    func withoutSource() {
        var diagnostics = Diagnostics()
        diagnostics.error(at: Self.word(7, 5), "mistake", hint: "do this")
        #expect(diagnostics.rendered() == ["F:7:5: error: mistake", "do this"])
    }

    @Test("never send control characters to a terminal")
    func printable() {
        let (_, diagnostics) = parse(". {\n    x\u{1B}[31m\u{202E}\n}", directives: testDirectives)
        #expect(
            diagnostics.rendered() == [
                "Corefile:2:5: error: Unknown directive 'x\u{FFFD}[31m\u{FFFD}'", "    x\u{FFFD}[31m\u{FFFD}",
                "    ^~~~~~~",
            ])
    }
}
