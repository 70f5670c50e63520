import DNSMessage

/// Data in the form that serves every type: `\# 4 7F000001` (RFC 3597 §5).
enum UnknownData {
    /// The word that opens it.
    static let mark = Array("\\#".utf8)

    /// The text of some data.
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        let hexadecimal = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "\\# \(bytes.count)" + (bytes.isEmpty ? "" : " " + String(decoding: hexadecimal, as: UTF8.self))
    }

    /// Reads the mark, a length, and that many bytes in any number of words.
    static func data(_ words: [ArraySlice<UInt8>], _ type: RecordType) throws(ZoneFileError.Reason) -> RecordData {
        let digits = Array(words.dropFirst(2).joined())
        guard words.count >= 2, words[1].allSatisfy({ $0 &- 0x30 < 10 }),
            let length = UInt16(String(decoding: words[1], as: UTF8.self)), digits.count == 2 * Int(length),
            let bytes = bytes(digits)
        else { throw .badUnknownData(type) }
        return try RecordDataText.checked(.other(type, bytes))
    }

    private static func bytes(_ digits: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Character(Unicode.Scalar(digits[index])).hexDigitValue,
                let low = Character(Unicode.Scalar(digits[index + 1])).hexDigitValue
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
