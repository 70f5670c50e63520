import DNSMessage

/// Addresses in ranges that do not touch each other, in ascending order.
struct AddressRanges: Sendable, Equatable {
    /// A range of a family; of IPv4 the lowest 32 bits count.
    struct Range: Equatable {
        var first: UInt128
        var last: UInt128
    }

    private(set) var v4: [Range] = []
    private(set) var v6: [Range] = []

    /// Every address.
    static let all: AddressRanges = {
        var ranges = AddressRanges()
        ranges.v4 = [Range(first: 0, last: UInt128(UInt32.max))]
        ranges.v6 = [Range(first: 0, last: .max)]
        return ranges
    }()

    /// Adds the addresses of a prefix.
    mutating func insert(_ prefix: AddressPrefix) {
        let first = Self.number(prefix.address)
        let free = (prefix.address.family == .v4 ? 32 : 128) - prefix.length
        let last = first | (free == 128 ? .max : UInt128(1) << UInt128(free) - 1)
        let range = Range(first: first, last: last)
        if prefix.address.family == .v4 {
            v4 = Self.merged(v4 + [range])
        } else {
            v6 = Self.merged(v6 + [range])
        }
    }

    /// Prefixes either lie in each other or apart, so that overlapping ranges are whole ones.
    private static func merged(_ ranges: [Range]) -> [Range] {
        var result: [Range] = []
        for range in ranges.sorted(by: { ($0.first, $1.last) < ($1.first, $0.last) }) {
            if let last = result.last, range.first <= last.last || range.first == last.last &+ 1, last.last < .max {
                result[result.count - 1].last = max(last.last, range.last)
            } else if result.last.map({ $0.last < range.first }) ?? true {
                result.append(range)
            }
        }
        return result
    }

    /// Whether every address of `other` is here.
    func covers(_ other: AddressRanges) -> Bool {
        func covers(_ wide: [Range], _ narrow: [Range]) -> Bool {
            narrow.allSatisfy { range in wide.contains { $0.first <= range.first && range.last <= $0.last } }
        }
        return covers(v4, other.v4) && covers(v6, other.v6)
    }

    static func number(_ address: IPAddress) -> UInt128 { UInt128(address.high) << 64 | UInt128(address.low) }
}
