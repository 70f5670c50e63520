import DNSMessage
import Testing

@Suite("a message whose records are put into another order")
struct ShufflingTests {
    private func message(_ writer: borrowing MessageWriter) throws -> Message { try decode(writer.bytes) }

    private func begin(_ writer: inout MessageWriter, _ name: Name = "www.example.org") {
        var scratch = NameScratch()
        writer.begin(QuestionView(name: scratch.read(name), type: .a, class: .internet))
    }

    private func finish(_ writer: inout MessageWriter, limit: Int = MessageWriter.maximumLength) {
        writer.finish(id: 7, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: limit)
    }

    /// Records of every kind, names compressed against each other across records and sections.
    private static let records: [(Section, Record)] = [
        (.answer, Record("m.example.org", ttl: 1, .mx(preference: 5, exchange: "a.deep.example.org"))),
        (.answer, Record("b.a.deep.example.org", ttl: 2, .a(IPAddress(v4: 0xC000_0201)))),
        (.answer, Record("www.example.org", ttl: 3, .cname("b.a.deep.example.org"))),
        (.answer, Record("b.a.deep.example.org", ttl: 4, .aaaa(IPAddress(high: 1, low: 2)))),
        (.answer, Record("b.a.deep.example.org", ttl: 5, .a(IPAddress(v4: 0xC000_0202)))),
        (.answer, Record("m.example.org", ttl: 6, .mx(preference: 5, exchange: "c.a.deep.example.org"))),
        (.authority, Record("example.org", ttl: 7, .ns("c.a.deep.example.org"))),
        (.authority, Record("example.org", ttl: 7, .ns("ns.c.a.deep.example.org"))),
        (.additional, Record("c.a.deep.example.org", ttl: 8, .aaaa(IPAddress(high: 3, low: 4)))),
        (.additional, Record("ns.c.a.deep.example.org", ttl: 9, .a(IPAddress(v4: 0xC000_0203)))),
    ]

    @Test("keeps every record whole, whatever its names point to", arguments: 1...50)
    func keepsRecords(seed: Int) throws {
        var writer = MessageWriter()
        begin(&writer)
        for (section, record) in Self.records {
            writer.move(to: section)
            writer.add(record)
        }
        let length = writer.count
        var shuffle = RecordShuffle(seed: UInt64(seed))
        writer.shuffleRecords(&shuffle)
        #expect(writer.count <= length)
        finish(&writer)
        let shuffled = try message(writer)
        for (section, found) in [(Section.answer, shuffled.answer), (.authority, shuffled.authority)] {
            #expect(Set(found) == Set(Self.records.filter { $0.0 == section }.map(\.1)))
        }
        #expect(Set(shuffled.additional) == Set(Self.records.filter { $0.0 == .additional }.map(\.1)))
        #expect(shuffled.answer.map(\.type).prefix(1) == [.cname])
        #expect(shuffled.answer.map(\.type).suffix(2) == [.mx, .mx])
        #expect(shuffled.authority == Self.records.filter { $0.0 == .authority }.map(\.1))
    }

    @Test("takes more records afterwards, whose names point to the right places")
    func goesOn() throws {
        var writer = MessageWriter()
        begin(&writer)
        for (_, record) in Self.records.prefix(6) { writer.add(record) }
        var shuffle = RecordShuffle(seed: 3)
        writer.shuffleRecords(&shuffle)
        writer.move(to: .additional)
        let last = Record("c.a.deep.example.org", ttl: 1, .a(IPAddress(v4: 1)))
        writer.add(last)
        finish(&writer)
        #expect(try message(writer).additional == [last])
    }

    @Test("keeps all records of a message that fills its 65,535 bytes, and that it was cut", arguments: [false, true])
    func keepsFullMessage(isMixed: Bool) throws {
        var writer = MessageWriter()
        begin(&writer)
        for index in 0..<5_000 {
            let address = IPAddress(v4: UInt32(index))
            let isV6 = isMixed && index.isMultiple(of: 3)
            writer.addAddress(.question, isV6 ? IPAddress(high: 0, low: UInt64(index)) : address, ttl: 5)
        }
        let (count, kept) = (writer.recordCount, writer.count)
        #expect(writer.cutSection == .answer)
        var shuffle = RecordShuffle(seed: 11)
        writer.shuffleRecords(&shuffle)
        #expect(writer.recordCount == count && writer.count == kept && writer.cutSection == .answer)
        finish(&writer)
        #expect(Set(try message(writer).answer).count == count)
    }

    @Test("keeps every record of a mixed message of any size", arguments: [10, 300, 500, 550, 600, 800, 1_500])
    func keepsMixedMessage(records: Int) throws {
        var writer = MessageWriter()
        begin(&writer)
        var written: Set<Record> = []
        for index in 0..<records {
            let owner = try Name("n\(index % 97).example.org")
            let isV6 = index.isMultiple(of: 3)
            let address = isV6 ? IPAddress(high: 0, low: UInt64(index)) : IPAddress(v4: UInt32(index))
            let record = Record(
                owner, ttl: 5, index.isMultiple(of: 7) ? .cname(owner) : isV6 ? .aaaa(address) : .a(address))
            if written.insert(record).inserted { writer.add(record) }
        }
        #expect(writer.cutSection == nil)
        var shuffle = RecordShuffle(seed: UInt64(records))
        writer.shuffleRecords(&shuffle)
        finish(&writer)
        let shuffled = try message(writer).answer
        #expect(shuffled.count == written.count && Set(shuffled) == written)
    }

    @Test("lets go of the sections behind one, and of names that stood there")
    func removesSections() throws {
        var writer = MessageWriter()
        begin(&writer)
        let answer = Record("www.example.org", ttl: 3, .a(IPAddress(v4: 1)))
        writer.add(answer)
        writer.move(to: .authority)
        writer.add(Record("example.org", ttl: 7, .ns("ns.deep.example.org")))
        writer.move(to: .additional)
        writer.add(Record("ns.deep.example.org", ttl: 7, .a(IPAddress(v4: 2))))
        writer.removeRecords(behind: .answer)
        #expect(writer.recordCount == 1 && writer.section == .answer)
        let later = Record("ns.deep.example.org", ttl: 7, .ns("deep.example.org"))
        writer.move(to: .additional)
        writer.add(later)
        finish(&writer)
        let read = try message(writer)
        #expect(read.answer == [answer] && read.authority.isEmpty && read.additional == [later])
    }

    @Test("does not call a reply cut for what was removed", arguments: [Section.authority, .additional])
    func forgetsCut(section: Section) throws {
        var writer = MessageWriter()
        begin(&writer)
        writer.addAddress(.question, IPAddress(v4: 1), ttl: 5)
        writer.move(to: section)
        while writer.cutSection == nil { writer.addAddress(.question, IPAddress(v4: 2), ttl: 5) }
        writer.removeRecords(behind: .answer)
        finish(&writer)
        let read = try message(writer)
        #expect(!read.flags.isTruncated && read.answer.count == 1 && read.authority.isEmpty)
    }
}

// A named function: a closure that only throws is more than the compiler takes.
private func decode(_ bytes: UnsafeRawBufferPointer) throws -> Message { try Message(decoding: bytes) }
