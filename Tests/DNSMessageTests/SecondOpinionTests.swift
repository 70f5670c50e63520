import DNSMessage
import Ldns
import Testing

/// libldns reads what we write, and we read what it writes.
@Suite struct SecondOpinionTests {
    static let seeds = Array(1...300 as ClosedRange<UInt64>)

    @Test("our reader, and libldns, read what our writer wrote", arguments: seeds)
    func weWrite(_ seed: UInt64) throws {
        var random = RandomMessage(seed: seed)
        let message = random.message()
        let bytes = message.encoded()
        #expect(try Message(bytes) == message)
        #expect(try ldnsDecoded(bytes) == message)
        // Names keep their spelling, which comparing does not look at.
        #expect(try names(ldnsDecoded(bytes)) == names(message))
        #expect(try names(Message(bytes)) == names(message))
    }

    @Test("we read what libldns wrote", arguments: seeds)
    func theyWrite(_ seed: UInt64) throws {
        var random = RandomMessage(seed: seed)
        let message = random.message()
        let theirs = try message.encoded().withUnsafeBytes { bytes in try Message.rewritten(bytes) }
        #expect(try Message(theirs) == message)
    }

    @Test("a message cut to any size is the beginning of the whole, for libldns too", arguments: seeds.prefix(60))
    func cut(_ seed: UInt64) throws {
        var random = RandomMessage(seed: seed)
        let message = random.message()
        for limit in [512, 600, 700, 1_232] {
            let bytes = message.encoded(limit: limit)
            let read = try ldnsDecoded(bytes)
            #expect(bytes.count <= limit)
            #expect(try Message(bytes) == read)
            let all = message.answer + message.authority + message.additional
            let kept = read.answer + read.authority + read.additional
            #expect(Array(all.prefix(kept.count)) == kept)
            let isCut = (read.answer.count, read.authority.count) != (message.answer.count, message.authority.count)
            #expect(read.flags.isTruncated == (isCut || message.flags.isTruncated))
        }
    }

    @Test(
        "what we and libldns both make of a message with a few bytes changed is the same", arguments: seeds.prefix(100))
    func mutated(_ seed: UInt64) throws {
        var random = RandomMessage(seed: seed)
        let message = random.message().encoded()
        for _ in 0..<200 {
            var bytes = message
            for _ in 0..<Int.random(in: 1...3, using: &random.random) {
                let position = Int.random(in: 0..<bytes.count, using: &random.random)
                bytes[position] = UInt8.random(in: 0 ... .max, using: &random.random)
            }
            guard let ours = try? Message(bytes), let theirs = try? ldnsDecoded(bytes) else { continue }
            #expect(ours.questions == theirs.questions)
            #expect(ours.answer.count == theirs.answer.count)
            for (our, their) in zip(ours.answer, theirs.answer) where our.type != .opt && our.type != .tsig {
                #expect((our.name, our.type, our.class, our.ttl) == (their.name, their.type, their.class, their.ttl))
                // Data with more bytes than its type has fields is kept by us, and throws libldns out of step.
                if case .other(let type, _) = our.data, type.rawValue < 65_280 { break }
                #expect(our.data == their.data)
            }
        }
    }

    private func ldnsDecoded(_ bytes: [UInt8]) throws -> Message {
        try bytes.withUnsafeBytes { bytes in try Message(ldnsDecoding: bytes) }
    }

    private func names(_ message: Message) -> [[UInt8]] {
        message.questions.map(\.name.wire) + (message.answer + message.authority + message.additional).map(\.name.wire)
    }
}
