import DNSMessage
import PluginKit

/// A reply read back from its bytes, its records as text.
struct TestReply {
    let message: Message
    let bytes: [UInt8]
    let outcome: ChainOutcome
    let request: HeaderFlags
    /// What the request told of the client's UDP size when the last plugin saw it.
    let toldSize: UInt16?

    init(finishing query: inout Query, _ outcome: ChainOutcome) throws {
        self.outcome = outcome
        request = query.request.flags
        toldSize = query.request.edns?.udpSize
        var edns: ReplyEDNS?
        if query.response.hasEDNS {
            edns = ReplyEDNS(
                udpSize: UInt16(query.udpSize), dnssecOK: query.response.dnssecOK, options: query.response.options)
        }
        var flags = query.response.flags
        flags.isResponse = true
        let limit = query.transport == .udp ? min(query.clientSize, query.udpSize) : query.clientSize
        query.response.writer.finish(
            id: query.request.id, flags: flags, responseCode: query.response.responseCode, edns: edns, limit: limit)
        bytes = Array(query.response.writer.bytes)
        message = try bytes.withUnsafeBytes(decode)
    }

    var responseCode: String { message.responseCode.description }
    /// Without QR, which every reply has.
    var flags: String { message.flags.description.split(separator: ",").dropFirst().joined(separator: ",") }
    var answer: [String] { message.answer.map(\.text) }
    var authority: [String] { message.authority.map(\.text) }
    var additional: [String] { message.additional.filter { $0.type != .opt }.map(\.text) }
    var opt: Record? { message.additional.first { $0.type == .opt } }

    /// The data of an EDNS option, by its code.
    var options: [UInt16: [UInt8]] {
        guard case .other(_, let bytes)? = opt?.data else { return [:] }
        var found: [UInt16: [UInt8]] = [:]
        var rest = bytes[...]
        while rest.count >= 4 {
            let head = rest.prefix(4).map(UInt16.init)
            rest = rest.dropFirst(4)
            found[head[0] << 8 | head[1]] = Array(rest.prefix(Int(head[2] << 8 | head[3])))
            rest = rest.dropFirst(Int(head[2] << 8 | head[3]))
        }
        return found
    }
}

// A named function: a closure that only throws is more than the compiler takes.
private func decode(_ bytes: UnsafeRawBufferPointer) throws -> Message { try Message(decoding: bytes) }
