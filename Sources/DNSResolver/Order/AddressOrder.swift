package import DNSMessage
import Upstream

/// Destination address selection (RFC 6724 §6): which address to try first.
///
/// Rules 3, 4 and 7 (deprecated addresses, home addresses, tunnels) cannot be told from outside the kernel. Rule 9, the
/// longest common prefix, is for IPv6 only: among IPv4 addresses it would undo what a server does to spread the load.
package enum AddressOrder {
    private struct Destination {
        let address: IPAddress
        let place: Int
        let isUsable: Bool
        let hasMatchingScope: Bool
        let hasMatchingLabel: Bool
        let precedence: Int
        let scope: Int
        /// Bits in common with the source; 0 for IPv4.
        let commonBits: Int

        init(_ address: IPAddress, place: Int, source: IPAddress?) {
            self.address = address
            self.place = place
            let policy = AddressPolicy.of(address)
            scope = address.scope
            precedence = policy.precedence
            isUsable = source != nil
            hasMatchingScope = source?.scope == scope
            hasMatchingLabel = source.map { AddressPolicy.of($0).label == policy.label } ?? false
            commonBits = source.map { address.commonBits(with: $0) } ?? 0
        }

        /// The rules in their order.
        func isBefore(_ other: Destination) -> Bool {
            if isUsable != other.isUsable { return isUsable }
            if hasMatchingScope != other.hasMatchingScope { return hasMatchingScope }
            if hasMatchingLabel != other.hasMatchingLabel { return hasMatchingLabel }
            if precedence != other.precedence { return precedence > other.precedence }
            if scope != other.scope { return scope < other.scope }
            if address.family == other.address.family, commonBits != other.commonBits {
                return commonBits > other.commonBits
            }
            return place < other.place
        }
    }

    /// Asks the kernel for the sources.
    package static func sorted(_ addresses: [IPAddress]) -> [IPAddress] {
        addresses.count > 1 ? sorted(addresses, SourceProbe()) : addresses
    }

    static func sorted(_ addresses: [IPAddress], _ probe: SourceProbe) -> [IPAddress] {
        guard addresses.count > 1 else { return addresses }
        let first = Array(addresses.prefix(Limits.orderedAddressesMax))
        return sorted(first, sources: probe.sources(toward: first)) + addresses.dropFirst(first.count)
    }

    static func sorted(_ addresses: [IPAddress], sources: [IPAddress?]) -> [IPAddress] {
        zip(addresses, sources).enumerated()
            .map { Destination($1.0, place: $0, source: $1.1) }
            .sorted { $0.isBefore($1) }
            .map(\.address)
    }
}

/// A row of the policy table (RFC 6724 §2.1).
struct AddressPolicy {
    let precedence: Int
    let label: Int

    private static let rows: [(high: UInt64, low: UInt64, length: Int, policy: AddressPolicy)] = [
        (0, 1, 128, AddressPolicy(precedence: 50, label: 0)),
        (0, 0xFFFF_0000_0000, 96, AddressPolicy(precedence: 35, label: 4)),
        (0, 0, 96, AddressPolicy(precedence: 1, label: 3)),
        (0x2001_0000 << 32, 0, 32, AddressPolicy(precedence: 5, label: 5)),
        (0x2002 << 48, 0, 16, AddressPolicy(precedence: 30, label: 2)),
        (0x3FFE << 48, 0, 16, AddressPolicy(precedence: 1, label: 12)),
        (0xFEC0 << 48, 0, 10, AddressPolicy(precedence: 1, label: 11)),
        (0xFC00 << 48, 0, 7, AddressPolicy(precedence: 3, label: 13)),
        (0, 0, 0, AddressPolicy(precedence: 40, label: 1)),
    ]

    /// The row with the longest prefix: they stand in that order.
    static func of(_ address: IPAddress) -> AddressPolicy {
        let (high, low) = address.mapped
        let row = rows.first { row in
            let highMask = row.length >= 64 ? UInt64.max : ~(UInt64.max >> UInt64(row.length))
            let lowMask = row.length <= 64 ? 0 : ~(row.length == 128 ? 0 : UInt64.max >> UInt64(row.length - 64))
            return high & highMask == row.high && low & lowMask == row.low
        }
        return row?.policy ?? AddressPolicy(precedence: 40, label: 1)
    }
}

extension IPAddress {
    /// As an IPv6 address (RFC 4291 §2.5.5.2).
    fileprivate var mapped: (high: UInt64, low: UInt64) {
        family == .v4 ? (0, 0xFFFF_0000_0000 | UInt64(v4)) : (high, low)
    }

    /// How far it reaches (RFC 6724 §3.1, §3.2), with the numbers of multicast scopes.
    fileprivate var scope: Int {
        let (linkLocal, siteLocal, global) = (2, 5, 14)
        guard family == .v6 else { return v4 >> 24 == 127 || v4 >> 16 == 0xA9FE ? linkLocal : global }
        if high >> 56 == 0xFF { return Int(high >> 48 & 15) }
        if high >> 54 == 0xFE80 >> 6 || (high == 0 && low == 1) { return linkLocal }
        return high >> 54 == 0xFEC0 >> 6 ? siteLocal : global
    }

    /// Up to the length of usual prefixes (RFC 6724 §2.2).
    fileprivate func commonBits(with other: IPAddress) -> Int {
        guard family == .v6, other.family == .v6 else { return 0 }
        return (high ^ other.high).leadingZeroBitCount
    }
}
