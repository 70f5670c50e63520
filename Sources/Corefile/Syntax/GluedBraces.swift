/// Cuts off braces that were written without a blank, reporting each: `cluster.local{`, `{}` and `}}`.
/// Without it one missing blank would shift all following braces and bury the mistake under others.
enum GluedBraces {
    static func cut(_ tokens: [Token], _ diagnostics: inout Diagnostics) -> [Token] {
        var result: [Token] = []
        for (index, token) in tokens.enumerated() {
            let endsLine = index + 1 == tokens.count || tokens[index + 1].startsLine
            let parts = endsLine && !token.isQuoted ? parts(of: token) : []
            if parts.isEmpty {
                result.append(token)
            } else {
                let shown = Word(token).quoted
                diagnostics.error(at: Word(token), "a brace is a word of its own, but \(shown) has no blank before it")
                result += parts
            }
        }
        return result
    }

    /// Empty when the token is no such case.
    private static func parts(of token: Token) -> [Token] {
        let text = token.text
        if text == "{}" { return [part(of: token, "{", at: 0), part(of: token, "}", at: 1)] }
        if text.count > 1, token.startsLine, text.allSatisfy({ $0 == "}" }) {
            return (0..<text.count).map { offset in
                var brace = part(of: token, "}", at: offset)
                brace.startsLine = true
                return brace
            }
        }
        guard text.hasSuffix("{"), text.count > 1 else { return [] }
        let word = String(text.dropLast())
        return [part(of: token, word, at: 0), part(of: token, "{", at: word.unicodeScalars.count)]
    }

    private static func part(of token: Token, _ text: String, at offset: Int) -> Token {
        var part = token
        part.text = text
        part.position = token.position.advanced(by: offset)
        part.length = text.unicodeScalars.count
        part.startsLine = token.startsLine && offset == 0
        part.touchesQuote = token.touchesQuote && offset == 0
        return part
    }
}
