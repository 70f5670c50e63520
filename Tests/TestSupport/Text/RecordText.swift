public import DNSMessage

/// Records as text, one a line, in the words of RFC 1035: `web.example. 5 IN A 10.0.0.1`. The types that a cluster's
/// answers are made of; others come out as RFC 3597 writes unknown ones.
public enum RecordText {
    /// A record as tests show it.
    public static func text(_ record: Record) -> String {
        "\(record.name) \(record.ttl) \(record.class) \(record.type) \(text(record.data))"
    }

    private static func text(_ data: RecordData) -> String {
        switch data {
        case .a(let address), .aaaa(let address): "\(address)"
        case .cname(let name), .ns(let name), .ptr(let name), .dname(let name): "\(name)"
        case .soa(let soa):
            "\(soa.primaryServer) \(soa.responsibleMailbox) \(soa.serial) \(soa.refresh) \(soa.retry) "
                + "\(soa.expire) \(soa.minimum)"
        case .mx(let preference, let exchange): "\(preference) \(exchange)"
        case .srv(let priority, let weight, let port, let target): "\(priority) \(weight) \(port) \(target)"
        case .txt(let strings): strings.map(quoted).joined(separator: " ")
        case .hinfo(let cpu, let os): "\(quoted(cpu)) \(quoted(os))"
        case .other(_, let bytes): "\\# \(bytes.count) \(bytes.hex)"
        }
    }

    private static func quoted(_ bytes: [UInt8]) -> String { "\"" + String(decoding: bytes, as: UTF8.self) + "\"" }

    /// Reads `NAME [TTL] [CLASS] TYPE DATA…`; traps on what it does not understand.
    public static func record(_ text: String) -> Record {
        record(text.split(separator: " ").map(String.init))
    }

    /// The same of words already apart.
    public static func record(_ words: [String]) -> Record {
        var rest = words[...]
        let name = Name(stringLiteral: rest.removeFirst())
        var ttl: UInt32 = 5
        if let number = rest.first.flatMap({ UInt32($0) }) {
            ttl = number
            rest.removeFirst()
        }
        var recordClass = RecordClass.internet
        if let found = rest.first.flatMap({ RecordClass($0) }) {
            recordClass = found
            rest.removeFirst()
        }
        guard let type = rest.popFirst().flatMap({ RecordType($0) }) else {
            preconditionFailure("no type in '\(words.joined(separator: " "))'")
        }
        return Record(name, ttl: ttl, class: recordClass, data(type, Array(rest)))
    }

    private static func data(_ type: RecordType, _ words: [String]) -> RecordData {
        switch type {
        case .a: .a(address(words[0]))
        case .aaaa: .aaaa(address(words[0]))
        case .cname: .cname(Name(stringLiteral: words[0]))
        case .ns: .ns(Name(stringLiteral: words[0]))
        case .ptr: .ptr(Name(stringLiteral: words[0]))
        case .dname: .dname(Name(stringLiteral: words[0]))
        case .soa: .soa(startOfAuthority(words))
        case .mx: .mx(preference: number(words[0]), exchange: Name(stringLiteral: words[1]))
        case .srv:
            .srv(
                priority: number(words[0]), weight: number(words[1]), port: number(words[2]),
                target: Name(stringLiteral: words[3]))
        case .txt: .txt(words.map { Array($0.filter { $0 != "\"" }.utf8) })
        default: .other(type, words.isEmpty ? [] : HexBytes(words.joined()).bytes)
        }
    }

    private static func startOfAuthority(_ words: [String]) -> StartOfAuthority {
        let numbers = words[2...].map { number($0) as UInt32 }
        return StartOfAuthority(
            primaryServer: Name(stringLiteral: words[0]), responsibleMailbox: Name(stringLiteral: words[1]),
            serial: numbers[0], refresh: numbers[1], retry: numbers[2], expire: numbers[3], minimum: numbers[4])
    }

    private static func address(_ word: String) -> IPAddress {
        guard let address = IPAddress(word) else { preconditionFailure("'\(word)' is no address") }
        return address
    }

    private static func number<Value: FixedWidthInteger>(_ word: String) -> Value {
        guard let value = Value(word) else { preconditionFailure("'\(word)' is no number") }
        return value
    }
}
