import DNSMessage
import Testing

@Suite struct CompressionTests {
    @Test("owner and data point to the question")
    func pointsToQuestion() {
        let name: Name = "web.Default.svc.cluster.local"
        let message = written(about: name) { writer in
            writer.addAddress(.question, IPAddress(v4: 0x0A60_000A), ttl: 30)
            writer.addName(.questionSuffix(4), .ns, .question, ttl: 5)
            // The TLD alone, and the root, which is shorter than a pointer to it.
            writer.addName(.questionSuffix(24), .cname, .questionSuffix(30), ttl: 5)
        }
        #expect(
            message.records(about: name)
                == bytes(
                    """
                    c00c 0001 0001 0000001e 0004 0a60000a
                    c010 0002 0001 00000005 0002 c00c
                    c024 0005 0001 00000005 0001 00
                    """))
    }

    @Test("a name points to the longest tail that the message has, in the spelling that it has")
    func longestTail() {
        let name: Name = "a.b.Example.org"
        let message = written(about: name) { writer in
            writer.add("b.Example.org", .cname, target: "c.b.Example.org")
            writer.add("c.b.Example.org", .cname, target: "d.example.org")
            writer.add("x.example.org", .cname, target: ".")
        }
        #expect(
            message.records(about: name)
                == bytes(
                    """
                    c00e 0005 0001 00000005 0004 'c' c00e
                    c02d 0005 0001 00000005 000c 'd' 'example' c018
                    'x' c03f 0005 0001 00000005 0001 00
                    """))
    }

    @Test("a question in mixed case comes back as spelled, and owners with it")
    func keepsSpelling() throws {
        let name: Name = "wEb.DEFAULT.sVc"
        let message = written(about: name) { $0.addAddress(.question, IPAddress(v4: 1), ttl: 1) }
        #expect(Array(message[12..<12 + name.wire.count]) == name.wire)
        #expect(try Message(message).answer[0].name.wire == name.wire)
    }

    @Test("a question about the root has no pointer to it")
    func rootQuestion() throws {
        let message = written(about: .root, type: .ns) { writer in
            writer.addName(.question, .ns, .questionSuffix(0), ttl: 9)
            writer.add(".", .ns, target: "a.root")
        }
        #expect(
            message
                == bytes(
                    """
                    0007 8400 0001 0002 0000 0000 00 0002 0001
                    00 0002 0001 00000009 0001 00
                    00 0002 0001 00000005 0008 'a' 'root' 00
                    """))
        #expect(try Message(message).questions == [.init(.root, .ns)])
    }

    @Test("targets of SRV and DNAME stay whole, and later names point to them")
    func uncompressed() {
        let name: Name = "svc.local"
        let message = written(about: name) { writer in
            writer.add(Record("svc.local", ttl: 5, .srv(priority: 0, weight: 1, port: 80, target: "ep.svc.local")))
            writer.add(Record("ep.svc.local", ttl: 5, .dname("x.local")))
        }
        #expect(
            message.records(about: name)
                == bytes(
                    """
                    c00c 0021 0001 00000005 0014 0000 0001 0050 'ep' 'svc' 'local' 00
                    c02d 0027 0001 00000005 0009 'x' 'local' 00
                    """))
    }

    @Test("a message without a question compresses too")
    func noQuestion() throws {
        let message = written { writer in
            writer.add("a.b", .cname, target: "b")
            writer.add("a.b", .cname, target: "a.b")
        }
        #expect(
            message.dropFirst(12).elementsEqual(
                bytes(
                    """
                    'a' 'b' 00 0005 0001 00000005 0002 c00e
                    c00c 0005 0001 00000005 0002 c00c
                    """)))
        #expect(try Message(message).questions.isEmpty)
    }

    @Test("a name that repeats its own labels does not point into itself")
    func repeatedLabels() throws {
        let name: Name = "a.a.a.a.a"
        let message = written { writer in
            writer.add(name, .cname, target: "a.a.a.a.a.a")
            writer.add("a.a.a", .cname, target: "a")
        }
        let decoded = try Message(message)
        #expect(decoded.answer.map(\.name) == [name, "a.a.a"])
        #expect(decoded.answer.map(\.data) == [.cname("a.a.a.a.a.a"), .cname("a")])
    }

    @Test("a chain of names, each a label longer than the one before, reads back to the longest")
    func longChain() throws {
        var names: [Name] = [.root]
        while let longer = try? Name("a\(names.count % 2)").appending(names[names.count - 1]) { names.append(longer) }
        names.removeFirst()
        #expect(names.count == 84)
        let message = written { writer in for name in names { writer.add(name, .cname, target: name) } }
        #expect(try Message(message).answer.map(\.name) == names)
    }

    @Test("a chain of 127 one-byte labels reads back: as many pointers as a name can have")
    func longestChain() throws {
        let letters = Array("abcdefghijklmnopqrstuvwxyz")
        var names: [Name] = [.root]
        while let longer = try? Name("\(letters[names.count % 26])").appending(names[names.count - 1]) {
            names.append(longer)
        }
        #expect(names.count == 128)
        let message = written { writer in
            for name in names.dropFirst() { writer.add(name, .a, target: .root) }
        }
        #expect(try Message(message).answer.map(\.name) == Array(names.dropFirst()))
    }

    @Test("names past offset 0x3FFF are written whole, and names before it still found from there")
    func pastPointers() throws {
        let early: Name = "early.example"
        var records: [Record] = [Record(early, ttl: 1, .a(IPAddress(v4: 1)))]
        let filler = [UInt8](repeating: 0x66, count: 200)
        for _ in 0..<90 { records.append(Record(early, ttl: 1, .txt([filler]))) }
        let start = Message(id: 0, answer: records).encoded().count
        #expect(start > 0x3FFF)
        records.append(Record("late.example", ttl: 1, .cname("later.late.example")))
        records.append(Record("late.example", ttl: 1, .cname("later.late.example")))
        let message = Message(id: 0, answer: records).encoded()
        // "late" and "later.late" find "example" before the limit, and nothing behind it.
        let record = bytes("'late' c012 0005 0001 00000001 000d 'later' 'late' c012")
        #expect(Array(message[start...]) == record + record)
        #expect(try Message(message).answer == records)
    }

    @Test("a name written past offset 0x3FFF is copied where its offset is given")
    func offsetPastPointers() throws {
        let filler = [UInt8](repeating: 0x66, count: 255)
        let message = written(about: "q.example") { writer in
            for _ in 0..<70 { writer.add(Record("q.example", ttl: 1, .txt([filler]))) }
            let offset = writer.count
            writer.add(Record("far.away", ttl: 1, .a(IPAddress(v4: 1))))
            #expect(offset > 0x3FFF)
            writer.addName(.offset(offset), .cname, .offset(offset), ttl: 1)
            #expect(Array(writer.bytes.suffix(30)) == bytes("'far' 'away' 00 0005 0001 00000001 000a 'far' 'away' 00"))
        }
        #expect(try Message(message).answer.last == Record("far.away", ttl: 1, .cname("far.away")))
    }

    @Test("more names than the table keeps are written all the same")
    func tableFull() throws {
        let records = (0..<2_500).map { index in
            Record(Name(stringLiteral: "n\(index).zone"), ttl: 1, .a(IPAddress(v4: UInt32(index))))
        }
        let first = Message(id: 0, answer: records).encoded()
        #expect(try Message(first).answer == records)
        // The next message of the same writer starts with an empty table.
        var writer = MessageWriter()
        var scratch = NameScratch()
        for _ in 0..<2 {
            writer.begin(QuestionView(name: scratch.read("q.zone"), type: .a, class: .internet))
            for record in records { writer.add(record) }
            writer.finish(id: 0, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: 65_535)
            #expect(try Message(Array(writer.bytes)).answer == records)
        }
    }

    @Test("tables are forgotten over thousands of messages")
    func manyMessages() throws {
        var writer = MessageWriter()
        for round in 0..<3_000 {
            writer.begin()
            writer.add(Record(Name(stringLiteral: "n\(round % 7).zone"), ttl: 1, .cname("zone")))
            writer.finish(id: 0, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: 512)
            let answer = try Message(Array(writer.bytes)).answer
            #expect(answer == [Record(Name(stringLiteral: "n\(round % 7).zone"), ttl: 1, .cname("zone"))])
        }
    }
}
