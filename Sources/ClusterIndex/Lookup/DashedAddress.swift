import DNSMessage

/// Labels that stand for addresses: `10-244-1-7`, `fd00--1`.
enum DashedAddress {
    /// Longest text of an address with dashes.
    static var maximumLength: Int { 48 }
    private static let dash = UInt8(ascii: "-")

    /// Writes the label of an endpoint without a name: the address with dashes, and a zero behind a final dash
    /// (`fd00--0`). Returns the number of bytes, no length byte among them.
    static func write(_ address: IPAddress, to target: UnsafeMutableRawPointer) -> Int {
        guard address.family == .v6 else { return writeV4(address.v4, to: target) }
        var count = writeV6(address, to: target)
        if target.load(fromByteOffset: count - 1, as: UInt8.self) == dash {
            target.storeByte(UInt8(ascii: "0"), at: count)
            count += 1
        }
        return count
    }

    private static func writeV4(_ address: UInt32, to target: UnsafeMutableRawPointer) -> Int {
        var count = 0
        var shift: UInt32 = 32
        while shift > 0 {
            shift -= 8
            let part = UInt8(truncatingIfNeeded: address >> shift)
            if part >= 100 { put(0x30 + part / 100, &count, target) }
            if part >= 10 { put(0x30 + part / 10 % 10, &count, target) }
            put(0x30 + part % 10, &count, target)
            if shift > 0 { put(dash, &count, target) }
        }
        return count
    }

    /// The text of RFC 5952 with dashes for colons.
    private static func writeV6(_ address: IPAddress, to target: UnsafeMutableRawPointer) -> Int {
        let gap = longestZeros(address)
        var count = 0
        var index = 0
        while index < 8 {
            if index == gap.lowerBound, !gap.isEmpty {
                put(dash, &count, target)
                if index == 0 { put(dash, &count, target) }
                index = gap.upperBound
                continue
            }
            writeHex(group(address, index), &count, target)
            index += 1
            if index < 8 { put(dash, &count, target) }
        }
        return count
    }

    private static func group(_ address: IPAddress, _ index: Int) -> UInt16 {
        let half = index < 4 ? address.high : address.low
        return UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index & 3)))
    }

    /// The longest run of at least two zero groups, the first of equals (RFC 5952 §4.2).
    private static func longestZeros(_ address: IPAddress) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0..<8 {
            guard group(address, index) == 0 else {
                start = index + 1
                continue
            }
            if index + 1 - start > max(best.count, 1) { best = start..<index + 1 }
        }
        return best
    }

    private static func writeHex(_ value: UInt16, _ count: inout Int, _ target: UnsafeMutableRawPointer) {
        var shift: UInt16 = 16
        while shift > 0 {
            shift -= 4
            let digit = UInt8(truncatingIfNeeded: value >> shift & 15)
            if value >> shift != 0 || shift == 0 { put(digit < 10 ? 0x30 + digit : 0x57 + digit, &count, target) }
        }
    }

    @inline(__always)
    private static func put(_ byte: UInt8, _ count: inout Int, _ target: UnsafeMutableRawPointer) {
        target.storeByte(byte, at: count)
        count += 1
    }

    /// Reads a label as `pods` does: exactly three single dashes stand for dots, otherwise each dash is a colon.
    static func parse(_ label: UnsafeRawBufferPointer) -> IPAddress? {
        guard label.count < maximumLength else { return nil }
        var dashes = 0
        var isDouble = false
        for index in 0..<label.count where label[index] == dash {
            dashes += 1
            if index > 0, label[index - 1] == dash { isDouble = true }
        }
        guard dashes > 0 else { return nil }
        let separator = dashes == 3 && !isDouble ? UInt8(ascii: ".") : UInt8(ascii: ":")
        return withUnsafeTemporaryAllocation(byteCount: maximumLength, alignment: 8) { buffer in
            for index in 0..<label.count { buffer[index] = label[index] == dash ? separator : label[index] }
            return IPAddress(ascii: UnsafeRawBufferPointer(rebasing: buffer[..<label.count]))
        }
    }

    /// Reads the label that `write` makes of an address, and no other spelling of it.
    static func parseExactly(_ label: UnsafeRawBufferPointer) -> IPAddress? {
        guard let address = parse(label)?.unmapped else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: maximumLength, alignment: 8) { buffer in
            let base = buffer.baseAddress.unsafelyUnwrapped
            let count = write(address, to: base)
            guard count == label.count, let other = label.baseAddress else { return nil }
            return equalBytes(base, other, count: count) ? address : nil
        }
    }

    /// Whether a label is an address as `pods verified` wants it: canonical text, dashes for its dots or colons.
    static func isPodSpelling(_ label: UnsafeRawBufferPointer, of address: IPAddress) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: maximumLength, alignment: 8) { buffer in
            let base = buffer.baseAddress.unsafelyUnwrapped
            let count = address.family == .v4 ? writeV4(address.v4, to: base) : writeV6(address, to: base)
            guard count == label.count, let other = label.baseAddress else { return false }
            return equalBytes(base, other, count: count)
        }
    }

    /// Whether a label, given with its length byte, is the one that `write` makes of an address.
    static func isLabel(_ label: UnsafeRawPointer, of address: IPAddress) -> Bool {
        parseExactly(UnsafeRawBufferPointer(start: label + 1, count: Int(label.byte(0)))) == address
    }
}
