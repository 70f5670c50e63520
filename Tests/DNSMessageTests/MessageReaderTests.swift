import DNSMessage
import Testing

@Suite struct MessageReaderTests {
    /// A reply with every kind of name: whole, a pointer, labels and a pointer, in owners and in data.
    static let reply = bytes(
        """
        1234 8580 0001 0003 0001 0001
        'www' 'Example' 'org' 00 0001 0001
        c00c 0005 0001 0000012c 0006 'web' c010
        c02d 0001 0001 0000003c 0004 c0000201
        c010 000f 0001 0000003c 0007 000a 'mx' c010
        c010 0006 0001 00000e10 0018 c02d c010 00000001 00000002 00000003 00000004 00000005
        00 0029 04d0 00008000 0006 000a 0002 abcd
        """)

    static let decoded = Message(
        id: 0x1234, flags: HeaderFlags(rawValue: 0x8580), questions: [.init("www.Example.org", .a)],
        answer: [
            Record("www.Example.org", ttl: 300, .cname("web.Example.org")),
            Record("web.Example.org", ttl: 60, .a(IPAddress(v4: 0xC000_0201))),
            Record("Example.org", ttl: 60, .mx(preference: 10, exchange: "mx.Example.org")),
        ],
        authority: [
            Record(
                "Example.org", ttl: 3600,
                .soa(
                    StartOfAuthority(
                        primaryServer: "web.Example.org", responsibleMailbox: "Example.org", serial: 1, refresh: 2,
                        retry: 3,
                        expire: 4, minimum: 5)))
        ],
        additional: [
            Record(.root, ttl: 0x8000, class: RecordClass(rawValue: 1232), .other(.opt, [0, 10, 0, 2, 0xAB, 0xCD]))
        ])

    @Test("reads a reply whose names are compressed in every way")
    func readsReply() throws {
        #expect(try Message(Self.reply) == Self.decoded)
    }

    @Test("what our writer makes of it reads the same")
    func rereads() throws {
        let again = Self.decoded.encoded()
        #expect(try Message(again) == Self.decoded)
        #expect(again.count == Self.reply.count)
    }

    @Test("says where a reply cut at any byte is malformed, and never reads behind the cut")
    func truncatedAnywhere() throws {
        for length in 0..<Self.reply.count {
            // Memory of exactly this length, so that the address sanitizer sees a step too far.
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 1)
            defer { memory.deallocate() }
            memory.copyBytes(from: Self.reply[..<length])
            let error = #expect(throws: MessageError.self) { try Message(decoding: UnsafeRawBufferPointer(memory)) }
            #expect((error == .tooShort) == (length < Header.length), "\(length)")
        }
    }

    @Test("ignores bytes behind the last record")
    func trailingBytes() throws {
        #expect(try Message(Self.reply + [1, 2, 3]) == Self.decoded)
    }

    @Test(
        "refuses malformed names",
        arguments: [
            ("a pointer to itself", "c00c"), ("a pointer forwards", "c00e 00"), ("a pointer behind the end", "ffff"),
            ("a pointer into its own label and round again", "'a' c00c"), ("half a pointer", "c0"),
            ("label type 01", "40 00"), ("label type 10", "80 00"), ("a label that runs out", "05 6161"),
            ("nothing", ""),
            ("no root", "'a'"),
        ])
    func malformedNames(_ what: String, _ name: String) {
        let message = bytes("0000 0000 0001 0000 0000 0000") + bytes(name)
        message.withUnsafeBytes { message in
            var scratch = NameScratch()
            var reader = MessageReader(message)
            #expect(reader?.readQuestion(&scratch) == nil)
            #expect(reader?.offset == Header.length)
            #expect(scratch.read(message, at: Header.length) == nil)
        }
    }

    @Test(
        "refuses names over 255 bytes, whole or by pointers",
        arguments: [(255, true), (256, false), (257, false), (400, false)])
    func longNames(_ length: Int, _ isLegal: Bool) {
        // Labels of one byte and, to make the length even or odd, one label of two.
        var whole: [UInt8] = []
        if length.isMultiple(of: 2) { whole += [2, 0x79, 0x79] }
        while whole.count < length - 1 { whole += [1, 0x78] }
        whole.append(0)
        #expect(whole.count == length)
        // Then the same name as a label of its own and a pointer to the rest.
        let first = 1 + Int(whole[0])
        let message = whole + whole[..<first] + [0xC0, UInt8(first)]
        message.withUnsafeBytes { message in
            var scratch = NameScratch()
            #expect((scratch.read(message, at: 0)?.name.length == length) == isLegal)
            #expect((scratch.read(message, at: length)?.name.length == length) == isLegal)
            #expect((MessageReader.endOfName(message, at: 0) == length) == isLegal)
            #expect(MessageReader.endOfName(message, at: length) == message.count)
        }
    }

    @Test("follows one pointer behind each of 127 labels, and no endless chain")
    func pointerChains() {
        // 0: root; then label and pointer to the name before, 127 times.
        var message: [UInt8] = [0]
        var start = 0
        for _ in 0..<Name.maximumLabelCount {
            message += [1, 0x61, 0xC0 | UInt8(start >> 8), UInt8(start & 255)]
            start = message.count - 4
        }
        message.withUnsafeBytes { message in
            var scratch = NameScratch()
            #expect(scratch.read(message, at: start)?.name.length == 255)
        }
        // Pointers to pointers, backwards each and so without a loop, but more than any name needs.
        var chain: [UInt8] = [0]
        for index in 0..<2_000 {
            let target = index == 0 ? 0 : chain.count - 2
            chain += [0xC0 | UInt8(target >> 8), UInt8(target & 255)]
        }
        chain.withUnsafeBytes { chain in
            var scratch = NameScratch()
            #expect(scratch.read(chain, at: chain.count - 2) == nil)
            #expect(scratch.read(chain, at: 2 * NameScratch.pointerHopsMax - 1)?.name.length == 1)
        }
    }

    @Test(
        "keeps data that does not fit its type as bytes, names in it spelled out",
        arguments: [
            ("A of 5 bytes", RecordType.a, "0102030405", "0102030405"),
            ("AAAA of 4 bytes", .aaaa, "01020304", "01020304"),
            ("CNAME and more", .cname, "'a' c00c ff", "'a' 'x' 00 ff"),
            ("SOA without numbers", .soa, "c00c c00c", "'x' 00 'x' 00"),
            ("MX without a name", .mx, "", ""), ("TXT that runs out", .txt, "05 61", "05 61"),
            ("HINFO of one string", .hinfo, "01 61", "01 61"), ("NS of an update that deletes", .ns, "", ""),
        ])
    func misfits(_ what: String, _ type: RecordType, _ data: String, _ kept: String) throws {
        let message = try Message(Self.message(type, bytes(data)))
        #expect(message.answer == [Record("x", ttl: 0, .other(type, bytes(kept)))])
    }

    @Test(
        "spells out names in types of old that servers may compress (RFC 3597 §4)",
        arguments: [
            (3, "c00c", "'x' 00"), (14, "c00c 'm' c00c", "'x' 00 'm' 'x' 00"),
            (17, "'a' c00c c00c", "'a' 'x' 00 'x' 00"),
            (18, "0001 c00c", "0001 'x' 00"), (21, "0001 c00c", "0001 'x' 00"),
            (26, "0001 c00c c00c", "0001 'x' 00 'x' 00"),
            (
                24, "0001 05 01 00000001 00000002 00000003 0004 c00c ffff",
                "0001 05 01 00000001 00000002 00000003 0004 'x' 00 ffff"
            ),
            (30, "c00c 60", "'x' 00 60"), (35, "0001 0002 'u' 'sip' 00 c00c", "0001 0002 'u' 'sip' 00 'x' 00"),
            (65, "0001 c00c", "0001 c00c"),
        ])
    func expandsNames(_ type: UInt16, _ data: String, _ expanded: String) throws {
        let type = RecordType(rawValue: type)
        let message = try Message(Self.message(type, bytes(data)))
        #expect(message.answer == [Record("x", ttl: 0, .other(type, bytes(expanded)))])
    }

    @Test(
        "refuses data whose names are malformed",
        arguments: [
            (RecordType.cname, "c0ff"), (.ns, "05 61"), (.soa, "c00c"), (.mx, "00"), (.mx, "000a"),
            (.srv, "0000 0000 00"),
            (.srv, "0000 0000 0000"), (.naptr, "0001 0002 05 61"), (.naptr, "0001"), (.dname, "'x'"), (.ptr, "c0"),
        ])
    func malformedData(_ type: RecordType, _ data: String) {
        // A root behind the record must not be taken for part of its data.
        let message = Self.message(type, bytes(data)) + [0, 0, 0, 0]
        #expect(throws: MessageError.malformed(offset: 19)) { try Message(message) }
    }

    @Test("reads owners of records without following pointers, and refuses a record whose data runs out")
    func records() {
        let message = Self.message(.a, [1, 2, 3, 4])
        message.withUnsafeBytes { message in
            var scratch = NameScratch()
            guard var reader = MessageReader(message) else { return #expect(Bool(false)) }
            _ = reader.readQuestion(&scratch)
            let record = reader.readRecord()
            #expect(record?.ownerOffset == 19)
            #expect(record?.data == 31..<35)
            #expect(record.map { Array($0.dataBytes) } == [1, 2, 3, 4])
            #expect(reader.readRecord() == nil)
            #expect(reader.offset == message.count)
        }
        Array(message.dropLast()).withUnsafeBytes { message in
            var scratch = NameScratch()
            var reader = MessageReader(message)
            _ = reader?.readQuestion(&scratch)
            #expect(reader?.readRecord() == nil)
        }
    }

    @Test("65,535 questions that fill a message are read and bounded by its length")
    func manyQuestions() throws {
        let question: [UInt8] = [0, 0, 1, 0, 1]
        let count = (MessageWriter.maximumLength - Header.length) / question.count
        let header = bytes("0000 0000") + [UInt8(count >> 8), UInt8(count & 255)] + bytes("0000 0000 0000")
        let message = header + Array(repeatElement(question, count: count).joined())
        #expect(try Message(message).questions.count == count)
        var lying = message
        lying[5] += 1
        #expect(throws: MessageError.malformed(offset: message.count)) { try Message(lying) }
    }

    /// A question about `x`, and one record of it.
    private static func message(_ type: RecordType, _ data: [UInt8]) -> [UInt8] {
        bytes("0000 8000 0001 0001 0000 0000 'x' 00 0001 0001 c00c")
            + [UInt8(type.rawValue >> 8), UInt8(type.rawValue & 255)] + bytes("0001 00000000")
            + [UInt8(data.count >> 8), UInt8(data.count & 255)] + data
    }
}
