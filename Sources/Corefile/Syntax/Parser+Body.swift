extension Parser {
    /// What the lines of a body are.
    enum Level {
        case serverBlock
        case options
    }

    /// What ends a body.
    enum BodyEnd {
        /// The brace that matches this one.
        case brace(Token)
        /// The end of the file: a server block without braces.
        case end
        /// The end of the file or the next unmatched brace: what is left of a block that was closed too early.
        case endOrBrace
        /// The end of an imported file or snippet, which must be balanced in itself.
        case endOfImport
    }

    /// Reads lines until the body ends.
    mutating func parseBody(_ cursor: inout TokenCursor, _ level: Level, until end: BodyEnd) -> [Directive] {
        var lines: [Directive] = []
        while let token = cursor.peek() {
            if isUnwinding {
                // An import cannot end the block that it stands in; what follows is the import's own mistake.
                guard case .endOfImport = end else { return lines }
                isUnwinding = false
            }
            if token.isClosingBrace {
                let isAlone = token.startsLine || cursor.previous?.isOpeningBrace == true
                cursor.next()
                if closes(token, isAlone: isAlone, level, end) { return lines }
            } else if token.isOpeningBrace {
                parseLateBlock(&cursor, &lines)
            } else if token.isImport {
                expandImport(&cursor) { parser, imported in
                    lines += parser.parseBody(&imported, level, until: .endOfImport)
                }
            } else if let head = unwindingHead(cursor, end) {
                reportServerBlock(head, end)
                isUnwinding = true
            } else if let line = parseLine(&cursor, level) {
                lines.append(line)
            }
        }
        if case .brace(let opener) = end { reportUnclosed(opener, cursor) }
        return lines
    }

    /// Whether a closing brace ends this body. If it cannot, it is reported and passed over.
    private mutating func closes(_ brace: Token, isAlone: Bool, _ level: Level, _ end: BodyEnd) -> Bool {
        switch end {
        case .brace(let opener):
            if !isAlone { reportNotAlone(brace, level) }
            if suspect == nil, brace.startsLine, brace.indent != opener.indent { suspect = (opener, brace) }
            return true
        case .endOrBrace:
            return true
        case .end, .endOfImport:
            reportStray(brace)
            return false
        }
    }

    private mutating func reportNotAlone(_ brace: Token, _ level: Level) {
        let place = source(brace)
        let hint = "'{' ends its line, and '}' stands on a line of its own"
        switch level {
        case .serverBlock:
            diagnostics.error(at: place, "Unexpected '}' because no matching opening brace", hint: hint)
        case .options: diagnostics.error(at: place, "Unexpected '}' behind other words", hint: hint)
        }
    }

    /// One line, with its block if it opens one; nil if its name was reported as unknown.
    private mutating func parseLine(_ cursor: inout TokenCursor, _ level: Level) -> Directive? {
        let isBehindBrace = cursor.previous?.isClosingBrace == true
        guard let first = cursor.next() else { return nil }
        if isBehindBrace, !first.startsLine {
            diagnostics.error(at: source(first), "Unexpected \(source(first).quoted) behind '}' on the same line")
        }
        var line = Directive(name: word(first))
        while let token = cursor.peekOnLine() {
            cursor.next()
            if token.isOpeningBrace {
                line.block = parseBlock(&cursor, opener: token)
                break
            }
            line.arguments.append(word(token))
        }
        return level == .options || isKnown(line.name) ? line : nil
    }

    private mutating func parseBlock(_ cursor: inout TokenCursor, opener: Token) -> [Directive] {
        guard blockDepth < Limits.blockDepthMax else {
            diagnostics.error(at: source(opener), "blocks are nested deeper than \(Limits.blockDepthMax)")
            if !cursor.takeBlock().isClosed { reportUnclosed(opener, cursor) }
            return []
        }
        blockDepth += 1
        defer { blockDepth -= 1 }
        return parseBody(&cursor, .options, until: .brace(opener))
    }

    /// A brace that begins a line opens the block of the line before it, although it should have ended that line.
    private mutating func parseLateBlock(_ cursor: inout TokenCursor, _ lines: inout [Directive]) {
        guard let opener = cursor.next() else { return }
        let block = parseBlock(&cursor, opener: opener)
        guard let owner = lines.last else {
            return diagnostics.error(at: source(opener), "Unexpected '{' because no directive is before it")
        }
        guard owner.block == nil else {
            return diagnostics.error(
                at: source(opener), "Unexpected '{' because \(owner.name.quoted) has its block already")
        }
        diagnostics.error(at: source(opener), "'{' must be on the same line as \(owner.name.quoted)")
        lines[lines.count - 1].block = block
    }

    private mutating func isKnown(_ name: Word) -> Bool {
        guard let directives, !directives.known.contains(name.text) else { return true }
        if directives.notBuilt.contains(name.text) {
            diagnostics.error(at: name, "directive \(name.quoted) of CoreDNS is not built into clusterdns")
        } else if Self.looksLikeHead(name.text) {
            diagnostics.error(
                at: name, "Unknown directive \(name.quoted)",
                hint: "server blocks and snippets stand outside of server blocks")
        } else if let closest = Suggestion.closest(to: name.text, among: directives.known) {
            diagnostics.error(at: name, "Unknown directive \(name.quoted)", hint: "did you mean '\(closest)'?")
        } else {
            diagnostics.error(at: name, "Unknown directive \(name.quoted)")
        }
        return false
    }
}

// MARK: A closing brace that is missing

extension Parser {
    /// The next word, if its line must be the head of another server block although this one is not closed.
    private func unwindingHead(_ cursor: TokenCursor, _ end: BodyEnd) -> Token? {
        switch end {
        case .brace(let opener): nextHead(cursor, indentedAtMost: opener.indent)
        case .end, .endOrBrace: nextHead(cursor, indentedAtMost: .max)
        case .endOfImport: nil
        }
    }

    /// The next word, if its line ends in a brace, looks like a zone or snippet, and is not indented deeper.
    func nextHead(_ cursor: TokenCursor, indentedAtMost indent: Int) -> Token? {
        guard let token = cursor.peek(), token.startsLine, !token.isQuoted, token.indent <= indent,
            Self.looksLikeHead(token.text), cursor.lastOfLine()?.isOpeningBrace == true,
            directives?.known.contains(token.text) != true
        else { return nil }
        return token
    }

    private static func looksLikeHead(_ text: String) -> Bool {
        text.hasPrefix("(") && text.hasSuffix(")") || text.contains { ".:/".contains($0) }
    }

    private mutating func reportServerBlock(_ head: Token, _ end: BodyEnd) {
        var hint: String?
        if case .brace(let opener) = end {
            hint = hintAtSuspect() ?? "the '{' at \(opener.position) is not closed before this line"
        }
        diagnostics.error(at: source(head), "Unknown directive \(source(head).quoted)", hint: hint)
    }

    mutating func reportUnclosed(_ opener: Token, _ cursor: TokenCursor) {
        let last = cursor.previous ?? opener
        let what = cursor.peek() == nil ? "end of file" : "new block"
        diagnostics.error(
            at: source(last), "Unexpected \(what) after \(source(last).quoted), expecting '}'",
            hint: hintAtSuspect() ?? "the '{' at \(opener.position) is never closed")
    }
}
