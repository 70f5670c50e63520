import DNSMessage

/// Where IPv4 addresses stand in IPv6 ones (RFC 6052 §2.2).
struct TranslationPrefix: Sendable {
    private let prefix: AddressPrefix
    /// Bits of the IPv4 address in the upper half of the IPv6 one.
    private let upperBits: Int

    /// `64:ff9b::/96`.
    static let wellKnown = TranslationPrefix(high: 0x0064_FF9B_0000_0000)

    /// Nil unless the prefix is as long as the standard lets it be.
    init?(_ prefix: AddressPrefix) {
        guard prefix.address.family == .v6, [32, 40, 48, 56, 64, 96].contains(prefix.length) else { return nil }
        self.prefix = prefix
        upperBits = max(64 - prefix.length, 0)
    }

    private init(high: UInt64) {
        guard let prefix = AddressPrefix(IPAddress(high: high, low: 0), length: 96) else {
            preconditionFailure("96 bits are a prefix")
        }
        self.prefix = prefix
        upperBits = 0
    }

    /// The IPv6 address that stands for an IPv4 one.
    func address(for v4: IPAddress) -> IPAddress {
        let bits = UInt64(v4.v4)
        guard prefix.length < 96 else {
            return IPAddress(high: prefix.address.high, low: prefix.address.low | bits)
        }
        // Bits 64 to 71 stay zero: the address goes around them.
        let lowerBits = UInt64(32 - upperBits)
        let high = bits >> lowerBits
        let low = (bits & ((1 << lowerBits) - 1)) << (56 - lowerBits)
        return IPAddress(high: prefix.address.high | high, low: prefix.address.low | low)
    }
}
