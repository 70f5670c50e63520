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
    }

    private static let common = """
        {remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} \
        {duration}
        """
    private static let combined = common + " \"{>opcode}\""

    /// What a line without format gets.
    static let standard = LogFormat(common)

    let parts: [Part]

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
