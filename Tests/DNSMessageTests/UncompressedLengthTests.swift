import DNSMessage
import Testing

@Suite("uncompressed length")
struct UncompressedLengthTests {
    @Test(
        "is that of the names written out, after shuffling and dropping records too",
        arguments: 0..<100 as Range<UInt64>)
    func written(seed: UInt64) {
        var random = RandomMessage(seed: seed)
        let sections = (0..<3).map { _ in random.records(6) }
        let name = random.name()
        var writer = MessageWriter()
        var scratch = NameScratch()
        writer.begin(QuestionView(name: scratch.read(name), type: .a, class: .internet))
        for (section, records) in zip(Section.allCases, sections) {
            writer.move(to: section)
            for record in records { writer.add(record) }
        }
        // Owners that are given as a part of the question, and data that is.
        writer.addName(.question, .ptr, .questionSuffix(0), ttl: 1)
        let question = Header.length + name.wire.count + 4
        let lengths = sections.map { $0.map(length).reduce(0, +) }
        #expect(writer.uncompressedCount == question + lengths.reduce(0, +) + 2 * name.wire.count + 10)

        var shuffle = RecordShuffle(seed: seed)
        writer.shuffleRecords(&shuffle)
        #expect(writer.uncompressedCount == question + lengths.reduce(0, +) + 2 * name.wire.count + 10)

        writer.removeRecords(behind: .authority)
        #expect(writer.uncompressedCount == question + lengths[0] + lengths[1])
        writer.removeRecords(behind: .answer)
        #expect(writer.uncompressedCount == question + lengths[0])
        writer.removeRecords()
        #expect(writer.uncompressedCount == question)
    }

    private func length(_ record: Record) -> Int {
        let data =
            switch record.data {
            case .a: 4
            case .aaaa: 16
            case .cname(let name), .ns(let name), .ptr(let name), .dname(let name): name.wire.count
            case .soa(let soa): soa.primaryServer.wire.count + soa.responsibleMailbox.wire.count + 20
            case .mx(_, let name): name.wire.count + 2
            case .srv(_, _, _, let name): name.wire.count + 6
            case .txt(let strings): strings.map { $0.count + 1 }.reduce(0, +)
            case .hinfo(let cpu, let os): cpu.count + os.count + 2
            case .other(_, let bytes): bytes.count
            }
        return record.name.wire.count + 10 + data
    }
}
