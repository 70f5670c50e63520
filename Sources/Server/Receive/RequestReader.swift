import DNSMessage
import PluginKit

/// What a packet turned out to be.
enum Receipt {
    /// A query; the slot holds it.
    case query
    /// A request that gets a bare code: without the question, or with it where it was read before the fault.
    case reject(ResponseCode, keepsQuestion: Bool)
    /// Nothing that may be answered: too short for a header, or a response.
    case ignore
}

/// The first look at a request: every byte that the server relies on is checked here and nowhere else.
enum RequestReader {
    /// More records than this in a query make it no query (miekg/dns has the same bounds, and clients know them).
    private static let answersMax = 1
    private static let authorityMax = 1
    private static let additionalMax = 2

    static func read(_ bytes: UnsafeRawBufferPointer, _ stage: inout Stage) -> Receipt {
        guard var reader = MessageReader(bytes), !reader.header.flags.isResponse else { return .ignore }
        let header = reader.header
        stage.query.request.bytes = bytes
        stage.query.request.id = header.id
        stage.query.request.flags = header.flags
        stage.query.request.edns = nil
        stage.query.depth = 0
        guard header.flags.opcode == .query else { return .reject(.notImp, keepsQuestion: false) }
        guard header.questionCount == 1, header.answerCount <= answersMax, header.authorityCount <= authorityMax,
            header.additionalCount <= additionalMax
        else { return .reject(.formErr, keepsQuestion: false) }
        guard bytes.count > Header.length else { return .reject(.servFail, keepsQuestion: false) }
        guard let question = reader.readQuestion(&stage.name) else { return .reject(.formErr, keepsQuestion: false) }
        stage.query.question = question
        let records = Int(header.answerCount) + Int(header.authorityCount) + Int(header.additionalCount)
        guard records == 0 || readRecords(records, &reader, &stage.query.request) else {
            return .reject(.formErr, keepsQuestion: true)
        }
        return .query
    }

    /// Only the OPT record means something to the server; the last one counts, bytes behind the last record nothing.
    private static func readRecords(_ count: Int, _ reader: inout MessageReader, _ request: inout Request) -> Bool {
        for _ in 0..<count {
            guard let record = reader.readRecord() else { return false }
            guard record.type == .opt else { continue }
            guard let edns = RequestEDNS(record) else { return false }
            request.edns = edns
        }
        return true
    }
}
