/// One word of the source as the lexer found it: quotes removed, environment not yet expanded.
struct Token: Sendable {
    var text: String
    var position: SourcePosition
    /// Columns in the source, quotes included.
    var length: Int
    var isQuoted: Bool
    /// Whether it is the first word of its line. A line break inside quotes does not end a line.
    var startsLine: Bool
    /// The column of the first word of its line.
    var indent: Int
    /// Whether a closing quote stands directly in front of it.
    var touchesQuote: Bool

    // Only bare braces build structure; quoted ones are text.
    var isOpeningBrace: Bool { !isQuoted && text == "{" }
    var isClosingBrace: Bool { !isQuoted && text == "}" }
    var isImport: Bool { !isQuoted && text == "import" }
    var spansLines: Bool { isQuoted && text.contains("\n") }
}
