import DNSMessage
import Testing

@Suite struct TruncationTests {
    static let question: Name = "web.svc"

    /// Five records of 16 bytes in each section, owners differing in the additional one.
    private static func sections(_ writer: inout MessageWriter) {
        for section in Section.allCases {
            writer.move(to: section)
            for index in 0..<5 {
                writer.addAddress(.question, IPAddress(v4: UInt32(section.rawValue) << 8 | UInt32(index)), ttl: 1)
            }
        }
    }

    @Test("cuts whole records from the end at every size, and sets TC only when answer or authority lost some")
    func everySize() throws {
        let name = Self.question
        let start = Header.length + name.wire.count + 4
        let whole = written(about: name, Self.sections).count
        #expect(whole == start + 15 * 16)
        for limit in start...whole + 20 {
            let bytes = written(about: name, limit: limit, Self.sections)
            #expect(bytes.count <= limit)
            let message = try Message(bytes)
            let fitting = min(15, (limit - start) / 16)
            // The additional records are one RRset, which stays whole or goes.
            #expect(message.answer.count == min(fitting, 5))
            #expect(message.authority.count == min(max(fitting - 5, 0), 5))
            #expect(message.additional.count == (fitting == 15 ? 5 : 0))
            #expect(message.flags.isTruncated == (fitting < 10), "\(limit)")
            #expect(message.questions == [.init(name, .a)])
        }
    }

    @Test("sets TC for additional records, too, where those are needed")
    func neededAdditional() throws {
        for isNeeded in [true, false] {
            let bytes = written(about: Self.question, limit: 200) { writer in
                Self.sections(&writer)
                writer.needsAdditional = isNeeded
            }
            let message = try Message(bytes)
            #expect(message.answer.count + message.authority.count == 10 && message.additional.isEmpty)
            #expect(message.flags.isTruncated == isNeeded)
        }
    }

    @Test("keeps the OPT record when it cuts, at every size")
    func keepsEDNS() throws {
        let options: [UInt8] = [0, 15, 0, 2, 0, 14]
        try options.withUnsafeBytes { options in
            let edns = ReplyEDNS(udpSize: 1232, dnssecOK: true, options: options)
            for limit in 60...400 {
                let bytes = written(about: Self.question, edns: edns, code: .badVers, limit: limit, Self.sections)
                #expect(bytes.count <= limit)
                let message = try Message(bytes)
                #expect(message.additional.last?.type == .opt)
                #expect(message.additional.last?.class.rawValue == 1232)
                #expect(message.additional.last?.ttl == 0x0100_8000)
                #expect(message.additional.last?.data == .other(.opt, [0, 15, 0, 2, 0, 14]))
                #expect(message.responseCode == .badVers)
                #expect(message.flags.responseCode == .noError)
            }
        }
    }

    @Test("an RRset among the additional records goes whole, one in the answer goes by records")
    func setsStayWhole() throws {
        let message = { (limit: Int) in
            try Message(
                written(about: Self.question, limit: limit) { writer in
                    writer.addName(.question, .cname, .question, ttl: 1)
                    writer.move(to: .additional)
                    for (owner, address) in [("a", 1), ("a", 2), ("b", 3), ("b", 4), ("b", 5)] as [(Name, UInt32)] {
                        writer.add(Record(owner, ttl: address, .a(IPAddress(v4: address))))
                    }
                    for low in UInt64(1)...2 { writer.add(Record("b", ttl: 1, .aaaa(IPAddress(high: 0, low: low)))) }
                })
        }
        let whole = try message(65_535)
        var counts: Set<Int> = []
        for limit in 40...300 {
            let cut = try message(limit)
            counts.insert(cut.additional.count)
            #expect(cut.additional == Array(whole.additional.prefix(cut.additional.count)))
            #expect(!cut.flags.isTruncated || cut.answer.isEmpty)
        }
        #expect(counts == [0, 2, 5, 7])
    }

    @Test("options that leave no room for the question are left out, the OPT record stays")
    func optionsTooLong() throws {
        let name = name(ofLength: 255)
        let options = [UInt8](repeating: 0, count: 400)
        let bytes = options.withUnsafeBytes { options in
            written(
                about: name, edns: ReplyEDNS(udpSize: 1232, dnssecOK: false, options: options), limit: 512
            ) { $0.addAddress(.question, IPAddress(v4: 1), ttl: 1) }
        }
        let message = try Message(bytes)
        #expect(bytes.count == Header.length + 255 + 4 + 16 + 11)
        #expect(message.answer.count == 1)
        #expect(message.additional.map(\.type) == [.opt])
    }

    @Test("a limit over 65,535 bytes is 65,535 bytes")
    func limitIsBounded() throws {
        let bytes = written(
            about: Self.question,
            edns: ReplyEDNS(udpSize: 1232, dnssecOK: false, options: UnsafeRawBufferPointer(start: nil, count: 0)),
            limit: .max
        ) { writer in
            for index in 0..<5_000 { writer.addAddress(.question, IPAddress(v4: UInt32(index)), ttl: 1) }
        }
        #expect(bytes.count <= 65_535)
        #expect(try Message(bytes).additional.count == 1)
        #expect(try Message(bytes).flags.isTruncated)
    }

    @Test("a record that does not fit 65,535 bytes is taken back, and all after it refused")
    func overflow() throws {
        var writer = MessageWriter()
        var scratch = NameScratch()
        writer.begin(QuestionView(name: scratch.read(Self.question), type: .a, class: .internet))
        var added = 0
        while writer.addAddress(.question, IPAddress(v4: UInt32(added)), ttl: 1) { added += 1 }
        #expect(added == (65_535 - writer.recordsStart) / 16)
        #expect(writer.recordCount == added)
        #expect(writer.cutSection == .answer)
        // One byte would fit, but an answer is a prefix of the whole.
        let small = writer.add(Record(".", ttl: 1, .other(RecordType(rawValue: 65_280), [])))
        writer.move(to: .additional)
        let later = writer.addAddress(.question, IPAddress(v4: 1), ttl: 1)
        #expect(!small && !later)
        #expect(writer.cutSection == .answer)
        writer.finish(id: 1, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: 65_535)
        let message = try Message(Array(writer.bytes))
        #expect(message.answer.count == added)
        #expect(message.flags.isTruncated)
        writer.removeRecords()
        let afresh = writer.addAddress(.question, IPAddress(v4: 1), ttl: 1)
        #expect(afresh)
        writer.finish(id: 1, flags: HeaderFlags(), responseCode: .noError, edns: nil, limit: 65_535)
        #expect(try Message(Array(writer.bytes)).answer == [Record(Self.question, ttl: 1, .a(IPAddress(v4: 1)))])
        #expect(try !Message(Array(writer.bytes)).flags.isTruncated)
    }

    @Test("a glue record that does not fit 65,535 bytes takes its RRset with it and no TC")
    func overflowOfGlue() throws {
        let bytes = written(about: Self.question) { writer in
            let filler = [UInt8](repeating: 1, count: 65_400)
            writer.add(Record(Self.question, ttl: 1, .other(RecordType(rawValue: 65_280), filler)))
            writer.move(to: .additional)
            writer.add(Record("a.svc", ttl: 1, .a(IPAddress(v4: 1))))
            for index in 0..<9 { writer.add(Record("b.svc", ttl: 1, .a(IPAddress(v4: UInt32(index))))) }
            #expect(writer.recordCount(in: .additional) == 1)
            #expect(writer.cutSection == .additional)
        }
        let message = try Message(bytes)
        #expect(message.additional == [Record("a.svc", ttl: 1, .a(IPAddress(v4: 1)))])
        #expect(!message.flags.isTruncated)
    }

    @Test("data of 65,535 bytes and more is refused and leaves the writer usable")
    func hugeData() throws {
        for size in [65_000, 65_490, 65_535, 70_000, 1_000_000] {
            let bytes = written(about: Self.question) { writer in
                let data = [UInt8](repeating: 1, count: size)
                let fits = writer.add(Record(Self.question, ttl: 1, .other(RecordType(rawValue: 65_280), data)))
                #expect(fits == (size <= 65_535 - writer.recordsStart - 12))
            }
            #expect(try Message(bytes).flags.isTruncated == (size > 65_490))
        }
    }

    @Test("names of a record that was taken back are not pointed to")
    func forgetsNames() throws {
        let bytes = written(about: Self.question) { writer in
            let data = [UInt8](repeating: 1, count: 70_000)
            writer.add(Record("gone.example", ttl: 1, .other(RecordType(rawValue: 65_280), data)))
            writer.removeRecords()
            writer.add(Record("here.example", ttl: 1, .cname("gone.example")))
        }
        #expect(try Message(bytes).answer == [Record("here.example", ttl: 1, .cname("gone.example"))])
    }

    @Test("thousands of records fill 65,535 bytes and read back")
    func large() throws {
        let records = (0..<4_000).map { index in
            Record("web.svc", ttl: 30, .a(IPAddress(v4: UInt32(index))))
        }
        let bytes = Message(id: 3, questions: [.init("web.svc", .a)], answer: records).encoded()
        #expect(bytes.count == 64_025)
        #expect(try Message(bytes).answer == records)
        var random = RandomMessage(seed: 5)
        let mixed = random.records(6_000)
        let cut = Message(id: 3, questions: [.init("web.svc", .a)], answer: mixed).encoded()
        let read = try Message(cut)
        #expect(read.flags.isTruncated)
        #expect(read.answer == Array(mixed.prefix(read.answer.count)))
        #expect(cut.count > 64_000)
    }
}
