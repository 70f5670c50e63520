import DNSMessage

/// Names that are not to be asked for (RFC 6761 §6.3, §6.4).
enum SpecialName {
    case localhost
    case invalid

    private static let localhostZone: Name = "localhost"
    private static let invalidZone: Name = "invalid"
    /// What `localhost` is.
    static let loopback = [IPAddress(v4: 0x7F00_0001), IPAddress(high: 0, low: 1)]

    init?(_ name: Name) {
        if name.isSubdomain(of: Self.localhostZone) {
            self = .localhost
        } else if name.isSubdomain(of: Self.invalidZone) {
            self = .invalid
        } else {
            return nil
        }
    }
}
