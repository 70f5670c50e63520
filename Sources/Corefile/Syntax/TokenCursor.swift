/// A walk over the words of one file or snippet.
struct TokenCursor {
    private let tokens: [Token]
    private var index = 0

    init(_ tokens: [Token]) {
        self.tokens = tokens
    }

    /// The next word, not taken yet.
    func peek() -> Token? { index < tokens.count ? tokens[index] : nil }

    /// The word taken last.
    var previous: Token? { index > 0 ? tokens[index - 1] : nil }

    /// Takes the next word.
    @discardableResult
    mutating func next() -> Token? {
        guard index < tokens.count else { return nil }
        index += 1
        return tokens[index - 1]
    }

    /// The next word if it is on the line of the one before it and closes no block.
    func peekOnLine() -> Token? {
        guard let token = peek(), !token.startsLine, !token.isClosingBrace else { return nil }
        return token
    }

    /// The last word of the line that begins at the next word.
    func lastOfLine() -> Token? {
        guard index < tokens.count else { return nil }
        let end = tokens[(index + 1)...].firstIndex { $0.startsLine } ?? tokens.count
        return tokens[end - 1]
    }

    /// Takes everything up to the brace that closes an opening brace already taken, and that brace too.
    mutating func takeBlock() -> (body: [Token], isClosed: Bool) {
        let start = index
        var depth = 1
        while let token = next() {
            if token.isOpeningBrace { depth += 1 }
            if token.isClosingBrace { depth -= 1 }
            if depth == 0 { return (Array(tokens[start..<(index - 1)]), true) }
        }
        return (Array(tokens[start...]), false)
    }
}
