/// An IPv4 or IPv6 address, sixteen bytes and a family, no allocation.
public struct IPAddress: Hashable, Sendable {
    /// Which record type carries the address.
    public enum Family: UInt8, Sendable { case v4, v6 }

    /// Which of the two it is.
    public let family: Family
    /// The first eight bytes in network order read as a number; 0 for IPv4.
    public let high: UInt64
    /// The last eight bytes in network order read as a number; the 32 bits of an IPv4 address.
    public let low: UInt64

    /// An IPv4 address from its 32 bits: `0x7F00_0001` is 127.0.0.1.
    @inlinable public init(v4: UInt32) {
        family = .v4
        high = 0
        low = UInt64(v4)
    }

    /// An IPv6 address from its two halves. IPv4-mapped addresses stay IPv6 here; see `unmapped`.
    @inlinable public init(high: UInt64, low: UInt64) {
        family = .v6
        self.high = high
        self.low = low
    }

    /// The 32 bits of an IPv4 address.
    @inlinable public var v4: UInt32 { UInt32(truncatingIfNeeded: low) }

    /// Whether it is ::ffff:a.b.c.d (RFC 4291 §2.5.5.2).
    @inlinable public var isMapped: Bool { family == .v6 && high == 0 && low >> 32 == 0xFFFF }

    /// The IPv4 address inside an IPv4-mapped one, anything else unchanged.
    @inlinable public var unmapped: IPAddress { isMapped ? IPAddress(v4: UInt32(truncatingIfNeeded: low)) : self }

    /// Writes 4 or 16 bytes in network order and returns their number.
    @inlinable public func store(to target: UnsafeMutableRawPointer) -> Int {
        if family == .v4 {
            target.storeBytes(of: v4.bigEndian, as: UInt32.self)
            return 4
        }
        target.storeBytes(of: high.bigEndian, as: UInt64.self)
        target.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        return 16
    }

    /// Reads 16 bytes in network order.
    @inlinable public init(v6At source: UnsafeRawPointer) {
        self.init(
            high: UInt64(bigEndian: source.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}

extension IPAddress {
    /// Reads dotted-quad or RFC 4291 §2.2 text: no leading zeros in IPv4, no zone, no prefix length.
    public init?(_ text: some StringProtocol) {
        var copy = String(text)
        guard let parsed = copy.withUTF8({ IPAddress(ascii: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = parsed
    }

    /// Reads an address from ASCII bytes without allocating; the strict forms that Go's `net.ParseIP` takes.
    public init?(ascii bytes: UnsafeRawBufferPointer) {
        if let v4 = IPAddress.parseV4(bytes) {
            self.init(v4: v4)
        } else {
            guard let v6 = IPAddress.parseV6(bytes) else { return nil }
            self = v6
        }
    }

    private static func parseV4(_ bytes: UnsafeRawBufferPointer) -> UInt32? {
        var value: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var parts = 0
        for index in 0..<bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: ".") {
                guard digits > 0, parts < 3 else { return nil }
                value = value << 8 | part
                (part, digits, parts) = (0, 0, parts &+ 1)
            } else {
                guard byte &- 0x30 < 10, !(digits > 0 && part == 0) else { return nil }
                part = part &* 10 &+ UInt32(byte &- 0x30)
                digits &+= 1
                guard part <= 255 else { return nil }
            }
        }
        return digits > 0 && parts == 3 ? value << 8 | part : nil
    }

    private static func parseV6(_ bytes: UnsafeRawBufferPointer) -> IPAddress? {
        var before = V6Groups()  // the groups before "::"
        var after = V6Groups()  // and behind it
        var sawGap = false
        var index = 0
        if bytes.count >= 2, bytes[0] == 0x3A, bytes[1] == 0x3A {
            sawGap = true
            index = 2
        }
        while index < bytes.count {
            guard let (count, group) = hexGroup(bytes[index...]) else { return nil }
            if index + count < bytes.count, bytes[index + count] == UInt8(ascii: ".") {
                guard let v4 = parseV4(UnsafeRawBufferPointer(rebasing: bytes[index...])) else { return nil }
                sawGap ? after.push(v4) : before.push(v4)
                index = bytes.count
                break
            }
            sawGap ? after.push(group) : before.push(group)
            guard before.count + after.count <= 8 else { return nil }
            index += count
            if index == bytes.count { break }
            guard bytes[index] == 0x3A, index + 1 < bytes.count else { return nil }
            index += 1
            if bytes[index] == 0x3A {
                guard !sawGap else { return nil }
                sawGap = true
                index += 1
            }
        }
        let total = before.count + after.count
        guard sawGap ? total < 8 : total == 8 else { return nil }
        let (high, low) = before.aligned(trailing: 8 - before.count)
        return IPAddress(high: high | after.high, low: low | after.low)
    }

    private static func hexGroup(_ bytes: Slice<UnsafeRawBufferPointer>) -> (count: Int, value: UInt16)? {
        var value: UInt16 = 0
        var count = 0
        for byte in bytes {
            let digit: UInt16
            switch byte {
            case 0x30...0x39: digit = UInt16(byte - 0x30)
            case 0x61...0x66: digit = UInt16(byte - 0x57)
            case 0x41...0x46: digit = UInt16(byte - 0x37)
            default: return count > 0 ? (count, value) : nil
            }
            guard count < 4 else { return nil }
            value = value << 4 | digit
            count += 1
        }
        return count > 0 ? (count, value) : nil
    }
}

/// Groups of an IPv6 text pushed in from the right of a 128-bit number.
private struct V6Groups {
    var high: UInt64 = 0
    var low: UInt64 = 0
    var count = 0

    mutating func push(_ group: UInt16) {
        high = high << 16 | low >> 48
        low = low << 16 | UInt64(group)
        count += 1
    }

    mutating func push(_ v4: UInt32) {
        push(UInt16(v4 >> 16))
        push(UInt16(truncatingIfNeeded: v4))
    }

    /// The groups moved left by `trailing` empty groups.
    func aligned(trailing: Int) -> (UInt64, UInt64) {
        var copy = self
        for _ in 0..<trailing { copy.push(UInt16(0)) }
        return (copy.high, copy.low)
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted quad, or the canonical IPv6 text of RFC 5952.
    public var description: String {
        String(unsafeUninitializedCapacity: Self.textLengthMax) { room in
            room.baseAddress.map { writeText(to: $0) } ?? 0
        }
    }
}
