/// Turns words into server blocks. It never stops at a mistake: it reports, repairs as a reader would, and goes on.
struct Parser {
    let environment: Environment
    let files: any FileSource
    let directives: DirectiveNames?
    var diagnostics = Diagnostics()
    private(set) var blocks: [ServerBlock] = []

    var snippets: [String: Snippet] = [:]
    /// The imports being expanded at the moment, outermost first.
    var imports: [ImportFrame] = []
    var importCount = 0
    var wordCount = 0
    /// Words of the files read so far, by path.
    var readFiles: [String: [Token]] = [:]
    var blockDepth = 0
    var unclosedSnippetCount = 0
    /// A line that must be the head of the next server block was met inside a block: all open blocks end here.
    var isUnwinding = false
    /// A closing brace that is indented unlike the line it closes: a hint to where braces went wrong.
    var suspect: (opener: Token, brace: Token)?
    /// All lines that begin with a name in parentheses, wherever they are in the files read so far.
    var snippetHeads: [String: SourcePosition] = [:]

    init(environment: Environment, files: any FileSource, directives: DirectiveNames?) {
        self.environment = environment
        self.files = files
        self.directives = directives
    }

    /// Parses the main file.
    mutating func parse(text: String, file: String) {
        var cursor = TokenCursor(tokens(of: text, file: file))
        parseTopLevel(&cursor)
    }

    mutating func tokens(of text: String, file: String) -> [Token] {
        diagnostics.keepSource(text, file: file)
        let words = Lexer.tokens(of: text, file: file, &diagnostics)
        let tokens = GluedBraces.cut(words, &diagnostics)
        for head in tokens where head.startsLine && head.text.hasPrefix("(") && head.text.hasSuffix(")") {
            snippetHeads[String(head.text.dropFirst().dropLast())] = head.position
        }
        return tokens
    }

    /// Ends early when there are more mistakes than anyone will read.
    mutating func parseTopLevel(_ cursor: inout TokenCursor) {
        while let token = cursor.peek(), diagnostics.droppedCount == 0 {
            if token.isClosingBrace {
                cursor.next()
                reportStray(token)
            } else if token.isImport {
                expandImport(&cursor) { parser, imported in parser.parseTopLevel(&imported) }
            } else {
                parseServerBlock(&cursor)
            }
            isUnwinding = false
        }
    }

    /// A head and its body; the body is in braces, or is the rest of the file.
    private mutating func parseServerBlock(_ cursor: inout TokenCursor) {
        let head = parseHead(&cursor)
        if let name = head.tokens.first, name.text.hasPrefix("("), !name.isQuoted {
            return defineSnippet(head, &cursor)
        }
        if isDirective(head, cursor) {
            reportDirectiveOutside(head, &cursor)
        } else if let opener = head.opener {
            if head.tokens.isEmpty {
                diagnostics.error(at: source(opener), "a server block needs a zone before '{', such as '.'")
            }
            keep(head, parseBody(&cursor, .serverBlock, until: .brace(opener)))
        } else {
            warnAboutDirective(head)
            keep(head, parseBody(&cursor, .serverBlock, until: .end))
        }
    }

    private mutating func keep(_ head: BlockHead, _ directives: [Directive]) {
        let keys = head.words.compactMap { ServerKey(parsing: $0, &diagnostics) }
        if !keys.isEmpty { blocks.append(ServerBlock(keys: keys, directives: directives)) }
    }

    /// Whether this head is really the line of a directive, left over from a block that was closed too early.
    private func isDirective(_ head: BlockHead, _ cursor: TokenCursor) -> Bool {
        guard let first = head.words.first, let directives, directives.known.contains(first.text) else { return false }
        guard head.opener != nil else { return !blocks.isEmpty || cursor.peek() == nil }
        // A zone may be called like a directive; its block then has directives in it, and not options.
        guard let inside = cursor.peek(), !inside.isClosingBrace, !inside.isImport else { return false }
        return !directives.known.contains(inside.text)
    }

    /// The first line of a file without braces should be its zones.
    private mutating func warnAboutDirective(_ head: BlockHead) {
        guard let first = head.words.first, directives?.known.contains(first.text) == true else { return }
        diagnostics.warning(
            at: first, "\(first.quoted) is the name of a directive, but is taken as a zone here",
            hint: "a server block begins with its zones, as in '. {'")
    }

    /// Reports the line, and checks what follows as the rest of the block that it came from.
    private mutating func reportDirectiveOutside(_ head: BlockHead, _ cursor: inout TokenCursor) {
        let first = head.words[0]  // isDirective looked at it
        diagnostics.error(
            at: first, "directive \(first.quoted) stands outside of a server block",
            hint: hintAtSuspect() ?? "a server block begins with its zones, as in '. {'")
        if let opener = head.opener, !cursor.takeBlock().isClosed { reportUnclosed(opener, cursor) }
        guard let next = cursor.peek(), directives?.known.contains(next.text) == true else { return }
        _ = parseBody(&cursor, .serverBlock, until: .endOrBrace)
    }

    mutating func reportStray(_ brace: Token) {
        diagnostics.error(at: source(brace), "Unexpected '}' because no matching opening brace", hint: hintAtSuspect())
    }

    /// Says so, once, if braces do not match their indentation.
    mutating func hintAtSuspect() -> String? {
        guard let (opener, brace) = suspect else { return nil }
        suspect = nil
        return "perhaps the '}' at \(brace.position) is wrong: it closes the '{' at \(opener.position)"
    }

    /// The word with its environment references expanded.
    mutating func word(_ token: Token) -> Word {
        wordCount += 1
        let (text, unset) = environment.expand(token.text)
        var word = source(token)
        word.text = text
        word.unsetVariables = unset
        return word
    }

    /// The word as it stands in the source, for messages about the syntax.
    func source(_ token: Token) -> Word {
        var word = Word(token)
        word.position = token.position.imported(from: imports.map(\.position))
        return word
    }
}
