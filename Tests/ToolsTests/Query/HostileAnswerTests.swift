import DNSMessage
import Testing

@testable import Tools

/// Answers that somebody made up to play tricks on a terminal.
@Suite struct HostileAnswerTests {
    private static let recordsPerType = 40

    @Test("an answer has no control characters, whatever bytes its records hold")
    func controls() {
        var random = SystemRandomNumberGenerator()
        for type in Array(UInt16(1)...262) + [32_769, 65_280, 65_535] {
            for _ in 0..<Self.recordsPerType {
                let length = Int.random(in: 0...40, using: &random)
                let bytes = (0..<length).map { _ in UInt8.random(in: 0...(Bool.random() ? 40 : 255), using: &random) }
                let data = Self.decoded(RecordType(rawValue: type), bytes)
                let text = DigData.text(data)
                #expect(text.unicodeScalars.allSatisfy { 0x20...0x7E ~= $0.value }, "\(type) \(bytes)")
            }
        }
    }

    @Test("a name has none either")
    func names() {
        let name: Name = "\\027[2J\\010.\\127\\200.example."
        let line = DigText.line(Record(name, ttl: 1, .cname(name)))
        #expect(line == "\\027[2J\\010.\\127\\200.example. 1\tIN\tCNAME\t\\027[2J\\010.\\127\\200.example.")
    }

    /// The data as a message brings it: of its type where it fits that.
    private static func decoded(_ type: RecordType, _ bytes: [UInt8]) -> RecordData {
        let head: [UInt8] = [0, 1, 0x80, 0, 0, 0, 0, 1, 0, 0, 0, 0]
        let code = [UInt8(type.rawValue >> 8), UInt8(type.rawValue & 255)]
        let record = [0] + code + [0, 1, 0, 0, 0, 1, 0, UInt8(bytes.count)]
        let message = (head + record + bytes).withUnsafeBytes { try? Message(decoding: $0) }
        return message?.answer.first?.data ?? .other(type, bytes)
    }
}
