// The protobuf wire format, as far as Kubernetes uses it: varints and length-delimited fields.

extension ByteWriter {
    private static let lengthDelimited: UInt64 = 2

    mutating func varint(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    mutating func field(_ number: UInt64, _ value: Int64) {
        varint(number << 3)
        varint(UInt64(bitPattern: value))
    }

    mutating func field(_ number: UInt64, _ value: Bool) {
        varint(number << 3)
        append(value ? 1 : 0)
    }

    mutating func field(_ number: UInt64, _ value: String) {
        varint(number << 3 | Self.lengthDelimited)
        varint(UInt64(value.utf8.count))
        append(text: value)
    }

    /// A field whose content is written elsewhere, right behind this.
    mutating func fieldHeader(_ number: UInt64, length: Int) {
        varint(number << 3 | Self.lengthDelimited)
        varint(UInt64(length))
    }

    /// An embedded message.
    mutating func message(_ number: UInt64, _ write: (inout ByteWriter) -> Void) {
        varint(number << 3 | Self.lengthDelimited)
        let start = count
        write(&self)
        let length = UInt64(count - start)
        let place = open(Self.varintLength(length), at: start)
        var (rest, offset) = (length, 0)
        while rest >= 0x80 {
            place.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, toByteOffset: offset, as: UInt8.self)
            rest >>= 7
            offset += 1
        }
        place.storeBytes(of: UInt8(rest), toByteOffset: offset, as: UInt8.self)
    }

    /// Entries of a `map<string, string>`, in the order of their keys.
    mutating func map(_ number: UInt64, _ entries: [String: String]) {
        for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
            message(number) {
                $0.field(1, key)
                $0.field(2, value)
            }
        }
    }

    static func varintLength(_ number: UInt64) -> Int {
        max(1, (UInt64.bitWidth - number.leadingZeroBitCount + 6) / 7)
    }

    /// The length of a length-delimited field, tag and all, whose number is below 16.
    static func fieldLength(_ length: Int) -> Int { 1 + varintLength(UInt64(length)) + length }
}
