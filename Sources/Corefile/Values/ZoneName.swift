/// Zone names of a configuration, in lower case with a final dot.
public enum ZoneName {
    /// Why a text is no zone.
    public enum Failure: Error, Equatable, CustomStringConvertible {
        /// More bytes than a name may have.
        case tooLong(Int)
        /// An empty or overlong label, a bad escape, or white space.
        case notADomainName(String)
        /// An IPv6 prefix that begins with a zero group: no such addresses are in use.
        case invalidCIDR(String)

        /// The sentence for the user.
        public var description: String {
            switch self {
            case .tooLong(let count): "specified zone is too long: \(count) > \(Limits.nameMaxBytes)"
            case .notADomainName(let text): "zone is not a valid domain name: \(text.printable())"
            case .invalidCIDR(let text): "invalid CIDR: \(text.printable()) begins with a zero group"
            }
        }
    }

    /// The zone that a text names; an IP prefix such as `10.1.0.0/22` becomes its reverse zones, no text the root.
    public static func parse(_ text: String) throws(Failure) -> [String] {
        let count = text.utf8.count
        guard count <= Limits.nameMaxBytes else { throw .tooLong(count) }
        switch ReverseZones.parse(text) {
        case .zones(let zones): return zones
        case .beginsWithZeroGroup: throw .invalidCIDR(text)
        case .badLength, .notAPrefix: break
        }
        guard !text.isEmpty else { return ["."] }
        guard isDomainName(text) else { throw .notADomainName(text) }
        let lower = text.lowercased()
        return [hasFinalDot(lower) ? lower : lower + "."]
    }

    /// Whether the name follows the preferred syntax of RFC 1035 §2.3.1; reverse zones and the root count as such.
    public static func isPreferredSyntax(_ zone: String) -> Bool {
        if zone == "." || zone.hasSuffix(".in-addr.arpa.") || zone.hasSuffix(".ip6.arpa.") { return true }
        return zone.split(separator: ".").allSatisfy { label in
            guard let first = label.first, let last = label.last else { return false }
            return first.isASCIILetter && (last.isASCIILetter || last.isASCIIDigit)
                && label.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || $0 == "-" }
        }
    }

    /// RFC 1035 §5.1: labels separated by dots, with `\.` and `\046` as escapes. White space is always a mistake here.
    private static func isDomainName(_ text: String) -> Bool {
        if text == "." { return true }
        var bytes = Array(text.utf8)[...]
        var labelBytes = 0
        var nameBytes = 1  // the root label
        while let byte = bytes.popFirst() {
            if byte == UInt8(ascii: ".") {
                guard (1...Limits.labelMaxBytes).contains(labelBytes) else { return false }
                nameBytes += labelBytes + 1
                labelBytes = 0
                continue
            }
            guard byte > UInt8(ascii: " "), byte != 0x7F else { return false }
            if byte == UInt8(ascii: "\\"), !dropEscaped(&bytes) { return false }
            labelBytes += 1
        }
        guard labelBytes <= Limits.labelMaxBytes else { return false }
        if labelBytes > 0 { nameBytes += labelBytes + 1 }
        return nameBytes <= Limits.nameMaxBytes
    }

    /// Passes over what a backslash escapes: three digits up to 255, or any other single character.
    private static func dropEscaped(_ bytes: inout ArraySlice<UInt8>) -> Bool {
        let digits = bytes.prefix(3).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        if digits.isEmpty { return bytes.popFirst() != nil }
        guard digits.count == 3, UInt8(String(decoding: digits, as: UTF8.self)) != nil else { return false }
        bytes = bytes.dropFirst(3)
        return true
    }

    /// Whether the last dot ends the name, rather than being escaped.
    private static func hasFinalDot(_ text: String) -> Bool {
        guard text.hasSuffix(".") else { return false }
        let backslashes = text.dropLast().reversed().prefix { $0 == "\\" }.count
        return backslashes.isMultiple(of: 2)
    }
}

extension Character {
    fileprivate var isASCIILetter: Bool { isASCII && isLetter }
}
