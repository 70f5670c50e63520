public import DNSMessage

/// Zones to find a name's closest one in: a hash table over the zones' lower-case wire names, asked once for each
/// number of labels that occurs. Immutable.
public final class ZoneSet: Sendable {
    /// The zones in the order given; a match is an index into this.
    public let zones: [Name]

    private struct Entry {
        var wire: UnsafeRawBufferPointer
        var hash: UInt64
        var zone: Int32
        var labelCount: Int32
    }

    // Written once in `init`, read only afterwards.
    private nonisolated(unsafe) let slots: UnsafeMutableBufferPointer<Entry>
    private nonisolated(unsafe) let labelCounts: UnsafeMutableBufferPointer<Int>

    /// A set of zones; of equal ones the first counts.
    public init(_ zones: [Name]) {
        self.zones = zones
        var size = 4
        while size < zones.count * 2 { size *= 2 }
        slots = .allocate(capacity: size)
        slots.initialize(
            repeating: Entry(wire: UnsafeRawBufferPointer(start: nil, count: 0), hash: 0, zone: -1, labelCount: 0))
        let counts = Set(zones.map(\.labelCount)).sorted(by: >)
        labelCounts = .allocate(capacity: counts.count)
        _ = labelCounts.initialize(from: counts)
        for (index, zone) in zones.enumerated() { insert(zone.folded, index) }
    }

    deinit {
        for slot in slots { slot.wire.deallocate() }
        slots.deallocate()
        labelCounts.deallocate()
    }

    private func insert(_ zone: Name, _ index: Int) {
        let wire = UnsafeMutableRawBufferPointer.allocate(byteCount: zone.wire.count, alignment: 8)
        wire.copyBytes(from: zone.wire)
        let bytes = UnsafeRawBufferPointer(wire)
        let hash = hashBytes(bytes)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot].zone >= 0 {
            if slots[slot].hash == hash, slots[slot].wire.elementsEqual(bytes) {
                wire.deallocate()
                return
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Entry(wire: bytes, hash: hash, zone: Int32(index), labelCount: Int32(zone.labelCount))
    }

    /// The zone with the most labels that `name` is in; `belowExact` passes over the zone that is the name itself, as
    /// a DS question wants (RFC 4035 §3.1.4.1).
    public func closest(_ name: NameView, belowExact: Bool = false) -> Int? {
        for labels in labelCounts where labels <= name.labelCount && !(belowExact && labels == name.labelCount) {
            let start = name.start(ofLabel: name.labelCount - labels)
            let suffix = UnsafeRawBufferPointer(start: name.folded + start, count: name.length - start)
            if let index = find(suffix) { return index }
        }
        return nil
    }

    private func find(_ wire: UnsafeRawBufferPointer) -> Int? {
        guard let base = wire.baseAddress else { return nil }
        let hash = hashBytes(wire)
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot].zone >= 0 {
            let entry = slots[slot]
            if entry.hash == hash, entry.wire.count == wire.count, let other = entry.wire.baseAddress,
                equalBytes(base, other, count: wire.count)
            {
                return Int(entry.zone)
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }
}
