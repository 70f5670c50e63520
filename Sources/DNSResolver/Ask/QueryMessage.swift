import DNSMessage

/// A query as servers get it; the client that sends it puts the id in.
enum QueryMessage {
    static func bytes(_ question: Message.Question, usesEDNS: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Header.length + question.name.wire.count + 4 + 11)
        // RD, one question, perhaps one additional record.
        bytes += [0, 0, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, usesEDNS ? 1 : 0]
        bytes += question.name.wire
        append(question.type.rawValue, to: &bytes)
        append(question.class.rawValue, to: &bytes)
        guard usesEDNS else { return bytes }
        bytes.append(0)
        append(RecordType.opt.rawValue, to: &bytes)
        append(Limits.udpSize, to: &bytes)
        bytes += [0, 0, 0, 0, 0, 0]
        return bytes
    }

    private static func append(_ number: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(number >> 8))
        bytes.append(UInt8(number & 255))
    }
}
