/// Names under `in-addr.arpa` and `ip6.arpa` that spell a whole address (RFC 1035 §3.5, RFC 3596 §2.5).
public enum ReverseName {
    /// The name of an address, IPv4-mapped ones as they are.
    public static func name(of address: IPAddress) -> Name {
        var wire: [UInt8] = []
        let zone: StaticString
        if address.family == .v4 {
            zone = "\u{7}in-addr\u{4}arpa"
            for shift in stride(from: UInt32(0), through: 24, by: 8) {
                let digits = Array(String(address.v4 >> shift & 255).utf8)
                wire.append(UInt8(digits.count))
                wire += digits
            }
        } else {
            zone = "\u{3}ip6\u{4}arpa"
            for half in [address.low, address.high] {
                for shift in stride(from: UInt64(0), through: 60, by: 4) {
                    wire += [1, Array("0123456789abcdef".utf8)[Int(half >> shift & 15)]]
                }
            }
        }
        wire += UnsafeBufferPointer(start: zone.utf8Start, count: zone.utf8CodeUnitCount)
        wire.append(0)
        return Name(uncheckedWire: wire)
    }

    /// The address, an IPv4-mapped one as IPv4; nil if the name is no such name or spells only part of one.
    public static func address(of name: NameView) -> IPAddress? {
        switch name.labelCount {
        case 6 where isSuffix(name, 4, "\u{7}in-addr\u{4}arpa"): v4(name)
        case 34 where isSuffix(name, 32, "\u{3}ip6\u{4}arpa"): v6(name)
        default: nil
        }
    }

    private static func isSuffix(_ name: NameView, _ label: Int, _ text: StaticString) -> Bool {
        let labels = name.labels(label..<name.labelCount)
        guard labels.count == text.utf8CodeUnitCount, let bytes = labels.baseAddress else { return false }
        return equalBytes(bytes, UnsafeRawPointer(text.utf8Start), count: labels.count)
    }

    private static func v4(_ name: NameView) -> IPAddress? {
        var address: UInt32 = 0
        for index in 0..<4 {
            guard let part = decimal(name.label(3 - index)) else { return nil }
            address = address << 8 | part
        }
        return IPAddress(v4: address)
    }

    /// A number up to 255 without leading zeros.
    private static func decimal(_ label: UnsafeRawBufferPointer) -> UInt32? {
        guard label.count <= 3, label.count == 1 || label[0] != UInt8(ascii: "0") else { return nil }
        var value: UInt32 = 0
        for byte in label {
            guard byte &- 0x30 < 10 else { return nil }
            value = value * 10 + UInt32(byte - 0x30)
        }
        return value <= 255 ? value : nil
    }

    private static func v6(_ name: NameView) -> IPAddress? {
        var words = (UInt64(0), UInt64(0))
        for index in 0..<32 {
            let label = name.label(31 - index)
            guard label.count == 1, let digit = hexadecimal(label[0]) else { return nil }
            if index < 16 { words.0 = words.0 << 4 | digit } else { words.1 = words.1 << 4 | digit }
        }
        return IPAddress(high: words.0, low: words.1).unmapped
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt64? {
        switch byte {
        case 0x30...0x39: UInt64(byte - 0x30)
        case 0x61...0x66: UInt64(byte - 0x57)
        default: nil
        }
    }
}
