/// A protobuf message, written field by field.
struct Message {
    private(set) var bytes: [UInt8] = []

    func number(_ field: Int, _ value: Int) -> Message {
        appending(Self.varint(UInt64(field << 3)) + Self.varint(UInt64(bitPattern: Int64(value))))
    }

    func bytes(_ field: Int, _ value: [UInt8]) -> Message {
        appending(Self.varint(UInt64(field << 3 | 2)) + Self.varint(UInt64(value.count)) + value)
    }

    func text(_ field: Int, _ value: String) -> Message { bytes(field, Array(value.utf8)) }

    func message(_ field: Int, _ value: Message) -> Message { bytes(field, value.bytes) }

    func appending(_ more: [UInt8]) -> Message {
        var copy = self
        copy.bytes += more
        return copy
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

extension Message {
    /// ObjectMeta of an object `a/b` in version 1.
    static let metadata = Message().text(1, "b").text(3, "a").text(6, "1")

    /// The envelope around an object.
    static func envelope(_ kind: String, _ object: Message) -> [UInt8] {
        let type = Message().text(1, "v1").text(2, kind)
        return Array("k8s\0".utf8) + Message().message(1, type).message(2, object).bytes
    }

    /// A frame with an event.
    static func frame(_ type: String, _ kind: String, _ object: Message) -> [UInt8] {
        let event = Message().text(1, type).message(2, Message().bytes(1, envelope(kind, object)))
        let length = UInt32(event.bytes.count)
        return (0..<4).map { UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * $0)) } + event.bytes
    }
}
