import Glibc

/// The reverse zones of an IP prefix. One that ends inside an octet (IPv4) or nibble (IPv6) becomes several zones.
enum ReverseZones {
    /// What a text is, seen as an IP prefix.
    enum Outcome: Equatable {
        case zones([String])
        /// An IPv6 prefix with nothing in its first group.
        case beginsWithZeroGroup
        /// An address with something after the slash that is no prefix length of its family.
        case badLength(max: Int)
        /// No address, or no slash.
        case notAPrefix
    }

    static func parse(_ text: String) -> Outcome {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let address = address(String(parts[0])) else { return .notAPrefix }
        let bits = address.count * 8
        guard let length = prefixLength(parts[1]), length <= bits else { return .badLength(max: bits) }
        let isIPv6 = address.count == 16
        if isIPv6, address[0] == 0, address[1] == 0 { return .beginsWithZeroGroup }
        return .zones(isIPv6 ? zonesIPv6(address, length) : zonesIPv4(address, length))
    }

    /// Whether the text is an IP address without a prefix length.
    static func isAddress(_ text: String) -> Bool { address(text) != nil }

    private static func prefixLength(_ text: Substring) -> Int? {
        guard (1...3).contains(text.count), text.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int(text)
    }

    private static func address(_ text: String) -> [UInt8]? {
        guard !text.utf8.contains(0) else { return nil }
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }

    /// RFC 1035 §3.5: one label for each octet.
    private static func zonesIPv4(_ address: [UInt8], _ length: Int) -> [String] {
        zones(digits: address.map(Int.init), bitsEach: 8, length, radix: 10, suffix: "in-addr.arpa.")
    }

    /// RFC 3596 §2.5: one label for each nibble.
    private static func zonesIPv6(_ address: [UInt8], _ length: Int) -> [String] {
        let nibbles = address.flatMap { [Int($0 >> 4), Int($0 & 15)] }
        return zones(digits: nibbles, bitsEach: 4, length, radix: 16, suffix: "ip6.arpa.")
    }

    /// Whole digits are fixed; the digit that the prefix ends in takes all values that it allows.
    private static func zones(
        digits: [Int], bitsEach bits: Int, _ length: Int, radix: Int, suffix: String
    ) -> [String] {
        let fixed = digits.prefix(length / bits).map { String($0, radix: radix) }
        let known = length % bits
        guard known > 0 else { return [name(fixed, suffix)] }
        let width = 1 << (bits - known)
        let first = digits[length / bits] / width * width
        return (first..<(first + width)).map { name(fixed + [String($0, radix: radix)], suffix) }
    }

    private static func name(_ labels: [String], _ suffix: String) -> String {
        (labels.reversed() + [suffix]).joined(separator: ".")
    }
}
