/// A word of an expression.
struct ExpressionToken: Equatable {
    enum Kind: Equatable {
        case integer(Int)
        case float(Double)
        case text(String)
        /// A name or a word operator.
        case word(String)
        /// `(`, `==` and so on; `#`, `#acc`, `#index`.
        case sign(String)
        case end
    }

    let kind: Kind
    /// Where it stands, as Unicode scalars.
    let range: Range<Int>
}

/// Splits an expression into words.
struct ExpressionLexer {
    private let scalars: [Unicode.Scalar]
    private var position = 0

    /// Longest first.
    private static let signs = [
        "#index", "#acc", "==", "!=", "<=", ">=", "&&", "||", "**", "??", "?.", "..", "(", ")", "[", "]", "{", "}", ",",
        "?", ":", ";", "<", ">", "!", "+", "-", "*", "/", "%", "^", "|", "=", ".", "#",
    ]

    /// The words of a text, the last of which is the end.
    static func tokens(of text: String) throws(ExpressionError) -> [ExpressionToken] {
        var lexer = ExpressionLexer(scalars: Array(text.unicodeScalars))
        guard lexer.scalars.count <= ExpressionLimits.lengthMax else {
            throw ExpressionError(
                "the expression has more than \(ExpressionLimits.lengthMax) characters", at: 0..<1)
        }
        var tokens: [ExpressionToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        let end = lexer.scalars.count
        tokens.append(ExpressionToken(kind: .end, range: end..<end))
        return tokens
    }

    private mutating func next() throws(ExpressionError) -> ExpressionToken? {
        try skipBlanks()
        guard position < scalars.count else { return nil }
        let start = position
        let kind = try kind()
        return ExpressionToken(kind: kind, range: start..<position)
    }

    private mutating func kind() throws(ExpressionError) -> ExpressionToken.Kind {
        let first = scalars[position]
        if first.isDigit || (first == "." && peek(1)?.isDigit == true) { return try number() }
        if first.isLetter { return .word(word()) }
        if first == "'" || first == "\"" || first == "`" { return .text(try text(first)) }
        for sign in Self.signs where isAt(sign) {
            position += sign.unicodeScalars.count
            return .sign(sign)
        }
        throw ExpressionError("unexpected character '\(first)'", at: position..<position + 1)
    }

    private func peek(_ offset: Int) -> Unicode.Scalar? {
        position + offset < scalars.count ? scalars[position + offset] : nil
    }

    private func isAt(_ text: String) -> Bool {
        scalars[position...].starts(with: text.unicodeScalars)
    }

    private mutating func skipBlanks() throws(ExpressionError) {
        while let scalar = peek(0) {
            if scalar.properties.isWhitespace {
                position += 1
            } else if isAt("//") {
                while let scalar = peek(0), scalar != "\n" { _ = (scalar, position += 1) }
            } else if isAt("/*") {
                let start = position
                while !isAt("*/") {
                    position += 1
                    guard position < scalars.count else {
                        throw ExpressionError("this comment has no end", at: start..<start + 2)
                    }
                }
                position += 2
            } else {
                return
            }
        }
    }

    private mutating func word() -> String {
        var text = String.UnicodeScalarView()
        while let scalar = peek(0), scalar.isLetter || scalar.isDigit {
            text.append(scalar)
            position += 1
        }
        return String(text)
    }

    // MARK: Numbers

    private mutating func number() throws(ExpressionError) -> ExpressionToken.Kind {
        let start = position
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where isAt(prefix) {
            position += 2
            let digits = word().replacing("_", with: "")
            guard let value = Int(digits, radix: radix) else { throw badNumber(start) }
            return .integer(value)
        }
        var digits = takeDigits()
        var isFloat = false
        // Two dots are a range.
        if peek(0) == ".", peek(1) != "." {
            isFloat = true
            position += 1
            digits += "." + takeDigits()
        }
        if let scalar = peek(0), scalar == "e" || scalar == "E" {
            isFloat = true
            position += 1
            digits += "e"
            if let sign = peek(0), sign == "+" || sign == "-" {
                digits.unicodeScalars.append(sign)
                position += 1
            }
            digits += takeDigits()
        }
        if digits.hasPrefix(".") { digits = "0" + digits }
        if peek(0)?.isLetter == true { throw badNumber(start) }
        if isFloat, let value = Double(digits) { return .float(value) }
        guard !isFloat, let value = Int(digits) else { throw badNumber(start) }
        return .integer(value)
    }

    private mutating func takeDigits() -> String {
        var text = ""
        while let scalar = peek(0), scalar.isDigit || scalar == "_" {
            if scalar != "_" { text.unicodeScalars.append(scalar) }
            position += 1
        }
        return text
    }

    private mutating func badNumber(_ start: Int) -> ExpressionError {
        _ = word()
        let text = String(String.UnicodeScalarView(scalars[start..<position]))
        return ExpressionError("'\(text)' is no number", at: start..<position)
    }

    // MARK: Texts

    private mutating func text(_ quote: Unicode.Scalar) throws(ExpressionError) -> String {
        let start = position
        position += 1
        var text = String.UnicodeScalarView()
        while let scalar = peek(0) {
            position += 1
            if scalar == quote { return String(text) }
            text.append(scalar == "\\" && quote != "`" ? try escape() : scalar)
        }
        throw ExpressionError("this string has no end", at: start..<start + 1, hint: "write \(quote) behind it")
    }

    private mutating func escape() throws(ExpressionError) -> Unicode.Scalar {
        let start = position - 1
        guard let scalar = peek(0) else {
            throw ExpressionError("this escape has no end", at: start..<start + 1)
        }
        position += 1
        switch scalar {
        case "n": return "\n"
        case "t": return "\t"
        case "r": return "\r"
        case "a": return "\u{7}"
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "v": return "\u{B}"
        case "\\", "'", "\"", "`": return scalar
        case "x": return try code(digits: 2, start)
        case "u": return try code(digits: 4, start)
        case "U": return try code(digits: 8, start)
        default:
            throw ExpressionError(
                "there is no escape '\\\(scalar)'", at: start..<position,
                hint: "a backslash is written twice, as in '^a\\\\.example\\\\.$'")
        }
    }

    private mutating func code(digits: Int, _ start: Int) throws(ExpressionError) -> Unicode.Scalar {
        let end = min(position + digits, scalars.count)
        let text = String(String.UnicodeScalarView(scalars[position..<end]))
        position = end
        guard text.count == digits, let value = UInt32(text, radix: 16), let scalar = Unicode.Scalar(value) else {
            throw ExpressionError("this escape is no character", at: start..<end)
        }
        return scalar
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { "0"..."9" ~= self }
    fileprivate var isLetter: Bool { "a"..."z" ~= self || "A"..."Z" ~= self || self == "_" || self == "$" }
}
