extension IPAddress {
    /// Length of the longest text, in bytes.
    public static let textLengthMax = 39

    /// Writes the text of `description`, without allocating; returns its length.
    public func writeText(to target: UnsafeMutablePointer<UInt8>) -> Int {
        var text = AddressText(target)
        if family == .v4 {
            text.put(v4: v4)
        } else if isMapped {
            for byte in "::ffff:".utf8 { text.put(byte) }
            text.put(v4: UInt32(truncatingIfNeeded: low))
        } else {
            putGroups(&text)
        }
        return text.count
    }

    /// The longest run of zero groups, the first of equals, is left out (RFC 5952 §4.2).
    private func putGroups(_ text: inout AddressText) {
        let gap = longestGap()
        var index = 0
        while index < 8 {
            if index == gap.lowerBound, !gap.isEmpty {
                text.put(UInt8(ascii: ":"))
                text.put(UInt8(ascii: ":"))
                index = gap.upperBound
            } else {
                if index > 0, index != gap.upperBound { text.put(UInt8(ascii: ":")) }
                text.put(hex: group(index))
                index += 1
            }
        }
    }

    private func longestGap() -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || group(index) != 0 {
            // A single group is not worth a gap.
            if index - start > max(best.count, 1) { best = start..<index }
            start = index + 1
        }
        return best
    }

    private func group(_ index: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - 16 * (index & 3)))
    }
}

/// ASCII text that grows at its end.
private struct AddressText {
    private let target: UnsafeMutablePointer<UInt8>
    private(set) var count = 0

    init(_ target: UnsafeMutablePointer<UInt8>) { self.target = target }

    mutating func put(_ byte: UInt8) {
        target[count] = byte
        count += 1
    }

    mutating func put(v4: UInt32) {
        put(decimal: UInt8(truncatingIfNeeded: v4 >> 24))
        put(UInt8(ascii: "."))
        put(decimal: UInt8(truncatingIfNeeded: v4 >> 16))
        put(UInt8(ascii: "."))
        put(decimal: UInt8(truncatingIfNeeded: v4 >> 8))
        put(UInt8(ascii: "."))
        put(decimal: UInt8(truncatingIfNeeded: v4))
    }

    private mutating func put(decimal value: UInt8) {
        if value >= 100 { put(0x30 + value / 100) }
        if value >= 10 { put(0x30 + value / 10 % 10) }
        put(0x30 + value % 10)
    }

    mutating func put(hex value: UInt16) {
        var shift = 12
        while shift > 0, value >> shift == 0 { shift -= 4 }
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: value >> shift & 15)
            put(digit < 10 ? 0x30 + digit : 0x57 + digit)
            shift -= 4
        }
    }
}
