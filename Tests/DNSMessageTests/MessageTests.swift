import DNSMessage
import Testing

@Suite struct MessageTests {
    @Test("writes header, question and sections in the order of the wire")
    func exactBytes() {
        let message = Message(
            id: 0xABCD, flags: HeaderFlags(rawValue: 0x8583), questions: [.init("x.y", .txt, class: .chaos)],
            answer: [Record("x.y", ttl: 1, class: .chaos, .txt([[0x61], []]))],
            authority: [Record("y", ttl: 2, .hinfo(cpu: [0x63], os: [0x6F]))],
            additional: [Record("z.y", ttl: .max, .other(RecordType(rawValue: 65_280), [0xC0, 0x0C]))])
        #expect(
            message.encoded()
                == bytes(
                    """
                    abcd 8583 0001 0001 0001 0001 'x' 'y' 00 0010 0003
                    c00c 0010 0003 00000001 0003 01 61 00
                    c00e 000d 0001 00000002 0004 01 63 01 6f
                    'z' c00e ff00 0001 ffffffff 0002 c00c
                    """))
    }

    @Test("a text over 255 bytes is cut, as one string holds no more")
    func longText() throws {
        let text = [UInt8](repeating: 0x61, count: 300)
        let message = written(about: "x") { writer in
            text.withUnsafeBytes { text in _ = writer.addText(.question, text, class: .chaos, ttl: 0) }
        }
        #expect(try Message(message).answer == [Record("x", ttl: 0, class: .chaos, .txt([Array(text.prefix(255))]))])
    }

    @Test("sections are told apart while writing")
    func sections() {
        _ = written(about: "x") { writer in
            writer.addAddress(.question, IPAddress(v4: 1), ttl: 1)
            writer.move(to: .additional)
            writer.addAddress(.question, IPAddress(v4: 2), ttl: 1)
            writer.addAddress(.question, IPAddress(v4: 3), ttl: 1)
            #expect(Section.allCases.map { writer.recordCount(in: $0) } == [1, 0, 2])
            #expect(writer.records(in: .answer) == 0..<1)
            #expect(writer.records(in: .authority) == 1..<1)
            #expect(writer.records(in: .additional) == 1..<3)
            #expect(writer.record(2).map { Array($0.dataBytes) } == [0, 0, 0, 3])
            #expect(writer.record(2)?.ownerOffset == writer.start(ofRecord: 2))
            #expect(writer.record(3) == nil)
            #expect(writer.start(ofRecord: 3) == writer.count)
        }
    }

    @Test("going back to an earlier section traps")
    func noWayBack() async {
        await #expect(processExitsWith: .failure) {
            var writer = MessageWriter()
            writer.begin()
            writer.move(to: .additional)
            writer.move(to: .answer)
        }
    }

    @Test("a writer used again carries nothing over")
    func reuse() throws {
        var writer = MessageWriter()
        var scratch = NameScratch()
        writer.begin(QuestionView(name: scratch.read("long.name.example"), type: .a, class: .internet))
        writer.add(Record("n.example", ttl: 1, .cname("m.example")))
        writer.finish(id: 1, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: 512)
        writer.begin()
        writer.add(Record("n.example", ttl: 1, .cname("m.example")))
        writer.finish(id: 2, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: 512)
        #expect(
            Array(writer.bytes)
                == bytes("0002 0000 0000 0001 0000 0000 'n' 'example' 00 0005 0001 00000001 0004 'm' c00e"))
    }
}
