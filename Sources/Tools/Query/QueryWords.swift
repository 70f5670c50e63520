import DNSMessage

/// Reads the words of `query` in any order, as `dig` has them.
struct QueryWords {
    private static let triesMax = 20
    private static let secondsMax = 300
    /// Words behind which another one stands.
    private static let dashed: Set<Character> = ["p", "q", "t", "c", "x"]

    private var options = QueryOptions()
    private var name: String?
    private var type: RecordType?

    /// What the words say, in which `--json` may stand.
    static func read(_ words: [String]) throws(QueryMistake) -> QueryOptions {
        var reader = QueryWords()
        var rest = words[...]
        while let word = rest.popFirst() { try reader.read(word, &rest) }
        return try reader.finished()
    }

    private mutating func read(_ word: String, _ rest: inout ArraySlice<String>) throws(QueryMistake) {
        if word == "--json" {
            options.isJSON = true
        } else if word.hasPrefix("@") {
            try setServer(String(word.dropFirst()))
        } else if word.hasPrefix("+") {
            try readSwitch(String(word.dropFirst()))
        } else if word.hasPrefix("-"), word.count > 1 {
            try readDashed(word, &rest)
        } else if let type = Self.type(word) {
            self.type = type
        } else if let value = RecordClass(word), value != .any, value != .none {
            options.class = value
        } else {
            try setName(word)
        }
    }

    /// A word that is a type is one, wherever it stands; `-q` takes it for a name.
    private static func type(_ word: String) -> RecordType? { RecordType(word) }

    private mutating func readDashed(_ word: String, _ rest: inout ArraySlice<String>) throws(QueryMistake) {
        switch word {
        case "-4": return options.family = .v4
        case "-6": return options.family = .v6
        default: break
        }
        let letter = word[word.index(after: word.startIndex)]
        guard Self.dashed.contains(letter), !word.hasPrefix("--") else {
            throw QueryMistake("there is no option '\(word)'")
        }
        let attached = String(word.dropFirst(2))
        guard let value = attached.isEmpty ? rest.popFirst() : attached else {
            throw QueryMistake("'\(word)' needs a word behind it")
        }
        switch letter {
        case "p":
            guard let port = UInt16(value), port > 0 else { throw QueryMistake("'\(value)' is no port") }
            options.port = port
        case "q": try setName(value)
        case "t":
            guard let type = RecordType(value) else { throw QueryMistake("'\(value)' is no type of records") }
            self.type = type
        case "c":
            guard let value = RecordClass(value) else { throw QueryMistake("'\(value)' is no class of records") }
            options.class = value
        default: try setAddress(value)
        }
    }

    private mutating func setServer(_ text: String) throws(QueryMistake) {
        guard !text.isEmpty else { throw QueryMistake("behind '@' stands a server, such as @10.96.0.10") }
        options.server = text
    }

    private mutating func setName(_ text: String) throws(QueryMistake) {
        if let name { throw QueryMistake("one name at a time: '\(name)' and '\(text)'") }
        name = text
        do throws(NameError) {
            options.name = try Name(text)
        } catch {
            throw QueryMistake("'\(text)' is no domain name: \(error)")
        }
        options.nameText = text
    }

    private mutating func setAddress(_ text: String) throws(QueryMistake) {
        guard let address = IPAddress(text)?.unmapped else { throw QueryMistake("'\(text)' is no address") }
        try setName("\(ReverseName.name(of: address))")
        type = type ?? .ptr
    }

    private func finished() throws(QueryMistake) -> QueryOptions {
        var options = options
        // Without anything, `dig` asks for the servers of the root.
        options.type = type ?? (name == nil ? .ns : .a)
        if options.type == .axfr || options.type == .ixfr {
            throw QueryMistake("zone transfers (\(options.type)) are not built")
        }
        if options.type == .opt { throw QueryMistake("OPT is no type to ask for (RFC 6891 §6.1.1)") }
        return options
    }
}

// MARK: - Words with a plus

extension QueryWords {
    /// Those that are on or off, by all their names.
    private static let toggles: [String: @Sendable (inout QueryOptions, Bool) -> Void] = [
        "short": { $0.isShort = $1 },
        "json": { $0.isJSON = $1 },
        "tcp": { $0.chosenTransport = $1 ? .tcp : .udpFirst },
        "vc": { $0.chosenTransport = $1 ? .tcp : .udpFirst },
        "ignore": { $0.chosenTransport = $1 ? .udpOnly : .udpFirst },
        "recurse": { $0.flags.recursionDesired = $1 },
        "rdflag": { $0.flags.recursionDesired = $1 },
        "ad": { $0.flags.authenticData = $1 },
        "adflag": { $0.flags.authenticData = $1 },
        "cdflag": { $0.flags.checkingDisabled = $1 },
        "cd": { $0.flags.checkingDisabled = $1 },
        "aaflag": { $0.flags.isAuthoritative = $1 },
        "dnssec": { $0.changeEDNS($1) { $0.isDNSSECOK = $1 } },
        "do": { $0.changeEDNS($1) { $0.isDNSSECOK = $1 } },
        "nsid": { $0.changeEDNS($1) { $0.asksForIdentity = $1 } },
        "cookie": { $0.changeEDNS($1) { $0.hasCookie = $1 } },
        "edns": { $0.edns = $1 ? $0.edns ?? QueryOptions.EDNS() : nil },
        "search": { $0.searches = $1 },
        "cmd": { $0.show(.command, $1) },
        "comments": { $0.show(.comments, $1) },
        "question": { $0.show(.question, $1) },
        "answer": { $0.show(.answer, $1) },
        "authority": { $0.show(.authority, $1) },
        "additional": { $0.show(.additional, $1) },
        "stats": { $0.show(.statistics, $1) },
        "all": { $0.parts = $1 ? Set(QueryOptions.Part.allCases) : [] },
    ]
    private static let valued = ["bufsize", "time", "timeout", "tries", "retry"]

    private mutating func readSwitch(_ text: String) throws(QueryMistake) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let word = parts.first.map { $0.lowercased() } ?? ""
        if parts.count > 1 { return try setNumber(word, String(parts[1])) }
        if let toggle = try Self.toggle(word) { return toggle(&options, true) }
        if word.hasPrefix("no"), let toggle = try Self.toggle(String(word.dropFirst(2))) {
            return toggle(&options, false)
        }
        if Self.valued.contains(word) { throw QueryMistake("'+\(word)' needs a number: +\(word)=NUMBER") }
        throw QueryMistake("there is no option '+\(text)'")
    }

    /// By its name or by the beginning of only one of them, as `dig` has it.
    private static func toggle(
        _ word: String
    ) throws(QueryMistake) -> (@Sendable (inout QueryOptions, Bool) -> Void)? {
        if let exact = toggles[word] { return exact }
        let candidates = toggles.keys.filter { $0.hasPrefix(word) }.sorted()
        guard word.count > 1, let first = candidates.first else { return nil }
        guard candidates.count == 1 else {
            let list = candidates.map { "+\($0)" }.joined(separator: ", ")
            throw QueryMistake("'+\(word)' may be \(list)")
        }
        return toggles[first]
    }

    private mutating func setNumber(_ word: String, _ text: String) throws(QueryMistake) {
        guard Self.valued.contains(word) else { throw QueryMistake("there is no option '+\(word)=\(text)'") }
        guard let number = Int(text), number >= 0 else { throw QueryMistake("'+\(word)=\(text)': no number") }
        switch word {
        case "bufsize":
            guard let size = UInt16(exactly: number) else {
                throw QueryMistake("+bufsize is at most 65535, not \(number)")
            }
            options.changeEDNS(true) { edns, _ in edns.udpSize = size }
        case "time", "timeout": options.seconds = min(max(number, 1), Self.secondsMax)
        case "tries": options.tries = min(max(number, 1), Self.triesMax)
        default: options.tries = min(number + 1, Self.triesMax)
        }
    }
}

extension QueryOptions {
    /// What needs an OPT record turns it on; what does not, leaves it as it is.
    fileprivate mutating func changeEDNS(_ isOn: Bool, _ change: (inout EDNS, Bool) -> Void) {
        if edns == nil, !isOn { return }
        var changed = edns ?? EDNS()
        change(&changed, isOn)
        edns = changed
    }

    fileprivate mutating func show(_ part: Part, _ isShown: Bool) {
        if isShown { parts.insert(part) } else { parts.remove(part) }
    }
}
