/// Splits a template into texts and actions, and actions into words, by the rules of Go's text/template.
struct TemplateLexer {
    enum Part: Equatable {
        case text(String)
        /// What stands between the braces.
        case action([Token])
    }

    struct Token: Equatable {
        enum Kind: Equatable {
            /// `.`
            case dot
            /// `.Name`, without its dot
            case field
            /// `$name`
            case variable
            case word
            case number
            /// A text in quotes, which is the value.
            case text(String)
            /// `|`, `(`, `)`, `,`, `=` or `:=`
            case sign
        }

        let kind: Kind
        let spelling: String
        /// Whether it follows the word before without a blank.
        let isGlued: Bool
    }

    private var rest: Substring
    private var parts: [Part] = []

    static func parts(of template: String) throws(TemplateError) -> [Part] {
        var lexer = TemplateLexer(rest: template[...])
        try lexer.run()
        return lexer.parts
    }

    private mutating func run() throws(TemplateError) {
        var trimsStart = false
        while let open = rest.firstRange(of: "{{") {
            var text = rest[..<open.lowerBound]
            rest = rest[open.upperBound...]
            let trimsEnd = rest.first == "-" && rest.dropFirst().first?.isBlank == true
            if trimsEnd { rest.removeFirst() }
            if trimsStart { text = text.drop(while: \.isBlank) }
            while trimsEnd, text.last?.isBlank == true { text.removeLast() }
            if !text.isEmpty { parts.append(.text(String(text))) }
            trimsStart = try takeAction()
        }
        let text = trimsStart ? rest.drop(while: \.isBlank) : rest
        if !text.isEmpty { parts.append(.text(String(text))) }
    }

    /// Takes everything up to the closing braces; tells whether blanks behind them are to be dropped.
    private mutating func takeAction() throws(TemplateError) -> Bool {
        let start = rest
        if rest.drop(while: \.isBlank).hasPrefix("/*") { return try takeComment() }
        var tokens: [Token] = []
        while true {
            let before = rest.count
            rest = rest.drop(while: \.isBlank)
            let isGlued = rest.count == before
            if rest.hasPrefix("}}") {
                rest = rest.dropFirst(2)
                parts.append(.action(tokens))
                return false
            }
            if !isGlued, rest.hasPrefix("-}}") {
                rest = rest.dropFirst(3)
                parts.append(.action(tokens))
                return true
            }
            guard !rest.isEmpty else { throw TemplateError("'{{\(start.prefix(40))' is never closed") }
            tokens.append(try takeToken(isGlued: isGlued && !tokens.isEmpty))
        }
    }

    private mutating func takeComment() throws(TemplateError) -> Bool {
        guard let end = rest.firstRange(of: "*/") else { throw TemplateError("a comment is never closed") }
        rest = rest[end.upperBound...]
        if rest.hasPrefix("}}") {
            rest = rest.dropFirst(2)
            return false
        }
        guard rest.first?.isBlank == true, rest.dropFirst().hasPrefix("-}}") else {
            throw TemplateError("a comment ends before its closing braces")
        }
        rest = rest.dropFirst(4)
        return true
    }

    private mutating func takeToken(isGlued: Bool) throws(TemplateError) -> Token {
        guard let first = rest.first else { throw TemplateError("unexpected end") }
        switch first {
        case "\"": return try takeQuoted(isGlued)
        case "`": return try takeRaw(isGlued)
        case "|", "(", ")", ",", "=": return take(1, .sign, isGlued)
        case ":" where rest.hasPrefix(":="): return take(2, .sign, isGlued)
        case "$": return take(1 + rest.dropFirst().prefix(while: \.isWordPart).count, .variable, isGlued)
        case ".":
            let name = rest.dropFirst().prefix(while: \.isWordPart)
            guard let start = name.first else { return take(1, .dot, isGlued) }
            guard !start.isDigit else { throw TemplateError("fractions are not supported") }
            rest = rest.dropFirst(1 + name.count)
            return Token(kind: .field, spelling: String(name), isGlued: isGlued)
        case "-", "+", "0"..."9":
            return take(1 + rest.dropFirst().prefix { $0.isWordPart || $0 == "." }.count, .number, isGlued)
        case "'": throw TemplateError("character constants are not supported")
        default:
            let word = rest.prefix(while: \.isWordPart)
            guard !word.isEmpty else { throw TemplateError("unexpected '\(first)' in an action") }
            return take(word.count, .word, isGlued)
        }
    }

    private mutating func take(_ length: Int, _ kind: Token.Kind, _ isGlued: Bool) -> Token {
        defer { rest = rest.dropFirst(length) }
        return Token(kind: kind, spelling: String(rest.prefix(length)), isGlued: isGlued)
    }

    private mutating func takeRaw(_ isGlued: Bool) throws(TemplateError) -> Token {
        guard let end = rest.dropFirst().firstIndex(of: "`") else { throw TemplateError("a text is never closed") }
        let spelling = rest[...end]
        rest = rest[rest.index(after: end)...]
        return Token(
            kind: .text(String(spelling.dropFirst().dropLast())), spelling: String(spelling), isGlued: isGlued)
    }

    private mutating func takeQuoted(_ isGlued: Bool) throws(TemplateError) -> Token {
        let start = rest
        var value = ""
        rest.removeFirst()
        while let character = rest.popFirst() {
            switch character {
            case "\"":
                let spelling = start.prefix(start.count - rest.count)
                return Token(kind: .text(value), spelling: String(spelling), isGlued: isGlued)
            case "\\": value.append(try takeEscape())
            case "\n": throw TemplateError("a text is never closed")
            default: value.append(character)
            }
        }
        throw TemplateError("a text is never closed")
    }

    private mutating func takeEscape() throws(TemplateError) -> Character {
        switch rest.popFirst() {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "\\": return "\\"
        case "\"": return "\""
        case let other: throw TemplateError("the escape '\\\(other.map(String.init) ?? "")' is not supported")
        }
    }
}

extension Character {
    fileprivate var isBlank: Bool { self == " " || self == "\t" || self == "\n" || self == "\r" || self == "\r\n" }
    fileprivate var isDigit: Bool { "0"..."9" ~= self }
    fileprivate var isWordPart: Bool { self == "_" || isLetter || isNumber }
}
