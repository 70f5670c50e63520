extension Parser {
    /// Takes an `import` line and parses what it names with `parse`, as if it stood here.
    mutating func expandImport(
        _ cursor: inout TokenCursor, parse: (inout Parser, inout TokenCursor) -> Void
    ) {
        guard let name = importName(&cursor) else { return }
        for (origin, tokens) in resolve(name) {
            guard mayExpand(origin, name) else { return }
            let position = name.position.imported(from: [])
            imports.append(ImportFrame(origin: origin, position: position))
            var imported = TokenCursor(tokens)
            parse(&self, &imported)
            imports.removeLast()
        }
    }

    /// The single argument of an import line; nil if there is none or more than one.
    private mutating func importName(_ cursor: inout TokenCursor) -> Word? {
        guard let keyword = cursor.next() else { return nil }
        var arguments: [Token] = []
        while let token = cursor.peekOnLine() {
            cursor.next()
            arguments.append(token)
            if token.isOpeningBrace, !cursor.takeBlock().isClosed { reportUnclosed(token, cursor) }
        }
        guard let first = arguments.first, !first.isOpeningBrace else {
            diagnostics.error(
                at: source(keyword), "Wrong argument count or unexpected line ending after 'import'",
                hint: "import takes the name of a snippet, a file, or a pattern such as conf.d/*.conf")
            return nil
        }
        if arguments.count > 1 {
            diagnostics.error(
                at: source(arguments[1]), "Import takes only one argument (glob pattern or file)",
                hint: "write one import line for each")
        }
        let name = word(first)
        if name.text.isEmpty { diagnostics.error(at: name, "the name to import is empty") }
        return name.text.isEmpty ? nil : name
    }

    private mutating func mayExpand(_ origin: ImportFrame.Origin, _ name: Word) -> Bool {
        importCount += 1
        let limit = "maximum snippet import depth (\(Limits.importsMax)) exceeded"
        if imports.contains(where: { $0.origin == origin }) {
            diagnostics.error(at: name, "\(name.quoted) imports itself: \(limit)")
        } else if importCount > Limits.importsMax {
            diagnostics.error(at: name, limit)
        } else if imports.count >= Limits.importDepthMax {
            diagnostics.error(at: name, "imports are nested deeper than \(Limits.importDepthMax)")
        } else if wordCount > Limits.wordsMax {
            diagnostics.error(at: name, "the configuration has more than \(Limits.wordsMax) words")
        } else {
            return true
        }
        return false
    }

    // MARK: Snippets

    mutating func defineSnippet(_ head: BlockHead, _ cursor: inout TokenCursor) {
        let name = head.words.first ?? source(head.tokens[0])  // a head that begins with "(" has a token
        guard let opener = head.opener else {
            return diagnostics.error(at: name, "Expected '{' after the snippet name \(name.quoted)")
        }
        let body = takeSnippet(&cursor, opener)
        let text = String(name.text.dropFirst().dropLast())
        guard head.words.count == 1, name.text.hasSuffix(")"), !text.isEmpty else {
            return diagnostics.error(at: name, "a snippet has one name in parentheses, such as '(common)'")
        }
        if let earlier = snippets[text] {
            diagnostics.error(
                at: name, "redeclaration of previously declared snippet \(text.printable())",
                hint: "it is declared at \(earlier.name.position)")
        } else {
            snippets[text] = Snippet(name: name, body: body)
        }
    }

    /// The lines up to the brace that closes a snippet; if there is none, up to what can only be the next block.
    private mutating func takeSnippet(_ cursor: inout TokenCursor, _ opener: Token) -> [Token] {
        var whole = cursor
        let (body, isClosed) = whole.takeBlock()
        if isClosed {
            cursor = whole
            return body
        }
        unclosedSnippetCount += 1
        if unclosedSnippetCount > Limits.unclosedSnippetsMax {
            cursor = whole
            reportUnclosed(opener, cursor)
            return body
        }
        var lines: [Token] = []
        while nextHead(cursor, indentedAtMost: opener.indent) == nil, let token = cursor.next() { lines.append(token) }
        reportUnclosed(opener, cursor)
        return lines
    }

    // MARK: Files

    /// What an import names: a snippet that was defined before, else a file, else the files that match a pattern.
    private mutating func resolve(_ name: Word) -> [(ImportFrame.Origin, [Token])] {
        if let snippet = snippets[name.text] { return [(.snippet(name.text), snippet.body)] }
        let directory = DiskFiles.directory(of: name.position.file)
        guard name.text.contains(where: { "*?[".contains($0) }) else {
            let path = DiskFiles.join(directory, name.text)
            return readFile(path, name).map { [(.file(path), $0)] } ?? []
        }
        let wildcards = name.text.filter { "*?".contains($0) }
        guard !name.text.contains("["), wildcards.count == Set(wildcards).count else {
            diagnostics.error(
                at: name, "Glob pattern may only contain one '*' and one '?', and no '[': \(name.text.printable())")
            return []
        }
        let paths = files.paths(in: directory, matching: name.text)
        if paths.isEmpty {
            diagnostics.warning(at: name, "No files matching import glob pattern: \(name.text.printable())")
        }
        return paths.prefix(Limits.importsMax).compactMap { path in
            readFile(path, name).map { (.file(path), $0) }
        }
    }

    private mutating func readFile(_ path: String, _ name: Word) -> [Token]? {
        if let tokens = readFiles[path] { return tokens }
        let content: [UInt8]
        do {
            content = try files.read(path)
        } catch {
            report(error, path, name)
            return nil
        }
        let tokens = tokens(of: String(decoding: content, as: UTF8.self), file: path)
        readFiles[path] = tokens
        return tokens
    }

    private mutating func report(_ error: FileError, _ path: String, _ name: Word) {
        switch error {
        case .notFound:
            diagnostics.error(
                at: name, "File to import not found: \(name.text.printable())", hint: snippetHint(name.text))
        case .tooLarge:
            diagnostics.error(at: name, "\(path.printable()) is larger than \(Limits.fileMaxBytes >> 20) MiB")
        case .unreadable(let reason):
            diagnostics.error(at: name, "Could not import \(path.printable()): \(reason)")
        }
    }

    private func snippetHint(_ name: String) -> String? {
        if let head = snippetHeads[name] { return "the snippet at \(head) is not defined before this line" }
        return Suggestion.closest(to: name, among: snippetHeads.keys).map { "did you mean the snippet '\($0)'?" }
    }
}
