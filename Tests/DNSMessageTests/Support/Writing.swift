import DNSMessage

/// A finished message with a question about `name`, and what `fill` puts in.
func written(
    about name: Name? = nil, type: RecordType = .a, edns: ReplyEDNS? = nil, code: ResponseCode = .noError,
    limit: Int = MessageWriter.maximumLength, _ fill: (inout MessageWriter) throws -> Void
) rethrows -> [UInt8] {
    var writer = MessageWriter()
    var scratch = NameScratch()
    if let name {
        writer.begin(QuestionView(name: scratch.read(name), type: type, class: .internet))
    } else {
        writer.begin()
    }
    try fill(&writer)
    writer.finish(id: 7, flags: HeaderFlags(rawValue: 0x8400), responseCode: code, edns: edns, limit: limit)
    return Array(writer.bytes)
}

extension MessageWriter {
    /// A name in wire form of our own.
    mutating func add(_ owner: Name, _ type: RecordType, target: Name) {
        owner.wire.withUnsafeBytes { owner in
            target.wire.withUnsafeBytes { target in
                guard let owner = owner.baseAddress, let target = target.baseAddress else { return }
                addName(.wire(owner), type, .wire(target), ttl: 5)
            }
        }
    }
}

extension [UInt8] {
    /// Everything behind header and question.
    func records(about name: Name) -> [UInt8] { Array(dropFirst(Header.length + name.wire.count + 4)) }
}
