/// Walks a message in the order of the wire, checking every bound; allocates nothing.
public struct MessageReader {
    /// The whole message.
    public let bytes: UnsafeRawBufferPointer
    /// Where the next read starts.
    public private(set) var offset: Int
    /// The header as it stands.
    public let header: Header

    /// Nil if there are fewer than the twelve bytes of a header.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Header.length, let base = bytes.baseAddress else { return nil }
        self.bytes = bytes
        offset = Header.length
        header = Header(
            id: base.bigEndian16(0), flags: HeaderFlags(rawValue: base.bigEndian16(2)),
            questionCount: base.bigEndian16(4), answerCount: base.bigEndian16(6), authorityCount: base.bigEndian16(8),
            additionalCount: base.bigEndian16(10))
    }

    /// Reads one question; its name lives in `scratch`. Nil if it is malformed or runs out.
    public mutating func readQuestion(_ scratch: inout NameScratch) -> QuestionView? {
        guard let (name, end) = scratch.read(bytes, at: offset), end + 4 <= bytes.count,
            let base = bytes.baseAddress
        else { return nil }
        offset = end + 4
        return QuestionView(
            name: name, type: RecordType(rawValue: base.bigEndian16(end)),
            class: RecordClass(rawValue: base.bigEndian16(end + 2)))
    }

    /// Reads one record of any section without looking into its data. Nil if it is malformed or runs out.
    public mutating func readRecord() -> RecordView? {
        guard let fixed = MessageReader.endOfName(bytes, at: offset), fixed + 10 <= bytes.count,
            let base = bytes.baseAddress
        else { return nil }
        let start = fixed + 10
        let end = start + Int(base.bigEndian16(fixed + 8))
        guard end <= bytes.count else { return nil }
        let record = RecordView(
            message: bytes, ownerOffset: offset, type: RecordType(rawValue: base.bigEndian16(fixed)),
            class: RecordClass(rawValue: base.bigEndian16(fixed + 2)), ttl: base.bigEndian32(fixed + 4),
            data: start..<end)
        offset = end
        return record
    }

    /// The offset behind the name at `offset`, without following pointers; nil if a label is malformed.
    public static func endOfName(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        var position = offset
        while position < bytes.count {
            let length = Int(bytes[position])
            switch length {
            case 0: return position + 1
            case 0xC0...: return position + 2 <= bytes.count ? position + 2 : nil
            case 1...Name.maximumLabelLength: position += 1 + length
            default: return nil
            }
            guard position - offset < Name.maximumLength else { return nil }
        }
        return nil
    }
}

/// A question in somebody else's memory.
public struct QuestionView {
    /// The name asked for.
    public var name: NameView
    /// The type.
    public var type: RecordType
    /// The class.
    public var `class`: RecordClass

    /// A question about a name that is already in some scratch.
    @inlinable public init(name: NameView, type: RecordType, class: RecordClass) {
        self.name = name
        self.type = type
        self.class = `class`
    }
}

/// A record in somebody else's message; its names may be compressed.
public struct RecordView {
    /// The message that pointers refer to.
    public let message: UnsafeRawBufferPointer
    /// Where in the message the owner's name starts.
    public let ownerOffset: Int
    /// The type.
    public let type: RecordType
    /// The class.
    public let `class`: RecordClass
    /// Seconds.
    public let ttl: UInt32
    /// Where in the message the record's data lies.
    public let data: Range<Int>

    /// The data as raw bytes.
    @inlinable public var dataBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: message[data]) }
}
