import Testing

@testable import Corefile

@Suite struct LexerTests {
    /// Words are shown between bars, quoted ones in angle brackets, and each line on its own.
    @Test(
        "cuts a text into words and lines",
        arguments: [
            ("", ""),
            ("\n \t\r\n", ""),
            ("a b", "|a|b|"),
            ("  a\tb  \n\n c", "|a|b|\n|c|"),
            ("a\r\nb\r\n", "|a|\n|b|"),
            ("a\rb", "|ab|"),
            ("\u{FEFF}a", "|a|"),
            ("a\u{FEFF}b", "|a\u{FEFF}b|"),
            ("a\u{A0}b\u{2003}c", "|a|b|c|"),
            ("# all a comment", ""),
            ("a # b\nc", "|a|\n|c|"),
            ("a#b c\nd", "|a|\n|d|"),
            ("#a\n#b\nc", "|c|"),
            (##""a b" c"##, "|<a b>|c|"),
            (##""a # b""##, "|<a # b>|"),
            (##""a\"b""##, ##"|<a"b>|"##),
            (##""a\\b" "c\d""##, ##"|<a\\b>|<c\d>|"##),
            (##""a\\" b"##, ##"|<a\\>|b|"##),
            (##""" b"##, "|<>|b|"),
            ("\"a\nb\" c\nd", "|<a\nb>|c|\n|d|"),
            ("\"a\r\nb\"", "|<a\nb>|"),
            (##"a"b c"d"##, ##"|a"b|c"d|"##),
            (##""a"b"##, "|<a>|b|"),
            (##""a""b""##, "|<a>|<b>|"),
            (##""a"#b"##, "|<a>|"),
            ("a { b", "|a|{|b|"),
            ("ä€😀 b", "|ä€😀|b|"),
        ])
    func cuts(text: String, expected: String) {
        var diagnostics = Diagnostics()
        let tokens = Lexer.tokens(of: text, file: "F", &diagnostics)
        #expect(Self.shown(tokens) == expected)
        #expect(diagnostics.isEmpty)
    }

    @Test(
        "cuts off braces without a blank, and reports them",
        arguments: [
            ("a{", "|a|{|"), ("a b{\nc", "|a|b|{|\n|c|"), ("{}", "|{|}|"), ("a {}", "|a|{|}|"), ("}}", "|}|\n|}|"),
            ("{$X}{", "|{$X}|{|"),
        ])
    func cutsBraces(text: String, expected: String) {
        var diagnostics = Diagnostics()
        let tokens = GluedBraces.cut(Lexer.tokens(of: text, file: "F", &diagnostics), &diagnostics)
        #expect(Self.shown(tokens) == expected)
        #expect(diagnostics.hasErrors)
    }

    @Test(
        "leaves braces that belong to a word", arguments: ["{$X}", "{1}.b", "a{2} b", "a{ b", "\"a{\"", "a}", "a }}"])
    func leavesBraces(text: String) {
        var diagnostics = Diagnostics()
        let tokens = Lexer.tokens(of: text, file: "F", &diagnostics)
        #expect(Self.shown(GluedBraces.cut(tokens, &diagnostics)) == Self.shown(tokens))
        #expect(diagnostics.isEmpty)
    }

    @Test("counts lines, and columns in Unicode scalars")
    func places() {
        var diagnostics = Diagnostics()
        let text = "ä b\n\t\"x\ny\" c \"d\"\r\n  e"
        let tokens = Lexer.tokens(of: text, file: "F", &diagnostics)
        #expect(tokens.map(\.position.description) == ["F:1:1", "F:1:3", "F:2:2", "F:3:4", "F:3:6", "F:4:3"])
        #expect(tokens.map(\.length) == [1, 1, 5, 1, 3, 1])
        #expect(tokens.map(\.startsLine) == [true, false, true, false, false, true])
        #expect(tokens.map(\.indent) == [1, 1, 2, 2, 2, 3])
    }

    private static func shown(_ tokens: [Token]) -> String {
        tokens.enumerated().map { index, token in
            let start = token.startsLine ? (index == 0 ? "|" : "\n|") : ""
            return start + (token.isQuoted ? "<\(token.text)>" : token.text) + "|"
        }.joined()
    }
}
