/// A name in somebody else's memory, as spelled and in lower case, with its label boundaries. Costs nothing to pass on;
/// valid as long as the `NameScratch` and the message it was read from.
public struct NameView {
    /// Wire bytes as the sender spelled them, uncompressed.
    public let spelled: UnsafeRawPointer
    /// The same bytes in lower case. Behind each of them seven more may be read, whatever they are.
    public let folded: UnsafeRawPointer
    /// Offset of each label's length byte, the root's last.
    public let labelStarts: UnsafePointer<UInt8>
    /// Number of labels, the root not counted.
    public let labelCount: Int
    /// Bytes on the wire, root included.
    public let length: Int

    @usableFromInline
    init(
        spelled: UnsafeRawPointer, folded: UnsafeRawPointer, labelStarts: UnsafePointer<UInt8>, labelCount: Int,
        length: Int
    ) {
        self.spelled = spelled
        self.folded = folded
        self.labelStarts = labelStarts
        self.labelCount = labelCount
        self.length = length
    }

    /// Offset of the length byte of label `index`; `labelCount` gives the root's.
    @inlinable public func start(ofLabel index: Int) -> Int { Int(labelStarts[index]) }

    /// Label `index` from the left in lower case, without its length byte.
    @inlinable public func label(_ index: Int) -> UnsafeRawBufferPointer {
        let start = self.start(ofLabel: index)
        return UnsafeRawBufferPointer(start: folded + start + 1, count: Int(folded.byte(start)))
    }

    /// Lower-case wire bytes of the labels in `range`, without the root.
    @inlinable public func labels(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        let start = self.start(ofLabel: range.lowerBound)
        return UnsafeRawBufferPointer(start: folded + start, count: self.start(ofLabel: range.upperBound) - start)
    }

    /// Whether the name is `zone`, given in lower-case wire form, or lies below it.
    @inlinable public func isSubdomain(ofFolded zone: UnsafeRawBufferPointer, labelCount zoneLabels: Int) -> Bool {
        guard labelCount >= zoneLabels else { return false }
        let start = self.start(ofLabel: labelCount - zoneLabels)
        return length - start == zone.count
            && equalBytes(folded + start, zone.baseAddress.unsafelyUnwrapped, count: zone.count)
    }
}

/// Compares two runs of bytes, eight at a time; the last word overlaps the one before.
@inlinable
public func equalBytes(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, count: Int) -> Bool {
    if count >= 8 {
        var index = 0
        while index < count &- 8 {
            guard equalWords(a, b, at: index) else { return false }
            index &+= 8
        }
        return equalWords(a, b, at: count &- 8)
    }
    for index in 0..<count where a.byte(index) != b.byte(index) { return false }
    return true
}

@inlinable @inline(__always)
func equalWords(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer, at index: Int) -> Bool {
    a.loadUnaligned(fromByteOffset: index, as: UInt64.self) == b.loadUnaligned(fromByteOffset: index, as: UInt64.self)
}

extension NameView: CustomStringConvertible {
    /// Presentation text as spelled, with the final dot.
    public var description: String { NameText.text(wire: spelled) }
}

/// Room for one name read from a message: its lower-case copy, label boundaries and, if it was compressed, its
/// spelling.
public struct NameScratch: ~Copyable {
    /// Pointers followed in one name: one behind each label of the longest name; more is an attack.
    @inlinable public static var pointerHopsMax: Int { Name.maximumLabelCount }

    private let memory: UnsafeMutableRawPointer
    // Three areas: folded bytes, spelled bytes (only for compressed names), label starts. A word may be read at every
    // byte of a longest name.
    private static let area = 256 + 8

    /// Allocates the three areas once.
    public init() {
        memory = .allocate(byteCount: 3 * Self.area, alignment: 8)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: 3 * Self.area)
    }

    deinit { memory.deallocate() }

    private var folded: UnsafeMutableRawPointer { memory }
    private var spelled: UnsafeMutableRawPointer { memory + Self.area }
    private var starts: UnsafeMutablePointer<UInt8> {
        (memory + 2 * Self.area).assumingMemoryBound(to: UInt8.self)
    }

    /// Reads the name at `offset` and returns it with the offset behind it; nil if it is malformed or runs out.
    public mutating func read(
        _ message: UnsafeRawBufferPointer, at offset: Int
    ) -> (name: NameView, end: Int)? {
        guard let base = message.baseAddress else { return nil }
        // A legal name ends before this; the bound also keeps `starts` inside its area.
        let limit = min(message.count, offset + Name.maximumLength)
        let starts = self.starts
        var position = offset
        var labelCount = 0
        while position < limit {
            let length = Int(base.byte(position))
            starts[labelCount] = UInt8(truncatingIfNeeded: position &- offset)
            guard length <= Name.maximumLabelLength else {
                return readCompressed(message, at: offset)
            }
            if length == 0 {
                let end = position + 1
                return (view(spelled: base + offset, labelCount: labelCount, length: end - offset), end)
            }
            labelCount &+= 1
            position &+= 1 &+ length
        }
        return nil
    }

    /// The uncompressed name in wire form at `wire`, which is known to be legal.
    public mutating func read(wire: UnsafeRawPointer) -> NameView {
        var length = 0
        while wire.byte(length) != 0 { length += 1 + Int(wire.byte(length)) }
        guard let view = read(UnsafeRawBufferPointer(start: wire, count: length + 1), at: 0)?.name else {
            preconditionFailure("the caller has checked the name")
        }
        return view
    }

    /// The same with the bytes copied, so that the view does not depend on them.
    public mutating func read(copying wire: UnsafeRawPointer) -> NameView {
        var length = 1
        while wire.byte(length - 1) != 0, length < Name.maximumLength { length += 1 + Int(wire.byte(length - 1)) }
        spelled.copyMemory(from: wire, byteCount: min(length, Name.maximumLength))
        return read(wire: spelled)
    }

    /// The name that `wire` spells, for code that asks about a name of its own.
    public mutating func read(_ name: Name) -> NameView {
        let view = name.wire.withUnsafeBytes { bytes in
            spelled.copyMemory(from: bytes.baseAddress.unsafelyUnwrapped, byteCount: bytes.count)
            return read(UnsafeRawBufferPointer(start: spelled, count: bytes.count), at: 0)
        }
        guard let view else { preconditionFailure("a Name holds one legal name") }
        return view.name
    }

    private mutating func readCompressed(
        _ message: UnsafeRawBufferPointer, at offset: Int
    ) -> (name: NameView, end: Int)? {
        var position = offset
        var end: Int?
        var count = 0
        var labelCount = 0
        var hops = 0
        while position < message.count {
            let length = Int(message[position])
            if length >= 0xC0 {
                guard position + 1 < message.count, hops < Self.pointerHopsMax else { return nil }
                let target = (length & 0x3F) << 8 | Int(message[position + 1])
                guard target < position else { return nil }
                end = end ?? position + 2
                position = target
                hops += 1
                continue
            }
            guard length <= Name.maximumLabelLength, position + 1 + length <= message.count,
                count + 1 + length <= Name.maximumLength
            else { return nil }
            starts[labelCount] = UInt8(count)
            spelled.advanced(by: count).copyMemory(
                from: message.baseAddress.unsafelyUnwrapped + position, byteCount: 1 + length)
            count += 1 + length
            position += 1 + length
            if length == 0 {
                return (
                    view(spelled: UnsafeRawPointer(spelled), labelCount: labelCount, length: count), end ?? position
                )
            }
            labelCount += 1
        }
        return nil
    }

    @inline(__always)
    private func fold(_ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer, at index: Int) {
        let word = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        target.storeBytes(of: foldedWord(word), toByteOffset: index, as: UInt64.self)
    }

    private func view(spelled: UnsafeRawPointer, labelCount: Int, length: Int) -> NameView {
        let folded = self.folded
        if length >= 8 {
            // The last word overlaps the one before, so that no byte is left over.
            var index = 0
            while index < length &- 8 {
                fold(spelled, folded, at: index)
                index &+= 8
            }
            fold(spelled, folded, at: length &- 8)
        } else {
            for index in 0..<length { folded.storeByte(foldedByte(spelled.byte(index)), at: index) }
        }
        return NameView(
            spelled: spelled, folded: UnsafeRawPointer(folded), labelStarts: UnsafePointer(starts),
            labelCount: labelCount, length: length)
    }
}
