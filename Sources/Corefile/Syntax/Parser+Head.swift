extension Parser {
    /// Reads the zones up to the opening brace. A comma at the end of a line continues on the next.
    mutating func parseHead(_ cursor: inout TokenCursor) -> BlockHead {
        var head = BlockHead()
        var comma: Word?
        while let token = cursor.peek() {
            if token.isOpeningBrace {
                if comma != nil { reportExtraComma(before: source(token)) }
                cursor.next()
                head.opener = token
                return head
            }
            let continues = head.tokens.isEmpty || !token.startsLine || comma != nil
            if !continues || token.isClosingBrace { break }
            cursor.next()
            reportTouchedQuote(token)
            head.tokens.append(token)
            comma = appendZones(of: token, after: comma, to: &head)
        }
        if let comma {
            diagnostics.error(at: comma, "Expected another address after ',' but the file ends - check for extra comma")
        }
        return head
    }

    /// Splits a word at its commas; returns the word if it ends in one, which then waits for another zone.
    private mutating func appendZones(of token: Token, after comma: Word?, to head: inout BlockHead) -> Word? {
        let word = word(token)
        guard !word.text.isEmpty else {
            diagnostics.error(at: word, "a zone is empty")
            return nil
        }
        guard !token.isQuoted, word.text.contains(",") else {
            head.words.append(word)
            return nil
        }
        var offset = 0
        let pieces = word.text.split(separator: ",", omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() {
            if !piece.isEmpty {
                head.words.append(word.part(String(piece), offset: offset))
            } else if index == 0 ? comma != nil || head.words.isEmpty : index < pieces.count - 1 {
                reportExtraComma(before: word.part(",", offset: offset))
            }
            offset += piece.unicodeScalars.count + 1
        }
        return pieces.last == "" ? word : nil
    }

    private mutating func reportExtraComma(before word: Word) {
        diagnostics.error(at: word, "Expected another address but had \(word.quoted) - check for extra comma")
    }

    /// `"example.org":53` reads as two zones, and the second is the root.
    private mutating func reportTouchedQuote(_ token: Token) {
        guard token.touchesQuote, !token.text.hasPrefix(",") else { return }
        diagnostics.warning(
            at: source(token), "\(source(token).quoted) is a zone of its own, because a closing quote ends a word",
            hint: "zones need no quotes")
    }
}
