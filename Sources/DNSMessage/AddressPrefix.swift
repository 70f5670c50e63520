/// An address prefix such as `10.0.0.0/8` or `fd00::/8` (RFC 4632 §3.1, RFC 4291 §2.3).
public struct AddressPrefix: Hashable, Sendable {
    /// The prefix with all other bits zero.
    public let address: IPAddress
    /// Bits that count.
    public let length: Int
    private let highMask: UInt64
    private let lowMask: UInt64

    /// A prefix; bits behind it are cleared. Nil if the family has fewer bits.
    public init?(_ address: IPAddress, length: Int) {
        guard (0...(address.family == .v4 ? 32 : 128)).contains(length) else { return nil }
        self.length = length
        switch address.family {
        case .v4:
            highMask = 0
            lowMask = ~UInt64(0) << (32 - length) & 0xFFFF_FFFF
            self.address = IPAddress(v4: UInt32(truncatingIfNeeded: address.low & lowMask))
        case .v6:
            highMask = ~UInt64(0) << max(64 - length, 0)
            lowMask = ~UInt64(0) << (128 - max(length, 64))
            self.address = IPAddress(high: address.high & highMask, low: address.low & lowMask)
        }
    }

    /// Reads an address, a slash and a number of bits.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...3).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ $0 &- 0x30 < 10 }), let length = Int(parts[1]),
            let address = IPAddress(parts[0])
        else { return nil }
        self.init(address, length: length)
    }

    /// Whether an address of the same family begins with the prefix.
    public func contains(_ other: IPAddress) -> Bool {
        other.family == address.family && other.high & highMask == address.high && other.low & lowMask == address.low
    }
}

extension AddressPrefix: CustomStringConvertible {
    /// The text with the bits behind the prefix cleared.
    public var description: String { "\(address)/\(length)" }
}
