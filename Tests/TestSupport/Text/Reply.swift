public import DNSMessage

/// A reply as received, decoded, and as text for tables.
public struct Reply: Sendable {
    /// The bytes on the wire, without the two of a stream's length.
    public let bytes: [UInt8]
    /// The same decoded.
    public let message: Message
    /// The address that the reply came from.
    public let source: SocketAddress

    /// Decodes; throws where the server sent no message.
    public init(_ bytes: [UInt8], from source: SocketAddress) throws {
        self.bytes = bytes
        self.source = source
        message = try bytes.withUnsafeBytes { bytes throws(MessageError) in try Message(decoding: bytes) }
    }

    /// The response code, the bits of an OPT record included.
    public var code: ResponseCode { message.responseCode }

    /// The header's flags in its order: `qr,aa,rd`.
    public var flags: String { message.flags.description }

    /// `NOERROR qr,aa,rd`: with `id` and the counts, all that a header has.
    public var header: String {
        let opcode = message.flags.opcode == .query ? "" : " \(message.flags.opcode)"
        return "\(code) \(flags)\(opcode)"
    }

    /// The questions: `web.example. IN A`.
    public var questions: [String] { message.questions.map { "\($0.name) \($0.class) \($0.type)" } }
    /// The records of the answer section as text.
    public var answer: [String] { message.answer.map(RecordText.text) }
    /// The records of the authority section as text.
    public var authority: [String] { message.authority.map(RecordText.text) }
    /// The records of the additional section as text, OPT left out.
    public var additional: [String] { message.additional.filter { $0.type != .opt }.map(RecordText.text) }

    /// `size=1232 do version=0 flags=0x0000 ede=20:"text" nsid="text" option=10:hex`: what the OPT record says, as far
    /// as it says anything; nil without one.
    public var edns: String? {
        guard let record = message.additional.first(where: { $0.type == .opt }) else { return nil }
        var words = ["size=\(record.class.rawValue)"]
        if record.ttl & 0x8000 != 0 { words.append("do") }
        if record.ttl >> 16 & 0xFF != 0 { words.append("version=\(record.ttl >> 16 & 0xFF)") }
        if record.ttl & 0x7FFF != 0 { words.append("flags=\(record.ttl & 0xFFFF)") }
        guard case .other(_, let options) = record.data else { return words.joined(separator: " ") }
        return (words + Reply.options(options)).joined(separator: " ")
    }

    private static func options(_ bytes: [UInt8]) -> [String] {
        var words: [String] = []
        var rest = bytes[...]
        while rest.count >= 4 {
            let numbers = rest.prefix(4).map(Int.init)
            let (code, length) = (numbers[0] << 8 | numbers[1], numbers[2] << 8 | numbers[3])
            let data = Array(rest.dropFirst(4).prefix(length))
            rest = rest.dropFirst(4 + length)
            switch code {
            case 3: words.append("nsid=\"\(String(decoding: data, as: UTF8.self))\"")
            case 15 where data.count >= 2:
                let info = Int(data[0]) << 8 | Int(data[1])
                words.append("ede=\(info):\"\(String(decoding: data.dropFirst(2), as: UTF8.self))\"")
            default: words.append("option=\(code):\(data.hex)")
            }
        }
        return words
    }

    /// Everything but the identifier, a line for each thing: header, `question:`, `answer:`, `authority:`,
    /// `additional:`, `edns:`.
    public var text: String {
        var lines = [header]
        lines += questions.map { "question: \($0)" }
        lines += answer.map { "answer: \($0)" }
        lines += authority.map { "authority: \($0)" }
        lines += additional.map { "additional: \($0)" }
        if let edns { lines.append("edns: \(edns)") }
        return lines.joined(separator: "\n")
    }
}

extension Reply: CustomStringConvertible {
    /// The same as `text`.
    public var description: String { text }
}
