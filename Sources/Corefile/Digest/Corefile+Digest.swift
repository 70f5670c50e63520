extension Corefile {
    /// What tells one configuration from another, in hexadecimal: SHA-512 of the parsed words. Comments, white space
    /// and the files that words come from do not count.
    public var digest: String {
        var text = ""
        for block in blocks {
            text += "block \(block.keys.count)\n"
            for key in block.keys { text.append(word: key.word) }
            for directive in block.directives { text.append(directive) }
        }
        return SHA512.hex(Array(text.utf8))
    }
}

extension String {
    /// With its length in front, so that no two lists of words read alike.
    fileprivate mutating func append(word: Word) { self += "\(word.text.utf8.count) \(word.text)\n" }

    fileprivate mutating func append(_ directive: Directive) {
        self += "line \(directive.arguments.count) \(directive.block.map { "\($0.count)" } ?? "-")\n"
        append(word: directive.name)
        for argument in directive.arguments { append(word: argument) }
        for line in directive.block ?? [] { append(line) }
    }
}
