import DNSMessage
public import Harness

@testable import DNSResolver
@testable import Upstream

/// What an upstream sends must not do harm on its way to the client: matched with the query, its spelling restored, its
/// records copied, kept as `cache` keeps them, and written again under another spelling of the question; or judged as
/// the resolver library does.
private func fuzzReply(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count <= MessageWriter.maximumLength else { return 0 }
    let query = [UInt8](asked(spelled))
    query.withUnsafeBytes { query in
        guard let base = query.baseAddress, let section = QuestionSection(query) else {
            preconditionFailure("a query of our own has a question")
        }
        var reply = Array(UnsafeBufferPointer(start: start, count: count))
        // The id is right as often as it can be: else hardly an input would get further.
        if reply.count >= 2 { reply.replaceSubrange(0..<2, with: query.prefix(2)) }
        reply.withUnsafeMutableBytes { reply in
            let length = reply.count
            _ = section.reply(reply, query: base) { message in
                precondition(message.count <= length + query.count, "a reply does not grow")
                keepAndWrite(message)
                judge(message)
            }
        }
    }
    return 0
}

private func judge(_ message: UnsafeRawBufferPointer) {
    guard let name = try? Name(spelled) else { preconditionFailure("a name of our own is one") }
    for type in [RecordType.a, .any] {
        let question = Message.Question(name, type)
        guard case .settled(let outcome, let ttl) = ReplyJudgement(message, to: question, hadEDNS: true) else {
            continue
        }
        precondition(ttl <= 2_147_483_647, "no TTL is longer than RFC 2181 has it")
        guard case .records(let records, let owner, _) = outcome else { continue }
        precondition(!records.isEmpty && records.allSatisfy { $0.name == owner }, "records are of one name")
    }
}

private let spelled = "wWw.eXample.oRg"
private let otherwise = "WwW.ExAMPLE.OrG"

private func asked(_ name: String) -> ArraySlice<UInt8> {
    guard let name = try? Name(name) else { preconditionFailure("a name of our own is one") }
    var scratch = NameScratch()
    var writer = MessageWriter()
    writer.begin(QuestionView(name: scratch.read(name), type: .a, class: .internet))
    writer.finish(id: 0x4567, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: 512)
    return Array(writer.bytes)[...]
}

private func keepAndWrite(_ message: UnsafeRawBufferPointer) {
    guard var reader = MessageReader(message) else { return }
    var scratch = NameScratch()
    guard let question = reader.readQuestion(&scratch) else { return }
    var asking = NameScratch()
    var first = MessageWriter()
    first.begin(QuestionView(name: asking.read(Name(question.name)), type: .a, class: .internet))
    while let record = reader.readRecord(), record.isWellFormed(scratch: &scratch), first.cutSection == nil {
        first.add(record, scratch: &scratch)
    }
    guard first.cutSection == nil, let name = try? Name(otherwise), first.asks(asking.read(name)) else { return }
    var second = MessageWriter()
    second.begin(QuestionView(name: asking.read(name), type: .a, class: .internet))
    first.recordStarts.withMemoryRebound(to: UInt16.self) { starts in
        guard let starts = starts.baseAddress else { return }
        second.adopt(first.body, first.bodyLayout, starts: starts, ttl: 7)
    }
    let (one, other) = (records(&first), records(&second))
    precondition(one.count == other.count, "everything that was kept is written")
    for (one, other) in zip(one, other) {
        precondition(
            one.name == other.name && one.type == other.type && isSame(one.data, other.data), "it says the same")
        precondition(other.ttl == 7, "it has the TTL that it is given")
    }
}

/// Names inside of data that is read as bytes are spelled as the question is.
private func isSame(_ one: RecordData, _ other: RecordData) -> Bool {
    guard case .other(_, let bytes) = one, case .other(_, let others) = other else { return one == other }
    return bytes.count == others.count && zip(bytes, others).allSatisfy { foldedByte($0) == foldedByte($1) }
}

private func records(_ writer: inout MessageWriter) -> [Record] {
    writer.finish(
        id: 1, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: MessageWriter.maximumLength)
    guard let message = try? Message(decoding: writer.bytes) else { preconditionFailure("what we write can be read") }
    return message.answer + message.authority + message.additional
}

/// What libFuzzer is started from; Harness tells why.
@_cdecl("FuzzReply_main")
public func fuzzMain(_ count: CInt, _ arguments: Arguments) -> CInt { runFuzzer(count, arguments, fuzzReply) }
