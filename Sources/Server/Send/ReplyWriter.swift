import DNSMessage
import PluginKit

/// Closes a reply: header, size, OPT record.
enum ReplyWriter {
    static func finish(_ query: inout Query) -> UnsafeRawBufferPointer {
        var limit = query.clientSize
        if query.transport == .udp { limit = min(limit, query.udpSize) }
        var edns: ReplyEDNS?
        if query.response.hasEDNS {
            edns = ReplyEDNS(
                udpSize: UInt16(truncatingIfNeeded: query.udpSize), dnssecOK: query.response.dnssecOK,
                options: query.response.options)
            // Options are help; the question and the OPT record itself always fit 512 bytes.
            let room = limit - query.response.writer.recordsStart
            if (edns?.length ?? 0) > room { edns?.options = UnsafeRawBufferPointer(start: nil, count: 0) }
        }
        var flags = query.response.flags
        flags.isResponse = true
        query.response.writer.finish(
            id: query.request.id, flags: flags, responseCode: query.response.responseCode, edns: edns, limit: limit)
        return query.response.writer.bytes
    }
}

/// Replies to what is no proper query: the request's header turned round, as CoreDNS answers it.
enum EarlyReply {
    /// Bits of the request that come back.
    private static let keptBits =
        HeaderFlags.truncatedBit | HeaderFlags.recursionDesiredBit | HeaderFlags.recursionAvailableBit
        | HeaderFlags.authenticDataBit | HeaderFlags.checkingDisabledBit

    /// The same for a message that ends behind its header, which is answered as a query is.
    private static let ordinaryBits = HeaderFlags.recursionDesiredBit | HeaderFlags.checkingDisabledBit

    static func write(
        _ code: ResponseCode, keepsQuestion: Bool, to query: inout Query
    ) -> UnsafeRawBufferPointer {
        if keepsQuestion { query.response.writer.begin(query.question) } else { query.response.writer.begin() }
        let kept = code == .servFail ? ordinaryBits : keptBits
        var flags = HeaderFlags(rawValue: query.request.flags.rawValue & kept | HeaderFlags.responseBit)
        flags.opcode = code == .notImp ? query.request.flags.opcode : .query
        query.response.writer.finish(
            id: query.request.id, flags: flags, responseCode: code, edns: nil, limit: Query.plainUDPSize)
        return query.response.writer.bytes
    }
}
