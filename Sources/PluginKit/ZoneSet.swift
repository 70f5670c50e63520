public import DNSMessage

/// Zones to find a name's closest one in. Immutable.
///
/// A few zones are compared one by one, the longest first; many are found by the hash of the name's tail, asked once
/// for each number of labels that occurs.
public final class ZoneSet: Sendable {
    /// The zones in the order given; a match is an index into this.
    public let zones: [Name]

    /// Up to so many zones comparing is quicker than hashing.
    private static let comparedMax = 8

    private struct Entry {
        let wire: UnsafeMutableRawBufferPointer
        let hash: UInt64
        let labelCount: Int
        let zone: Int

        init(_ zone: Name, _ index: Int) {
            wire = .allocate(byteCount: zone.wire.count, alignment: 8)
            wire.copyBytes(from: zone.folded.wire)
            hash = hashBytes(UnsafeRawBufferPointer(wire))
            labelCount = zone.labelCount
            self.zone = index
        }
    }

    // Written once in `init`, read only afterwards.
    private nonisolated(unsafe) let entries: UnsafeMutableBufferPointer<Entry>
    /// Indices of entries by hash, -1 where there is none; empty for few zones.
    private nonisolated(unsafe) let slots: UnsafeMutableBufferPointer<Int32>
    private nonisolated(unsafe) let labelCounts: UnsafeMutableBufferPointer<Int>
    /// Of a set that is the root alone, which has every name, the root's place.
    private let onlyRoot: Int?

    /// A set of zones; of equal ones the first counts.
    public init(_ zones: [Name]) {
        self.zones = zones
        var seen: Set<Name> = []
        let unique = zones.indices.filter { seen.insert(zones[$0]).inserted }
        let sorted = unique.map { Entry(zones[$0], $0) }.sorted { $0.labelCount > $1.labelCount }
        entries = .allocate(capacity: sorted.count)
        _ = entries.initialize(from: sorted)
        let counts = Set(sorted.map(\.labelCount)).sorted(by: >)
        labelCounts = .allocate(capacity: counts.count)
        _ = labelCounts.initialize(from: counts)
        onlyRoot = sorted.count == 1 && sorted[0].labelCount == 0 ? sorted[0].zone : nil
        var size = 0
        if sorted.count > Self.comparedMax {
            size = 4
            while size < sorted.count * 2 { size *= 2 }
        }
        slots = .allocate(capacity: size)
        slots.initialize(repeating: -1)
        if size > 0 { for index in sorted.indices { insert(index) } }
    }

    deinit {
        for entry in entries { entry.wire.deallocate() }
        entries.deallocate()
        slots.deallocate()
        labelCounts.deallocate()
    }

    private func insert(_ index: Int) {
        var slot = Int(truncatingIfNeeded: entries[index].hash) & (slots.count - 1)
        while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
        slots[slot] = Int32(index)
    }

    /// The zone with the most labels that `name` is in; `belowExact` passes over the zone that is the name itself, as
    /// a DS question wants (RFC 4035 §3.1.4.1).
    public func closest(_ name: NameView, belowExact: Bool = false) -> Int? {
        let most = belowExact ? name.labelCount - 1 : name.labelCount
        if let onlyRoot { return most < 0 ? nil : onlyRoot }
        if slots.isEmpty {
            for entry in entries where entry.labelCount <= most {
                let wire = UnsafeRawBufferPointer(entry.wire)
                if name.isSubdomain(ofFolded: wire, labelCount: entry.labelCount) { return entry.zone }
            }
            return nil
        }
        for labels in labelCounts where labels <= most {
            let start = name.start(ofLabel: name.labelCount - labels)
            let tail = UnsafeRawBufferPointer(start: name.folded + start, count: name.length - start)
            if let zone = find(tail) { return zone }
        }
        return nil
    }

    private func find(_ wire: UnsafeRawBufferPointer) -> Int? {
        guard let base = wire.baseAddress else { return nil }
        let hash = hashBytes(wire)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] >= 0 {
            let entry = entries[Int(slots[slot])]
            if entry.hash == hash, entry.wire.count == wire.count, let other = entry.wire.baseAddress,
                equalBytes(base, other, count: wire.count)
            {
                return entry.zone
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }
}
