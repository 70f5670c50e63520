/// Eight bytes at a time in one word; the first byte is the lowest. Marks are the highest bits of bytes.
enum ByteLanes {
    static let count = MemoryLayout<UInt64>.size
    static let marks: UInt64 = 0x8080_8080_8080_8080
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    @inline(__always)
    static func load(_ bytes: UnsafeRawBufferPointer, at position: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    /// Whether no byte has its highest bit set.
    @inline(__always)
    static func areASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var seen: UInt64 = 0
        var position = 0
        while position &+ count <= bytes.count {
            seen |= load(bytes, at: position)
            position &+= count
        }
        while position < bytes.count {
            seen |= UInt64(bytes[position])
            position &+= 1
        }
        return seen & marks == 0
    }

    @inline(__always)
    static func all(_ byte: UInt8) -> UInt64 { UInt64(byte) &* ones }

    /// Marks exactly the bytes that are equal.
    @inline(__always)
    static func marks(_ word: UInt64, equalTo byte: UInt8) -> UInt64 {
        let difference = word ^ all(byte)
        return ~(((difference & ~marks) &+ ~marks) | difference | ~marks)
    }

    /// Marks the first byte that is equal; marks above it mean nothing.
    @inline(__always)
    static func firstMark(_ word: UInt64, equalTo byte: UInt8) -> UInt64 {
        let difference = word ^ all(byte)
        return (difference &- ones) & ~difference & marks
    }

    /// How many bytes are marked.
    @inline(__always)
    static func count(of marked: UInt64) -> Int { Int(((marked >> 7) &* ones) >> 56) }

    /// The place of the first mark.
    @inline(__always)
    static func first(_ marked: UInt64) -> Int { marked.trailingZeroBitCount >> 3 }

    /// Marks the bytes with an odd number of marks up to and including their own.
    @inline(__always)
    static func parity(_ marked: UInt64) -> UInt64 {
        var parity = marked
        parity ^= parity << 8
        parity ^= parity << 16
        parity ^= parity << 32
        return parity
    }
}

extension UInt8 {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let lineFeed = UInt8(ascii: "\n")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")

    /// Between the tokens of JSON (RFC 8259 §2).
    @inline(__always)
    var isSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }

    /// Whether a number, `true`, `false` or `null` ends before it.
    @inline(__always)
    var endsScalar: Bool {
        switch self {
        case .comma, .colon, .openBrace, .closeBrace, .openBracket, .closeBracket, .quote: true
        default: isSpace
        }
    }
}
