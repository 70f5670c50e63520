import DNSMessage

/// A request as tests write it: `web.default.svc.cluster.local. A +do bufsize=4096 id=7`.
///
/// Name, then type and class (A and IN unless given), then in any order
/// - header: `id=7`, `opcode=NOTIFY`, `+cd +ad +aa +tc +ra +z`, `+nord` (RD is set as dig sets it), `+qr`
/// - EDNS, each of which adds an OPT record: `+edns`, `bufsize=4096`, `+do`, `version=1`, `flags=0xC001`,
///   `option=10:0102030405060708`, `padding=900` (bytes of zeros in option 12)
public struct QueryText: ExpressibleByStringLiteral, CustomStringConvertible, Sendable {
    /// As written.
    public let description: String
    /// The request on the wire.
    public let bytes: [UInt8]

    /// Traps on a word that it does not know: a test that asks wrongly is no test.
    public init(_ text: String) {
        description = text
        var parts = QueryParts()
        for (index, word) in text.split(separator: " ").enumerated() { parts.read(String(word), at: index) }
        bytes = parts.bytes
    }

    /// A request in source code.
    public init(stringLiteral text: String) { self.init(text) }

    /// The identifier that the reply must repeat.
    public var id: UInt16 { UInt16(bytes[0]) << 8 | UInt16(bytes[1]) }

    /// The bytes behind the two of their length, as a stream wants them.
    public var framed: [UInt8] { bytes.framed }
}

extension [UInt8] {
    /// The bytes behind the two of their length, as a stream wants them (RFC 1035 §4.2.2).
    public var framed: [UInt8] { [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count)] + self }
}

/// What the words of a query say so far.
private struct QueryParts {
    private var name = Name.root
    private var type = RecordType.a
    private var `class` = RecordClass.internet
    private var id: UInt16 = 4711
    private var flags = HeaderFlags(rawValue: HeaderFlags.recursionDesiredBit)
    private var edns: (size: UInt16, version: UInt8, flags: UInt16, options: [UInt8])?

    private static let headerBits: [String: UInt16] = [
        "+qr": HeaderFlags.responseBit, "+aa": HeaderFlags.authoritativeBit, "+tc": HeaderFlags.truncatedBit,
        "+ra": HeaderFlags.recursionAvailableBit, "+z": HeaderFlags.zeroBit, "+ad": HeaderFlags.authenticDataBit,
        "+cd": HeaderFlags.checkingDisabledBit,
    ]

    mutating func read(_ word: String, at index: Int) {
        if index == 0 {
            name = Name(stringLiteral: word)
        } else if let bit = Self.headerBits[word] {
            flags[bit] = true
        } else if let equals = word.firstIndex(of: "=") {
            set(String(word[..<equals]), String(word[word.index(after: equals)...]))
        } else if !word.hasPrefix("+") {
            // ANY is a type and a class: the first one is the type.
            if index == 1, let type = RecordType(word) {
                self.type = type
            } else {
                `class` = Self.known(RecordClass(word), word)
            }
        } else {
            toggle(word)
        }
    }

    private mutating func toggle(_ word: String) {
        switch word {
        case "+nord": flags.recursionDesired = false
        case "+edns": addEDNS()
        case "+do":
            addEDNS()
            edns?.flags |= 0x8000
        default: preconditionFailure("'\(word)' is no word of a query")
        }
    }

    private mutating func set(_ key: String, _ value: String) {
        switch key {
        case "id": id = Self.known(UInt16(value), value)
        case "opcode":
            flags.opcode = Self.known((0..<16).map { Opcode(rawValue: $0) }.first { "\($0)" == value }, value)
        default:
            addEDNS()
            setEDNS(key, value)
        }
    }

    private mutating func setEDNS(_ key: String, _ value: String) {
        switch key {
        case "bufsize": edns?.size = Self.known(UInt16(value), value)
        case "version": edns?.version = Self.known(UInt8(value), value)
        case "flags": edns?.flags = Self.known(UInt16(value.dropFirst(2), radix: 16), value)
        case "padding": addOption(12, [UInt8](repeating: 0, count: Self.known(Int(value), value)))
        case "option":
            let parts = value.split(separator: ":", omittingEmptySubsequences: false)
            addOption(Self.known(UInt16(parts[0]), value), HexBytes(String(parts[1])).bytes)
        default: preconditionFailure("'\(key)=\(value)' is no word of a query")
        }
    }

    private mutating func addEDNS() { edns = edns ?? (1232, 0, 0, []) }

    private mutating func addOption(_ code: UInt16, _ data: [UInt8]) {
        edns?.options += code.bigEndianBytes + UInt16(data.count).bigEndianBytes + data
    }

    private static func known<Value>(_ value: Value?, _ word: String) -> Value {
        guard let value else { preconditionFailure("'\(word)' in a query is nothing known") }
        return value
    }

    var bytes: [UInt8] {
        var bytes = id.bigEndianBytes + flags.rawValue.bigEndianBytes
        for count: UInt16 in [1, 0, 0, edns == nil ? 0 : 1] { bytes += count.bigEndianBytes }
        bytes += name.wire + type.rawValue.bigEndianBytes + `class`.rawValue.bigEndianBytes
        guard let edns else { return bytes }
        bytes += [0] + RecordType.opt.rawValue.bigEndianBytes + edns.size.bigEndianBytes + [0, edns.version]
        return bytes + edns.flags.bigEndianBytes + UInt16(edns.options.count).bigEndianBytes + edns.options
    }
}

extension UInt16 {
    /// In network order.
    var bigEndianBytes: [UInt8] { [UInt8(self >> 8), UInt8(truncatingIfNeeded: self)] }
}
