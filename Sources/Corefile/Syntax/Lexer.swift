/// Cuts a source text into words. White space separates, `#` comments, double quotes hold a word together.
struct Lexer {
    private let file: String
    private let scalars: [Unicode.Scalar]
    private var place = Place()
    private var tokens: [Token] = []
    private var indent = 1
    private var endOfLastQuote: Int?
    private var diagnostics = Diagnostics()

    private struct Place {
        var index = 0
        var line = 1
        var column = 1
    }

    /// All words of a text; mistakes go to `diagnostics` and do not stop the lexer.
    static func tokens(of text: String, file: String, _ diagnostics: inout Diagnostics) -> [Token] {
        var lexer = Lexer(text: text, file: file, diagnostics: diagnostics)
        while let token = lexer.nextToken() { lexer.tokens.append(token) }
        diagnostics = lexer.diagnostics
        return lexer.tokens
    }

    private init(text: String, file: String, diagnostics: Diagnostics) {
        self.file = file
        self.diagnostics = diagnostics
        scalars = Array(
            text.unicodeScalars.first == "\u{FEFF}" ? text.unicodeScalars.dropFirst() : text.unicodeScalars[...])
    }

    private mutating func nextToken() -> Token? {
        let startsLine = skipBlanksAndComments() || tokens.isEmpty
        guard let first = peek() else { return nil }
        if startsLine { indent = place.column }
        let touchesQuote = endOfLastQuote == place.index
        var token = first == "\"" ? quotedToken() : bareToken()
        token.startsLine = startsLine
        token.touchesQuote = touchesQuote
        if touchesQuote { warnAboutMissingQuote() }
        if token.text.unicodeScalars.contains("\u{FFFD}") {
            diagnostics.error(at: Word(token), "\(Word(token).quoted) is not valid UTF-8")
        }
        return token
    }

    /// A quoted text over several lines with a word glued to its end was probably meant to end on its first line.
    private mutating func warnAboutMissingQuote() {
        guard let quoted = tokens.last, quoted.spansLines else { return }
        diagnostics.warning(
            at: Word(quoted), "quoted text runs over several lines and ends in the middle of a word",
            hint: "is a closing quote missing?")
    }

    /// Whether a line ended on the way.
    private mutating func skipBlanksAndComments() -> Bool {
        var isInComment = false
        var lineEnded = false
        while let scalar = peek() {
            if scalar == "\n" {
                isInComment = false
                lineEnded = true
            } else if scalar == "#" {
                isInComment = true
            }
            guard isInComment || scalar.properties.isWhitespace else { break }
            advance()
        }
        return lineEnded
    }

    /// A `#` ends a bare word even in its middle; a carriage return inside it is dropped.
    private mutating func bareToken() -> Token {
        let start = place
        var text = String.UnicodeScalarView()
        while let scalar = peek(), scalar != "#", scalar == "\r" || !scalar.properties.isWhitespace {
            if scalar != "\r" { text.append(scalar) }
            advance()
        }
        return token(String(text), from: start, isQuoted: false)
    }

    /// Only `\"` is an escape; any other backslash stays, together with what follows it.
    private mutating func quotedToken() -> Token {
        let start = place
        var text = String.UnicodeScalarView()
        advance()
        while let scalar = peek() {
            advance()
            if scalar == "\"" {
                endOfLastQuote = place.index
                return token(String(text), from: start, isQuoted: true)
            }
            if scalar == "\\", let escaped = peek() {
                if escaped != "\"" { text.append(scalar) }
                text.append(escaped)
                advance()
            } else if scalar != "\r" {
                text.append(scalar)
            }
        }
        return unclosedToken(from: start)
    }

    /// Takes the rest of the line as the word, so that only this line suffers.
    private mutating func unclosedToken(from start: Place) -> Token {
        place = start
        advance()
        let line = scalars[place.index...].prefix { $0 != "\n" }
        var text = String(String.UnicodeScalarView(line)).trimmingBlanks()
        if text.hasSuffix(" {") { text = String(text.dropLast()).trimmingBlanks() }
        for _ in 0..<text.unicodeScalars.count { advance() }
        let unclosed = token(text, from: start, isQuoted: true)
        let suspect = tokens.last { $0.spansLines }
        diagnostics.error(
            at: Word(unclosed), "quote opened here is never closed",
            hint: suspect.map {
                "the quoted text at \($0.position) runs over several lines: is its closing quote missing?"
            })
        return unclosed
    }

    private func token(_ text: String, from start: Place, isQuoted: Bool) -> Token {
        Token(
            text: text, position: SourcePosition(file: file, line: start.line, column: start.column),
            length: place.index - start.index, isQuoted: isQuoted, startsLine: false, indent: indent,
            touchesQuote: false)
    }

    private func peek() -> Unicode.Scalar? {
        place.index < scalars.count ? scalars[place.index] : nil
    }

    private mutating func advance() {
        if scalars[place.index] == "\n" {
            place.line += 1
            place.column = 1
        } else {
            place.column += 1
        }
        place.index += 1
    }
}

extension Word {
    /// The word as it stands in the source, nothing expanded.
    init(_ token: Token) {
        self.init(text: token.text, position: token.position, length: token.length, isQuoted: token.isQuoted)
    }
}

extension String {
    fileprivate func trimmingBlanks() -> String {
        var view = unicodeScalars[...]
        while let last = view.last, last.properties.isWhitespace { view.removeLast() }
        return String(view)
    }
}
