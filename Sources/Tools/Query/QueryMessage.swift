import DNSMessage

extension QueryOptions {
    /// The query on the wire. The cookie is the client's part, 8 bytes (RFC 7873 §4).
    func message(for name: Name, cookie: [UInt8]) -> [UInt8] {
        var message = Message(
            id: UInt16.random(in: 0 ... .max), flags: flags, questions: [Message.Question(name, type, class: `class`)])
        if let edns {
            var options: [UInt8] = []
            if edns.asksForIdentity { options += Self.option(.nsid, []) }
            if edns.hasCookie { options += Self.option(.cookie, cookie) }
            let flags: UInt32 = edns.isDNSSECOK ? 0x8000 : 0
            message.additional.append(
                Record(.root, ttl: flags, class: RecordClass(rawValue: edns.udpSize), .other(.opt, options)))
        }
        return message.encoded()
    }

    private static func option(_ code: EDNSOptionCode, _ data: [UInt8]) -> [UInt8] {
        [code.rawValue, UInt16(data.count)].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } + data
    }
}

/// The OPT record of an answer (RFC 6891 §6.1).
struct ReceivedEDNS: Equatable {
    /// An option as it came.
    struct Option: Equatable {
        let code: EDNSOptionCode
        let data: [UInt8]
    }

    let version: UInt8
    let isDNSSECOK: Bool
    /// Flags that have no meaning yet.
    let otherFlags: UInt16
    let udpSize: UInt16
    let options: [Option]
    /// Bytes behind the last option that is whole.
    let isCutShort: Bool

    /// Nil for a message without one.
    init?(_ message: Message) {
        guard let record = message.additional.first(where: { $0.type == .opt }) else { return nil }
        version = UInt8(truncatingIfNeeded: record.ttl >> 16)
        isDNSSECOK = record.ttl & 0x8000 != 0
        otherFlags = UInt16(truncatingIfNeeded: record.ttl & 0x7FFF)
        udpSize = record.class.rawValue
        var rest: ArraySlice<UInt8> = []
        if case .other(_, let bytes) = record.data { rest = bytes[...] }
        var found: [Option] = []
        while rest.count >= 4 {
            let head = Array(rest.prefix(4))
            let length = Int(head[2]) << 8 | Int(head[3])
            guard rest.count >= 4 + length else { break }
            let code = EDNSOptionCode(rawValue: UInt16(head[0]) << 8 | UInt16(head[1]))
            found.append(Option(code: code, data: Array(rest.dropFirst(4).prefix(length))))
            rest = rest.dropFirst(4 + length)
        }
        options = found
        isCutShort = !rest.isEmpty
    }
}
