import DNSMessage
public import Harness

/// The reader must survive every packet, and what it accepts must come back from our writer as it was.
private func fuzzMessage(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = UnsafeRawBufferPointer(start: start, count: count)
    var scratch = NameScratch()
    readNames(bytes, &scratch)
    walk(bytes, &scratch)
    if var message = try? Message(decoding: bytes) {
        // The writer knows one question.
        message.questions = Array(message.questions.prefix(1))
        checkRewriting(message)
        checkCutting(message, limit: max(512, Int(message.id)))
        checkCopying(bytes, message, &scratch)
    }
    return 0
}

/// Looking closely at every name of a packet would leave time for few packets.
private let namesCheckedMax = 16

/// Reads a name at every offset, also where none is meant to be.
private func readNames(_ bytes: UnsafeRawBufferPointer, _ scratch: inout NameScratch) {
    var checked = 0
    for offset in 0...min(bytes.count, 600) {
        let skipped = MessageReader.endOfName(bytes, at: offset)
        guard let (view, end) = scratch.read(bytes, at: offset) else { continue }
        precondition(skipped == end, "skipping a name and reading it end alike")
        precondition(
            view.length <= Name.maximumLength && view.labelCount <= Name.maximumLabelCount, "a name has limits")
        precondition(view.start(ofLabel: view.labelCount) == view.length - 1, "the root comes last")
        guard checked < namesCheckedMax else { continue }
        checked += 1
        let name = Name(view)
        precondition(name.labels.count == view.labelCount, "the view counts labels right")
        for (index, label) in name.labels.enumerated() {
            precondition(view.label(index).elementsEqual(label.map(foldedByte)), "a label is folded right")
        }
        let again = try? Name(name.description)
        precondition(again?.wire == name.wire, "the text of a name reads back")
        precondition(Name(scratch.read(name)).wire == name.wire, "a name of our own reads back")
    }
}

private func walk(_ bytes: UnsafeRawBufferPointer, _ scratch: inout NameScratch) {
    guard var reader = MessageReader(bytes) else { return }
    for _ in 0..<reader.header.questionCount {
        guard reader.readQuestion(&scratch) != nil else { return }
    }
    while let record = reader.readRecord() {
        precondition(
            record.data.upperBound == reader.offset && reader.offset <= bytes.count, "a record ends in the message")
        _ = Record(record, scratch: &scratch)
        guard let edns = RequestEDNS(record) else { continue }
        for code in [UInt16(3), 8, 10, 12, 15] {
            let option = edns.option(EDNSOptionCode(rawValue: code))
            precondition(option?.count ?? 0 <= edns.options.count, "an option lies in its record")
        }
    }
}

private func checkRewriting(_ message: Message) {
    let encoded = message.encoded()
    let again = decode(encoded)
    if again.answer.count == message.answer.count, again.authority.count == message.authority.count,
        again.additional.count == message.additional.count
    {
        precondition(again == message && spelling(again) == spelling(message), "a message reads back as written")
        precondition(again.encoded() == encoded, "writing what was written changes nothing")
    } else {
        // Old types get longer when names that may not be compressed are spelled out.
        precondition(encoded.count > 60_000, "only what is too long is cut")
    }
}

private func checkCutting(_ message: Message, limit: Int) {
    let encoded = message.encoded(limit: limit)
    precondition(encoded.count <= limit, "a message keeps to its limit")
    let cut = decode(encoded)
    let kept = cut.answer + cut.authority + cut.additional
    let all = message.answer + message.authority + message.additional
    precondition(kept == Array(all.prefix(kept.count)), "a cut message is the beginning of the whole")
    let lost = cut.answer.count < message.answer.count || cut.authority.count < message.authority.count
    precondition(cut.flags.isTruncated == (lost || message.flags.isTruncated), "TC tells what was cut")
}

/// Copies every record by its view, as forwarding and caching do.
private func checkCopying(_ bytes: UnsafeRawBufferPointer, _ message: Message, _ scratch: inout NameScratch) {
    guard var reader = MessageReader(bytes) else { return }
    for _ in 0..<reader.header.questionCount { _ = reader.readQuestion(&scratch) }
    var writer = MessageWriter()
    var asked = NameScratch()
    writer.begin(QuestionView(name: asked.read("Another.Question.example"), type: .a, class: .internet))
    let all = message.answer + message.authority + message.additional
    for _ in all {
        guard let record = reader.readRecord() else { preconditionFailure("decoding read this record") }
        let added = writer.add(record, scratch: &scratch)
        precondition(added || writer.cutSection != nil, "what decodes can be copied")
    }
    writer.finish(id: 0, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: MessageWriter.maximumLength)
    let copy = decode(Array(writer.bytes)).answer
    precondition(copy == Array(all.prefix(copy.count)), "a copied record says the same")
    precondition(copy.count == all.count || writer.count > 60_000, "only what is too long is cut")
}

private func decode(_ bytes: [UInt8]) -> Message {
    guard let message = try? bytes.withUnsafeBytes({ try Message(decoding: $0) }) else {
        preconditionFailure("we read what we wrote")
    }
    return message
}

private func spelling(_ message: Message) -> [[UInt8]] {
    message.questions.map(\.name.wire) + (message.answer + message.authority + message.additional).map(\.name.wire)
}

/// What libFuzzer is started from; Harness tells why.
@_cdecl("FuzzMessage_main")
public func fuzzMain(_ count: CInt, _ arguments: Arguments) -> CInt { runFuzzer(count, arguments, fuzzMessage) }
