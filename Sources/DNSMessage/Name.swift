/// A domain name that owns its bytes: labels in wire form, spelled as given, compared without regard to case
/// (RFC 4343).
public struct Name: Sendable {
    /// Longest name on the wire, root label included (RFC 1035 §3.1).
    @inlinable public static var maximumLength: Int { 255 }
    /// Longest label (RFC 1035 §2.3.4).
    @inlinable public static var maximumLabelLength: Int { 63 }
    /// Most labels a name can have, the root not counted.
    @inlinable public static var maximumLabelCount: Int { 127 }

    /// Length-prefixed labels, the root's zero last, never compressed.
    public let wire: [UInt8]

    /// The root, `.`.
    public static let root = Name(uncheckedWire: [0])

    /// Takes wire bytes that are known to be one whole legal name.
    @usableFromInline init(uncheckedWire wire: [UInt8]) { self.wire = wire }

    /// Reads presentation text: labels between dots, `\.` and `\DDD` escapes, with or without the final dot.
    public init(_ text: some StringProtocol) throws(NameError) {
        try self.init(presentation: Array(text.utf8)[...])
    }

    /// Reads presentation text that may not be UTF-8.
    public init(presentation text: ArraySlice<UInt8>) throws(NameError) {
        guard !text.isEmpty else { throw .emptyLabel }
        var wire: [UInt8] = []
        var label: [UInt8] = []
        var bytes = text
        if bytes.elementsEqual([UInt8(ascii: ".")]) { bytes = [] }
        var endedWithDot = true
        while let byte = bytes.popFirst() {
            endedWithDot = byte == UInt8(ascii: ".")
            if endedWithDot {
                try Name.append(label, to: &wire)
                label = []
            } else {
                label.append(byte == UInt8(ascii: "\\") ? try Name.unescape(&bytes) : byte)
            }
        }
        if !endedWithDot { try Name.append(label, to: &wire) }
        wire.append(0)
        guard wire.count <= Self.maximumLength else { throw .tooLong }
        self.wire = wire
    }

    private static func append(_ label: [UInt8], to wire: inout [UInt8]) throws(NameError) {
        guard !label.isEmpty else { throw .emptyLabel }
        guard label.count <= maximumLabelLength else { throw .labelTooLong }
        wire.append(UInt8(label.count))
        wire += label
    }

    private static func unescape(_ bytes: inout ArraySlice<UInt8>) throws(NameError) -> UInt8 {
        guard let first = bytes.popFirst() else { throw .badEscape }
        guard first &- 0x30 < 10 else { return first }
        guard let second = bytes.popFirst(), let third = bytes.popFirst(), second &- 0x30 < 10, third &- 0x30 < 10,
            let value = UInt8(exactly: Int(first - 0x30) * 100 + Int(second - 0x30) * 10 + Int(third - 0x30))
        else { throw .badEscape }
        return value
    }

    /// Copies the name that a view shows, spelled as there.
    public init(_ view: NameView) {
        wire = Array(UnsafeRawBufferPointer(start: view.spelled, count: view.length))
    }

    /// Number of labels, the root not counted.
    public var labelCount: Int { labels.count }

    /// The labels from left to right, without their length bytes and without the root.
    public var labels: [ArraySlice<UInt8>] {
        var found: [ArraySlice<UInt8>] = []
        var start = 0
        while wire[start] != 0 {
            let end = start + 1 + Int(wire[start])
            found.append(wire[start + 1..<end])
            start = end
        }
        return found
    }

    /// The same name in lower case. Length bytes are below 64 and so never look like letters.
    public var folded: Name { Name(uncheckedWire: wire.map(foldedByte)) }

    /// Whether the name is `zone` or lies below it.
    public func isSubdomain(of zone: Name) -> Bool {
        var start = 0
        while wire.count - start > zone.wire.count { start += 1 + Int(wire[start]) }
        return wire.count - start == zone.wire.count
            && zip(wire[start...], zone.wire).allSatisfy {
                foldedByte($0) == foldedByte($1)
            }
    }

    /// The name one label up; nil for the root.
    public var parent: Name? {
        wire[0] == 0 ? nil : Name(uncheckedWire: Array(wire[(1 + Int(wire[0]))...]))
    }

    /// This name's labels followed by those of `suffix`.
    public func appending(_ suffix: Name) throws(NameError) -> Name {
        let joined = wire.dropLast() + suffix.wire
        guard joined.count <= Self.maximumLength else { throw .tooLong }
        return Name(uncheckedWire: Array(joined))
    }
}

/// Why a text or some bytes are no domain name.
public enum NameError: Error, Hashable, CustomStringConvertible {
    case emptyLabel, labelTooLong, tooLong, badEscape

    /// One clause, without a final stop.
    public var description: String {
        switch self {
        case .emptyLabel: "a label is empty"
        case .labelTooLong: "a label is longer than \(Name.maximumLabelLength) bytes"
        case .tooLong: "the name is longer than \(Name.maximumLength) bytes"
        case .badEscape: "a backslash must be followed by a character or three digits up to 255"
        }
    }
}

extension Name: Hashable {
    /// Equal but for case (RFC 4343).
    public static func == (a: Name, b: Name) -> Bool {
        a.wire.count == b.wire.count && zip(a.wire, b.wire).allSatisfy { foldedByte($0) == foldedByte($1) }
    }

    /// The same for names that differ in case.
    public func hash(into hasher: inout Hasher) {
        for byte in wire { hasher.combine(foldedByte(byte)) }
    }
}

extension Name: CustomStringConvertible {
    /// Presentation text with the final dot, escaped as in RFC 4343 §2.1.
    public var description: String {
        wire.withUnsafeBytes { NameText.text(wire: $0.baseAddress.unsafelyUnwrapped) }
    }
}

extension Name: ExpressibleByStringLiteral {
    /// For names written in source code; traps on an illegal one.
    public init(stringLiteral text: String) {
        do {
            try self.init(text)
        } catch {
            preconditionFailure("\(text): \(error)")
        }
    }
}

/// Presentation text of names in wire form.
public enum NameText {
    /// Longest text: every byte of a longest name as `\DDD`, and a dot a label.
    public static let maximumLength = 4 * Name.maximumLength

    /// The text of an uncompressed wire name.
    public static func text(wire: UnsafeRawPointer) -> String {
        String(unsafeUninitializedCapacity: maximumLength) { write(wire: wire, to: $0.baseAddress.unsafelyUnwrapped) }
    }

    /// Writes the text into a buffer of at least `maximumLength` bytes, no terminator; returns its length.
    public static func write(wire: UnsafeRawPointer, to target: UnsafeMutablePointer<UInt8>) -> Int {
        var offset = 0
        var count = 0
        while wire.byte(offset) != 0 {
            let length = Int(wire.byte(offset))
            for index in 0..<length { count += put(wire.byte(offset + 1 + index), at: target + count) }
            target[count] = UInt8(ascii: ".")
            count += 1
            offset += 1 + length
        }
        if count == 0 {
            target[0] = UInt8(ascii: ".")
            count = 1
        }
        return count
    }

    private static func put(_ byte: UInt8, at target: UnsafeMutablePointer<UInt8>) -> Int {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "\\"), UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"),
            UInt8(ascii: ";"), UInt8(ascii: "@"), UInt8(ascii: "$"), UInt8(ascii: " "), UInt8(ascii: "'"):
            target[0] = UInt8(ascii: "\\")
            target[1] = byte
            return 2
        case 0x21...0x7E:
            target[0] = byte
            return 1
        default:
            target[0] = UInt8(ascii: "\\")
            target[1] = 0x30 + byte / 100
            target[2] = 0x30 + byte / 10 % 10
            target[3] = 0x30 + byte % 10
            return 4
        }
    }
}
