import Testing

@testable import YAML

/// What happens to bytes before libyaml sees them.
struct InputTests {
    /// What is passed on, value by value, in chunks of a size.
    private func passed(_ text: [UInt8], chunk: Int) -> (texts: [String], fault: String?) {
        let input = YAMLInput(.bytes(text), chunkSize: chunk)
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: chunk)
        defer { buffer.deallocate() }
        var texts: [String] = []
        repeat {
            var bytes: [UInt8] = []
            while let count = input.read(into: buffer), count > 0 { bytes += buffer[..<count] }
            texts.append(String(decoding: bytes, as: UTF8.self))
        } while input.startNextValue() != nil
        return (texts, input.fault.map { "\($0.position.line):\($0.position.column): \($0.message)" })
    }

    @Test(
        "passes on the same, wherever a chunk ends",
        arguments: [
            (
                #"{"a": "\ud83d\ude00\uD83D\uDE00", "b": "\\ud83d\ude00", "c": "\ud83d"}"#,
                [##"{"a": "\U0001F600\U0001F600", "b": "\\ud83d\uFFFD", "c": "\uFFFD"}"##]
            ),
            (
                #"{'a': '\ud83d', b: \ud83d, # "\ud83d"# + "\n\"c\": 1}",
                ["{'a': '\\ud83d', b: \\ud83d, # \"\\ud83d\n\"c\": 1}"]
            ),
            ("{\"a\": \"€ü𝄞\"} {\"b\": \"}{\"}\n[{}]", ["{\"a\": \"€ü𝄞\"} ", "{\"b\": \"}{\"}\n", "[{}]"]),
            ("[\"\u{7F}\u{80}\u{85}\u{FFFF}\u{FEFF}\"]", ["[\"?¿\u{85}\u{FFFD}\u{FFFD}\"]"]),
            ("a: €ü𝄞\r\nb: '\\ud83d\\ude00' {} {}\n", ["a: €ü𝄞\r\nb: '\\ud83d\\ude00' {} {}\n"]),
            (#"{"a": "\u"#, [#"{"a": "\u"#]),
        ])
    func passesChunks(_ text: String, _ expected: [String]) {
        for chunk in 13...64 {
            let result = passed(Array(text.utf8), chunk: chunk)
            #expect(result.texts == expected, "in chunks of \(chunk)")
            #expect(result.fault == nil)
        }
    }

    @Test("ends at the first byte that is no text, wherever a chunk ends")
    func endsAtFault() {
        for chunk in 13...64 {
            let result = passed(Array("a: €ü𝄞\n# 𝄞𝄞: ".utf8) + [0xF0, 0x9D, 0x84], chunk: chunk)
            #expect(result.texts == ["a: €ü𝄞\n# 𝄞𝄞: "])
            #expect(result.fault == "2:7: holds the byte 0xF0, which is not UTF-8 text here")
        }
    }
}
