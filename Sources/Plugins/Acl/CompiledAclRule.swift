import DNSMessage
import PluginKit

/// A rule in plain memory: asking it allocates nothing and counts no reference.
struct CompiledAclRule {
    /// A policy whose types and addresses are runs of the rule's arrays.
    private struct Policy {
        let action: AclPolicy.Action
        /// Nil for all types.
        let types: Range<Int>?
        let v4: Range<Int>
        let v6: Range<Int>
    }

    private let zones: Unmanaged<ZoneSet>
    private let policies: UnsafeMutableBufferPointer<Policy>
    private let types: UnsafeMutableBufferPointer<UInt16>
    private let ranges: UnsafeMutableBufferPointer<AddressRanges.Range>

    init(_ rule: AclRule) {
        zones = .passRetained(rule.zones)
        var types: [UInt16] = []
        var ranges: [AddressRanges.Range] = []
        policies = .allocate(capacity: rule.policies.count)
        for (index, policy) in rule.policies.enumerated() {
            let compiled = Policy(
                action: policy.action, types: policy.types.map { Self.append($0.map(\.rawValue), to: &types) },
                v4: Self.append(policy.clients.v4, to: &ranges), v6: Self.append(policy.clients.v6, to: &ranges))
            policies.initializeElement(at: index, to: compiled)
        }
        self.types = .allocate(capacity: types.count)
        _ = self.types.initialize(from: types)
        self.ranges = .allocate(capacity: ranges.count)
        _ = self.ranges.initialize(from: ranges)
    }

    private static func append<Element>(_ elements: [Element], to all: inout [Element]) -> Range<Int> {
        all += elements
        return all.count - elements.count..<all.count
    }

    func deallocate() {
        zones.release()
        policies.deallocate()
        types.deallocate()
        ranges.deallocate()
    }

    /// Texts of the zones; `closest` gives an index into them.
    var zoneNames: [String] { zones.takeUnretainedValue().zones.map { "\($0)".lowercased() } }

    func closest(_ name: NameView) -> Int? { zones._withUnsafeGuaranteedRef { $0.closest(name) } }

    /// What the first policy that fits does; nil if none does.
    func action(_ client: IPAddress, _ type: RecordType) -> AclPolicy.Action? {
        let address = AddressRanges.number(client)
        for policy in policies {
            if let run = policy.types, !types[run].contains(type.rawValue) { continue }
            if contains(address, client.family == .v4 ? policy.v4 : policy.v6) { return policy.action }
        }
        return nil
    }

    /// Bisection: the last range that does not begin behind the address is the only one that can hold it.
    private func contains(_ address: UInt128, _ run: Range<Int>) -> Bool {
        var low = run.lowerBound
        var high = run.upperBound
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].first <= address { low = middle + 1 } else { high = middle }
        }
        return low > run.lowerBound && address <= ranges[low - 1].last
    }
}
