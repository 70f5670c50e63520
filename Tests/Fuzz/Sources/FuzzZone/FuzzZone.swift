import DNSMessage
public import Harness
import Ldns
import Zone

/// The reader of zone files must survive every text, and whatever zone it makes must answer every question with a whole
/// message.
private func fuzzZone(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = Array(UnsafeBufferPointer(start: start, count: min(count, textMax)))
    let apex: Name = "example.org"
    guard let records = try? ZoneFile.records(in: text, origin: apex, ttl: 3600),
        let zone = try? Zone(apex, records)
    else { return 0 }
    precondition(zone.recordCount <= records.count, "records come from the text")
    for record in records.prefix(askedMax) {
        for name in [record.name, try? Name("a.b").appending(record.name)].compactMap(\.self) {
            for type in [record.type, .a, .soa, .ns, .cname] { ask(zone, name, type) }
        }
    }
    return 0
}

/// Longer texts leave time for few.
private let textMax = 16 << 10
private let askedMax = 32

private func ask(_ zone: Zone, _ name: Name, _ type: RecordType) {
    guard name.isSubdomain(of: zone.apex) else { return }
    var scratch = NameScratch()
    let question = QuestionView(name: scratch.read(name), type: type, class: .internet)
    var writer = MessageWriter()
    writer.begin(question)
    let alias = UnsafeMutableRawPointer.allocate(byteCount: Name.maximumLength, alignment: 8)
    defer { alias.deallocate() }
    var lookup = ZoneLookup(zone.view, question, dnssecOK: type == .soa)
    _ = lookup.answer(&writer, alias: alias)
    writer.finish(
        id: 1, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: MessageWriter.maximumLength)
    guard let message = try? Message(decoding: writer.bytes) else { preconditionFailure("an answer can be read") }
    precondition(message.questions.first?.type == type, "an answer repeats its question")
}

/// What libFuzzer is started from; Harness tells why.
@_cdecl("FuzzZone_main")
public func fuzzMain(_ count: CInt, _ arguments: Arguments) -> CInt { runFuzzer(count, arguments, fuzzZone) }
