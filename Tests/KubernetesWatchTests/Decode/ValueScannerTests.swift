import TestSupport
import Testing

@testable import KubernetesWatch

@Suite("The end of a JSON value") struct ValueScannerTests {
    @Test(
        "is found",
        arguments: [
            ("{} ", 2), ("[]", 2), ("[{}],", 4), ("{\"}\":\"]\"}x", 9), ("{\"\\\"}\":1}", 9), ("[\"\\\\\"]", 6),
            ("\"\"", 2),
            ("\"a\\\"\",", 5), ("12,", 2), ("true}", 4), ("null ", 4), ("-1.5e3]", 6),
            ("{\"12345678\":[[[[[[[[]]]]]]]]}", 29),
            ("12", nil), ("{", nil), ("\"\\\"", nil), ("[\"]", nil), ("[\\]]", 3),
        ] as [(String, Int?)])
    func ends(text: String, end: Int?) throws {
        var scanner = ValueScanner()
        let bytes = Array(text.utf8)
        let found = try bytes.withUnsafeBytes { try scanner.scan($0) }
        #expect(found == end)
        #expect(scanner.isInside == (end == nil))
    }

    @Test(
        "is not looked for behind the line in which a string was left open",
        arguments: ["{\"type\":\"ADDED\",\"obj\n{\"type\":\"ADDED\"}\n", "{\"\n", "[\"12345678\n12345678"])
    func openString(text: String) {
        var scanner = ValueScanner()
        #expect(throws: DecodingFault.self) {
            try Array(text.utf8).withUnsafeBytes { bytes in _ = try scanner.scan(bytes) }
        }
    }

    @Test("is where one finds it byte by byte, whatever is between")
    func random() throws {
        var numbers = SeededRandom(1)
        let alphabet = Array("[]{}\"\\a,:  0[{]}é\u{7F}\u{80}\u{FB}\u{FD}".utf8)
        for _ in 0..<3000 {
            let length = Int.random(in: 0...60, using: &numbers)
            let body = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &numbers)] }
            let bytes = [UInt8(ascii: "{")] + body
            let expected = Self.end(of: bytes)
            for cut in [0, length / 3, length / 2] {
                var scanner = ValueScanner()
                var end: Int?
                for part in [bytes[..<cut], bytes[cut...]] where end == nil {
                    end = try part.withUnsafeBytes { try scanner.scan($0) }
                        .map { $0 + part.startIndex }
                }
                #expect(end == expected)
            }
        }
    }

    /// The slow way.
    private static func end(of bytes: [UInt8]) -> Int? {
        var depth = 0
        var isInString = false
        var index = 0
        while index < bytes.count {
            let character = bytes[index]
            index += 1
            if isInString {
                if character == UInt8(ascii: "\\") { index += 1 }
                if character == UInt8(ascii: "\"") { isInString = false }
                continue
            }
            if character == UInt8(ascii: "\"") { isInString = true }
            if character == UInt8(ascii: "{") || character == UInt8(ascii: "[") { depth += 1 }
            if character == UInt8(ascii: "}") || character == UInt8(ascii: "]") { depth -= 1 }
            if depth == 0 { return index }
        }
        return nil
    }
}
