import CLinux
package import DNSMessage

/// What a host's name is as an address.
package enum WrittenAddress {
    /// The address that a text is; nil where it is none, and so a name. What `getaddrinfo` alone takes for an address
    /// is refused rather than asked for as a name.
    package static func address(_ text: String) throws(LookupError) -> IPAddress? {
        if let address = IPAddress(text) { return address }
        if let mistake = mistake(text) { throw LookupError(text, .badAddress(mistake)) }
        return nil
    }

    private static func mistake(_ text: String) -> LookupError.BadAddress? {
        guard let first = text.utf8.first else { return nil }
        if let percent = text.utf8.firstIndex(of: UInt8(ascii: "%")) {
            let isV6 = IPAddress(String(text[..<percent])).map { $0.family == .v6 }
            return isV6 == true ? .zone : nil
        }
        // inet_aton does not look at what stands behind a space.
        guard first &- 0x30 < 10, !text.contains(where: \.isWhitespace) else { return nil }
        var address = in_addr()
        return inet_aton(text, &address) == 0 ? nil : .oldForm
    }
}
