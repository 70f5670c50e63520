/// Reads the fields of one protobuf message. What is wrong in it concerns this message: its end is known from outside.
struct ProtobufReader {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The number and the wire type of a field.
    struct Field {
        let number: UInt32
        let wire: UInt8
    }

    private static let malformed = ObjectFault.unusable(DecodingFault("a protobuf field does not end where it should"))

    /// The next field, whose value must be read or skipped; nil at the end.
    @inline(__always)
    mutating func next() throws(ObjectFault) -> Field? {
        guard position < bytes.count else { return nil }
        let tag = try varint()
        guard tag >> 3 != 0, tag <= UInt32.max else { throw Self.malformed }
        return Field(number: UInt32(truncatingIfNeeded: tag >> 3), wire: UInt8(truncatingIfNeeded: tag & 7))
    }

    @inline(__always)
    private mutating func varint() throws(ObjectFault) -> UInt64 {
        guard position < bytes.count else { throw Self.malformed }
        let first = bytes[position]
        guard first >= 0x80 else {
            position &+= 1
            return UInt64(first)
        }
        return try longVarint()
    }

    private mutating func longVarint() throws(ObjectFault) -> UInt64 {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
        guard let value = Varint(rest) else { throw Self.malformed }
        position += value.count
        return value.number
    }

    /// The bytes of a string, a message or bytes.
    @inline(__always)
    mutating func bytes(_ field: Field, _ path: StaticString) throws(ObjectFault) -> UnsafeRawBufferPointer {
        guard field.wire == 2 else { throw .wrongType(path, "a string or a message") }
        let count = try varint()
        guard count <= UInt64(bytes.count &- position) else { throw Self.malformed }
        let start = position
        position &+= Int(truncatingIfNeeded: count)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<position])
    }

    /// A message inside.
    @inline(__always)
    mutating func message(_ field: Field, _ path: StaticString) throws(ObjectFault) -> ProtobufReader {
        ProtobufReader(try bytes(field, path))
    }

    /// A string.
    @inline(__always)
    mutating func text(_ field: Field, _ path: StaticString) throws(ObjectFault) -> String {
        try String(utf8: try bytes(field, path), path)
    }

    /// An int32 or int64.
    mutating func number(_ field: Field, _ path: StaticString) throws(ObjectFault) -> Int {
        guard field.wire == 0 else { throw .wrongType(path, "a whole number") }
        return Int(Int64(bitPattern: try varint()))
    }

    /// A bool.
    @inline(__always)
    mutating func bool(_ field: Field, _ path: StaticString) throws(ObjectFault) -> Bool {
        guard field.wire == 0 else { throw .wrongType(path, "true or false") }
        return try varint() != 0
    }

    /// Goes behind a value that nobody needs.
    @inline(__always)
    mutating func skip(_ field: Field) throws(ObjectFault) {
        switch field.wire {
        case 0: _ = try varint()
        case 1: try skip(8)
        case 2: _ = try bytes(field, "the field")
        case 5: try skip(4)
        default: throw Self.malformed
        }
    }

    private mutating func skip(_ count: Int) throws(ObjectFault) {
        guard count <= bytes.count - position else { throw Self.malformed }
        position += count
    }

    /// How many fields of a number there are, up to what is malformed.
    func count(of number: UInt32) -> Int {
        var copy = self
        var count = 0
        // Each turn uses up at least a byte.
        while let field = try? copy.next() {
            if field.number == number { count += 1 }
            guard (try? copy.skip(field)) != nil else { break }
        }
        return count
    }
}

/// A base-128 number at the front of some bytes.
struct Varint {
    let number: UInt64
    /// Bytes that it takes.
    let count: Int

    /// Nil if it does not end, or does not fit 64 bits.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var value: UInt64 = 0
        for index in 0..<min(bytes.count, DecodingLimits.varintBytesMax) {
            let byte = bytes[index]
            value |= UInt64(byte & 0x7F) << UInt64(7 * index)
            guard byte < 0x80 else { continue }
            guard index < DecodingLimits.varintBytesMax - 1 || byte <= 1 else { return nil }
            number = value
            count = index + 1
            return
        }
        return nil
    }
}
