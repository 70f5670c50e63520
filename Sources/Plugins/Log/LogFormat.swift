import YAML

/// A format, taken apart once: text and fields in turn.
struct LogFormat: Sendable {
    /// What stands between braces.
    enum Field: String, Sendable, CaseIterable {
        case type, `class`, name, proto, remote, port, local, size, rcode, rsize, duration
        case id = ">id"
        case opcode = ">opcode"
        case dnssecOK = ">do"
        case bufferSize = ">bufsize"
        case responseFlags = ">rflags"
    }

    /// A part of a line.
    enum Part: Sendable {
        case text(String)
        case field(Field)
        /// A label of metadata, without the slash.
        case metadata(String)
        /// The name, and metadata, as JSON wants texts.
        case quotedName
        case quotedMetadata(String)
    }

    private static let common = """
        {remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" \
        {rcode} {>rflags} {rsize} {duration}
        """
    private static let combined = common + " \"{>opcode}\""

    /// What a line without format gets.
    static let standard = LogFormat(common)

    let parts: [Part]
    /// Whether the line begins with its level.
    let hasLevel: Bool

    /// An object with every field and some metadata.
    static func json(_ labels: [String]) -> LogFormat {
        var parts: [Part] = []
        func add(_ key: String, _ value: Part, quoted isText: Bool) {
            let quote = isText ? "\"" : ""
            let end = parts.isEmpty ? "{" : parts.lastQuote + ","
            if !parts.isEmpty { parts.removeLast() }
            parts += [.text("\(end)\"\(JSONOutput.escaped(key))\":\(quote)"), value, .text(quote)]
        }
        for (key, field, isText) in jsonFields {
            add(key, field == .name ? .quotedName : .field(field), quoted: isText)
        }
        for label in labels { add(label, .quotedMetadata(label), quoted: true) }
        let end = parts.lastQuote + "}"
        return LogFormat(parts: parts.dropLast() + [.text(end)])
    }

    private static let jsonFields: [(key: String, field: Field, isText: Bool)] = [
        ("remote", .remote, true), ("port", .port, false), ("local", .local, true), ("proto", .proto, true),
        ("id", .id, false), ("opcode", .opcode, false), ("type", .type, true), ("class", .class, true),
        ("name", .name, true), ("size", .size, false), ("do", .dnssecOK, false), ("bufsize", .bufferSize, false),
        ("rcode", .rcode, true), ("rflags", .responseFlags, true), ("rsize", .rsize, false),
        ("duration", .duration, true),
    ]

    private init(parts: [Part]) {
        self.parts = parts
        hasLevel = false
    }

    /// Takes a format apart; every text is one.
    init(_ format: String) {
        let text = format.replacing("{common}", with: Self.common).replacing("{combined}", with: Self.combined)
        var parts: [Part] = []
        var rest = text[...]
        var plain = ""
        while let open = rest.firstIndex(of: "{") {
            plain += rest[..<open]
            rest = rest[open...]
            guard let (part, length) = Self.field(rest) else {
                plain.append(rest.removeFirst())
                continue
            }
            if !plain.isEmpty { parts.append(.text(plain)) }
            plain = ""
            parts.append(part)
            rest = rest.dropFirst(length)
        }
        plain += rest
        if !plain.isEmpty { parts.append(.text(plain)) }
        self.parts = parts
        hasLevel = true
    }

    /// The field that begins here, and its length in characters, braces included.
    private static func field(_ text: Substring) -> (Part, length: Int)? {
        guard let close = text.firstIndex(of: "}") else { return nil }
        let name = text[..<close].dropFirst()
        if let field = Field(rawValue: String(name)) { return (.field(field), name.count + 2) }
        guard name.hasPrefix("/"), name.count > 1, !name.contains("{") else { return nil }
        return (.metadata(String(name.dropFirst())), name.count + 2)
    }
}

extension [LogFormat.Part] {
    /// The quote, or nothing, that ends the last value.
    fileprivate var lastQuote: String {
        if case .text(let text) = last { return text }
        return ""
    }
}
