public import DNSMessage

extension Record {
    /// The record on one line: owner, TTL, class, type and data between tabs, no line end. Data that does not fit its
    /// type, or for which libldns has no text that reads back, is in the form for unknown types (RFC 3597 §5).
    public var presentation: String {
        [name.description, "\(ttl)", "\(`class`)", "\(type)", data.presentation].joined(separator: "\t")
    }

    /// Reads a record in presentation format: owner, TTL and class in either order or absent, type, data.
    /// Relative names are completed with `origin`; `ttl` stands in for an absent one.
    public init(
        presentation text: some StringProtocol, origin: Name = .root, ttl: UInt32? = nil
    ) throws(ZoneFileError) {
        var parser = ZoneParser(Array(text.utf8), origin: origin, ttl: ttl)
        guard let record = try parser.next() else { throw ZoneFileError(line: 1, .noRecord) }
        guard try parser.next() == nil else { throw ZoneFileError(line: parser.line, .moreThanOneRecord) }
        self = record
    }
}

extension RecordData {
    /// The data as a zone file has it, names in it with their final dot.
    public var presentation: String {
        switch self {
        case .a(let address), .aaaa(let address): "\(address)"
        case .cname(let name), .ns(let name), .ptr(let name), .dname(let name): "\(name)"
        case .soa(let soa):
            "\(soa.primaryServer) \(soa.responsibleMailbox) \(soa.serial) \(soa.refresh) \(soa.retry) \(soa.expire) "
                + "\(soa.minimum)"
        case .mx(let preference, let exchange): "\(preference) \(exchange)"
        case .srv(let priority, let weight, let port, let target): "\(priority) \(weight) \(port) \(target)"
        case .txt(let strings): strings.isEmpty ? UnknownData.text([]) : strings.map(quoted).joined(separator: " ")
        case .hinfo(let cpu, let os): "\(quoted(cpu)) \(quoted(os))"
        case .other(let type, let bytes):
            // Where a type has a case above, these are data that do not fit it.
            (Self.typesWithCases.contains(type) ? nil : ldnsPresentation) ?? UnknownData.text(bytes)
        }
    }

    private static let typesWithCases: Set<RecordType> = [
        .a, .aaaa, .cname, .ns, .ptr, .dname, .soa, .mx, .srv, .txt, .hinfo,
    ]

    /// A character-string between quotes (RFC 1035 §5.1).
    private func quoted(_ bytes: [UInt8]) -> String {
        let characters = bytes.map { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(Unicode.Scalar(byte))
            case 0x20...0x7E: String(Unicode.Scalar(byte))
            default: "\\\(byte / 100)\(byte / 10 % 10)\(byte % 10)"
            }
        }
        return "\"" + characters.joined() + "\""
    }

    /// Nil where libldns has no text for the data, or one that says something else when it is read, or one with bytes
    /// that a terminal would obey (SPF).
    private var ldnsPresentation: String? {
        var writer = MessageWriter()
        writer.begin()
        writer.add(Record(.root, ttl: 0, self))
        guard let text = try? RecordHandle(message: writer.bytes, at: Header.length).dataText,
            text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }),
            let again = try? Record(presentation: ". 0 TYPE\(type.rawValue) \(text)"), again.data == self
        else { return nil }
        return text
    }
}
