import DNSMessage
import PluginKit
import TestSupport

/// The reply of a chain without sockets, and what became of the query on the way.
struct TestReply {
    let reply: Reply
    let outcome: ChainOutcome
    /// Whether nothing is sent at all.
    let isDropped: Bool
    /// The request's flags as the last plugin left them.
    let request: HeaderFlags
    /// What the request told of the client's UDP size when the last plugin saw it.
    let toldSize: UInt16?

    /// Finishes the reply as the server does.
    init(finishing query: inout Query, _ outcome: ChainOutcome) throws {
        self.outcome = outcome
        isDropped = query.isDropped
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
        reply = try Reply(Array(query.response.writer.bytes), from: query.server)
    }

    var message: Message { reply.message }
    var answer: [String] { reply.answer }
    var authority: [String] { reply.authority }
    var additional: [String] { reply.additional }
    var edns: String? { reply.edns }
    var responseCode: String { reply.code.description }
    /// Without QR, which every reply has.
    var flags: String { reply.flags.split(separator: ",").dropFirst().joined(separator: ",") }
}
