/// A JSON string where it lies, without its quotes.
struct JSONText: KeyText {
    let bytes: UnsafeRawBufferPointer
    /// Whether there is a backslash in it.
    let hasEscapes: Bool

    /// Lets `switch` look for keys.
    @inline(__always)
    static func ~= (word: StaticString, text: JSONText) -> Bool { text.isEqual(to: word) }

    @inline(__always)
    func isEqual(to word: StaticString) -> Bool {
        hasEscapes ? isUnescapedEqual(to: word) : bytes.isEqual(to: word)
    }

    private func isUnescapedEqual(to word: StaticString) -> Bool {
        guard let plain = try? unescaped("a key") else { return false }
        return plain.withUnsafeBytes { $0.isEqual(to: word) }
    }

    /// The text, if it is one.
    @inline(__always)
    func string(_ path: StaticString) throws(ObjectFault) -> String {
        hasEscapes ? try unescapedString(path) : try String(utf8: bytes, path)
    }

    private func unescapedString(_ path: StaticString) throws(ObjectFault) -> String {
        guard let text = String(validating: try unescaped(path), as: UTF8.self) else { throw .notUTF8(path) }
        return text
    }

    /// What the escapes stand for (RFC 8259 §7).
    private func unescaped(_ path: StaticString) throws(ObjectFault) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            guard bytes[position] == .backslash else {
                plain.append(bytes[position])
                position += 1
                continue
            }
            guard position + 1 < bytes.count else { throw Self.malformed }
            if bytes[position + 1] == UInt8(ascii: "u") {
                let scalar = try scalar(at: &position, path)
                plain.append(contentsOf: String(Character(scalar)).utf8)
            } else {
                plain.append(try Self.byte(ofEscape: bytes[position + 1]))
                position += 2
            }
        }
        return plain
    }

    private static let malformed = ObjectFault.broken(.malformed("JSON", "a backslash in a string means nothing"))

    private static func byte(ofEscape letter: UInt8) throws(ObjectFault) -> UInt8 {
        switch letter {
        case .quote, .backslash, UInt8(ascii: "/"): return letter
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        default: throw malformed
        }
    }

    /// `\uNNNN`, or two of them that are one scalar together.
    private func scalar(at position: inout Int, _ path: StaticString) throws(ObjectFault) -> Unicode.Scalar {
        let first = try unit(at: &position)
        if let scalar = Unicode.Scalar(UInt32(first)) { return scalar }
        guard UTF16.isLeadSurrogate(first), position + 1 < bytes.count, bytes[position] == .backslash,
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw .notUTF8(path) }
        let second = try unit(at: &position)
        guard UTF16.isTrailSurrogate(second) else { throw .notUTF8(path) }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private func unit(at position: inout Int) throws(ObjectFault) -> UInt16 {
        let start = position + 2
        guard start + 4 <= bytes.count else { throw Self.malformed }
        var value: UInt16 = 0
        for index in start..<(start + 4) {
            guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue else { throw Self.malformed }
            value = value << 4 | UInt16(digit)
        }
        position = start + 4
        return value
    }
}
