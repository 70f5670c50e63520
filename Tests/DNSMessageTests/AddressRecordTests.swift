import DNSMessage
import Testing

@Suite struct AddressRecordTests {
    /// How the owner of the records is told.
    enum Owner: CaseIterable { case question, suffix, wholeQuestionAsSuffix, offset, wire, root }

    private static let asked: Name = "web.Default.svc"
    private static let other: Name = "ep.Default.svc"

    /// A message with addresses that go in one by one or at once, behind so many bytes of something else.
    private static func message(
        _ owner: Owner, filler: Int, about name: Name, atOnce: Bool, in section: Section = .answer
    ) -> [UInt8] {
        let v4 = (0..<200).map { UInt32($0) &* 0x0101_0307 }
        let v6 = (0..<200 * 16).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        return written(about: name) { writer in
            let offset = writer.count
            let data = [UInt8](repeating: 1, count: filler)
            writer.add(Record(other, ttl: 1, .other(RecordType(rawValue: 65_280), data)))
            writer.move(to: section)
            other.wire.withUnsafeBytes { wire in
                guard let wire = wire.baseAddress else { return }
                let owner: WrittenName =
                    switch owner {
                    case .question: .question
                    case .suffix: .questionSuffix(name.wire.count - 5)
                    case .wholeQuestionAsSuffix: .questionSuffix(0)
                    case .offset: .offset(offset)
                    case .wire: .wire(wire)
                    case .root: .questionSuffix(name.wire.count - 1)
                    }
                if atOnce {
                    v4.withUnsafeBufferPointer { writer.addAddresses(owner, v4: $0, ttl: 0x0102_0304) }
                    v6.withUnsafeBytes { writer.addAddresses(owner, v6: $0, ttl: 9) }
                } else {
                    for address in v4 {
                        writer.addAddress(owner, IPAddress(v4: UInt32(bigEndian: address)), ttl: 0x0102_0304)
                    }
                    v6.withUnsafeBytes { bytes in
                        for start in stride(from: 0, to: bytes.count, by: 16) {
                            guard let base = bytes.baseAddress else { return }
                            writer.addAddress(owner, IPAddress(v6At: base + start), ttl: 9)
                        }
                    }
                }
            }
        }
    }

    @Test("many addresses at once are written as one by one, whatever the owner", arguments: Owner.allCases)
    func atOnce(_ owner: Owner) throws {
        let many = Self.message(owner, filler: 0, about: Self.asked, atOnce: true)
        #expect(many == Self.message(owner, filler: 0, about: Self.asked, atOnce: false))
        #expect(try Message(many).answer.count == 401)
        #expect(try Set(Message(many).answer.dropFirst().map(\.name)).count == 1)
    }

    @Test(
        "many addresses at once end where 65,535 bytes end, as one by one",
        arguments: [60_000, 62_200, 62_216, 62_217, 62_218, 65_000, 65_450, 65_480])
    func overflow(_ filler: Int) throws {
        for section in [Section.answer, .additional] {
            for owner in [Owner.question, .wire] {
                let many = Self.message(owner, filler: filler, about: Self.asked, atOnce: true, in: section)
                let single = Self.message(owner, filler: filler, about: Self.asked, atOnce: false, in: section)
                #expect(many == single)
                #expect(try Message(many).flags.isTruncated == (section == .answer))
            }
        }
    }

    @Test("a question about the root takes many addresses")
    func rootQuestion() throws {
        let many = Self.message(.question, filler: 0, about: .root, atOnce: true)
        #expect(many == Self.message(.question, filler: 0, about: .root, atOnce: false))
        #expect(try Message(many).answer.dropFirst().allSatisfy { $0.name == .root })
    }

    @Test("no address is no record")
    func none() throws {
        let message = written(about: Self.asked) { writer in
            writer.addAddresses(.question, v4: UnsafeBufferPointer(start: nil, count: 0), ttl: 1)
            writer.addAddresses(.question, v6: UnsafeRawBufferPointer(start: nil, count: 0), ttl: 1)
        }
        #expect(try Message(message).answer.isEmpty)
    }
}
