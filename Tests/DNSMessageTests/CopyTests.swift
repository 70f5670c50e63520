import DNSMessage
import Testing

@Suite struct CopyTests {
    /// Copies the answer of a message into one with another question, so that no offset stays.
    private static func copied(_ message: [UInt8], about name: Name, limit: Int = 65_535) throws -> Message {
        let bytes = message.withUnsafeBytes { message in
            written(about: name, limit: limit) { writer in
                var scratch = NameScratch()
                guard var reader = MessageReader(message) else { return }
                for _ in 0..<reader.header.questionCount { _ = reader.readQuestion(&scratch) }
                while let record = reader.readRecord() { writer.add(record, scratch: &scratch) }
            }
        }
        return try Message(bytes)
    }

    @Test(
        "a copied record says the same, whatever its names pointed to",
        arguments: [
            RecordData.ns("ns.Target.example"), .cname("Target.example"), .ptr("a.b.c.Target.example"),
            .dname("x.example"),
            .mx(preference: 1, exchange: "mx.Target.example"),
            .srv(priority: 1, weight: 2, port: 3, target: "Target.example"),
            .soa(
                StartOfAuthority(
                    primaryServer: "ns.Target.example", responsibleMailbox: "h.ns.Target.example", serial: 1,
                    refresh: 2,
                    retry: 3, expire: 4, minimum: 5)),
            .a(IPAddress(v4: 1)), .txt([[1], []]), .other(RecordType(rawValue: 65_280), [0xC0, 0x0C]), .cname(.root),
            .other(.naptr, bytes("0001 0002 'u' 'sip' 00 'a' 'Target' 'example' 00")),
            .other(RecordType(rawValue: 17), bytes("'a' 'Target' 'example' 00 'example' 00")),
        ])
    func copies(_ data: RecordData) throws {
        let record = Record("Target.example", ttl: 9, data)
        let original = Message(id: 1, questions: [.init("Target.example", .a)], answer: [record, record])
        let copy = try Self.copied(original.encoded(), about: "quite.another.question")
        #expect(copy.answer == [record, record])
        #expect(copy.answer.map(\.name.wire) == [record.name.wire, record.name.wire])
        #expect(try Self.copied(original.encoded(), about: "Target.example").answer == [record, record])
    }

    @Test(
        "names that a server compressed against the rules are copied whole (RFC 3597 §4)",
        arguments: [
            (RecordType.srv, "0000 0001 0050 c00c", "0000 0001 0050 'x' 00"), (.dname, "'a' c00c", "'a' 'x' 00"),
            (.naptr, "0001 0002 'u' 'sip' 00 c00c", "0001 0002 'u' 'sip' 00 'x' 00"),
        ])
    func decompresses(_ type: RecordType, _ data: String, _ whole: String) throws {
        let data = bytes(data)
        let message =
            bytes("0000 8000 0001 0001 0000 0000 'x' 00 0001 0001 c00c")
            + [0, UInt8(type.rawValue)] + bytes("0001 00000000 00") + [UInt8(data.count)] + data
        let copy = try Self.copied(message, about: "y")
        var writer = MessageWriter()
        writer.begin()
        writer.add(copy.answer[0])
        #expect(writer.record(0).map { Array($0.dataBytes) } == bytes(whole))
    }

    @Test(
        "a record whose data is malformed is not copied, and leaves no trace",
        arguments: [
            (RecordType.cname, "c0ff"), (.soa, "c00c"), (.mx, "00"), (.srv, "0000 0000"), (.ns, "05 61"),
            (.naptr, "0000 0000 09"),
            (.soa, "'gone' c00c c0"),
        ])
    func malformed(_ type: RecordType, _ data: String) throws {
        let data = bytes(data)
        // Its owner, and a first name, are in the table of names when the fault shows.
        let record =
            bytes("'gone' c00c") + [0, UInt8(type.rawValue)] + bytes("0001 00000000 00") + [UInt8(data.count)] + data
        let good = bytes("'gone' c00c 0001 0001 00000000 0004 01020304")
        let message = bytes("0000 8000 0001 0003 0000 0000 'x' 00 0001 0001") + record + good + good
        let copy = try Self.copied(message, about: "y")
        let expected = Record("gone.x", ttl: 0, .a(IPAddress(v4: 0x0102_0304)))
        #expect(copy.answer == [expected, expected])
        #expect(!copy.flags.isTruncated)
    }

    @Test("no later name points to where one of a malformed record stood")
    func staleName() throws {
        // The second label of the malformed record's owner stands where the next record has the last byte of its TTL
        // and its length: the same bytes while that record is written, others when its length is known.
        let malformed = bytes("'seven77' 0100 00 000f 0001 00000000 0001 00")
        let good = bytes("00 0005 0001 00000001 0003 0100 00")
        let message = bytes("0000 8000 0001 0002 0000 0000 'x' 00 0001 0001") + malformed + good
        #expect(try Self.copied(message, about: "y").answer == [Record(.root, ttl: 1, .cname("\\000"))])
    }

    @Test("a record without data, as updates have it, is copied")
    func emptyData() throws {
        let message = bytes("0000 2800 0001 0001 0000 0000 'x' 00 0006 0001 c00c 0002 00ff 00000000 0000")
        #expect(
            try Self.copied(message, about: "y").answer == [
                Record("x", ttl: 0, class: .any, .other(.ns, []))
            ])
    }

    @Test("a copy may get another owner")
    func otherOwner() throws {
        let source = Message(id: 0, questions: [.init("x", .a)], answer: [Record("x", ttl: 1, .cname("y.x"))]).encoded()
        let bytes = source.withUnsafeBytes { source in
            written(about: "Asked.x") { writer in
                var scratch = NameScratch()
                guard var reader = MessageReader(source) else { return }
                _ = reader.readQuestion(&scratch)
                if let record = reader.readRecord() { writer.add(record, owner: .question, scratch: &scratch) }
            }
        }
        #expect(try Message(bytes).answer == [Record("Asked.x", ttl: 1, .cname("y.x"))])
    }

    @Test("records that do not fit are refused one and all")
    func tooMany() throws {
        let records = (0..<60).map { Record("x", ttl: UInt32($0), .txt([[UInt8](repeating: 1, count: 255)])) }
        let source = Message(id: 0, questions: [.init("x", .txt)], answer: records).encoded()
        let copy = try Self.copied(source, about: "x", limit: 1_232)
        #expect(copy.flags.isTruncated)
        #expect(copy.answer == Array(records.prefix(copy.answer.count)))
        #expect(copy.answer.count == 4)
    }
}
