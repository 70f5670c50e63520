import DNSMessage

/// One version of an EndpointSlice: its ready endpoints in columns, one row an address.
///
/// Rows are IPv4 addresses, then IPv6 addresses, then names (FQDN slices); of each family those come first that do not
/// repeat an earlier one. Behind the head lie the columns, at offsets counted from the start of the block; an offset of
/// zero stands for a column that the slice does not need.
struct SliceRecord {
    struct Head: Equatable {
        var identity: UnsafeMutableRawPointer
        /// Bytes of the whole block.
        var size: UInt32 = 0
        var v4Count: UInt32 = 0
        var v6Count: UInt32 = 0
        var nameCount: UInt32 = 0
        /// Of the IPv4 rows, how many at the start do not repeat an address.
        var uniqueV4: UInt32 = 0
        var uniqueV6: UInt32 = 0
        /// Addresses of endpoints that are not ready; they are not kept.
        var notReady: UInt32 = 0
        var portCount: UInt32 = 0
        var v4Start: UInt32 = 0
        var v6Start: UInt32 = 0
        /// For each name row, where its wire form stands.
        var namesStart: UInt32 = 0
        /// For each row, where its label stands; 0 for the address with dashes.
        var labelsStart: UInt32 = 0
        /// Open addressing from the hash of a label to the first row that has it, plus one.
        var tableStart: UInt32 = 0
        /// Slots of the table; a power of two.
        var tableSize: UInt32 = 0
        /// For each row, a `RowFlags`.
        var flagsStart: UInt32 = 0
        /// For each row, where its zone stands, as labels in wire form; 0 for none.
        var zonesStart: UInt32 = 0
        var portsStart: UInt32 = 0
        var portTextStart: UInt32 = 0
        /// The label of the source cluster; 0 for none.
        var clusterStart: UInt32 = 0
        /// The first endpoint of the object is a name.
        var firstIsName = false
        /// A written-out label is the dashed form of an address.
        var hasAddressLabels = false
    }

    /// What a row repeats of an earlier row of the slice, or of one in the same zone.
    struct RowFlags: OptionSet {
        let rawValue: UInt8
        static let repeatsAddress = RowFlags(rawValue: 1)
        static let repeatsLabel = RowFlags(rawValue: 2)
        static let repeatsLabelAndAddress = RowFlags(rawValue: 4)
        static let repeatsAddressInZone = RowFlags(rawValue: 8)
        static let repeatsLabelInZone = RowFlags(rawValue: 16)
        static let repeatsLabelAndAddressInZone = RowFlags(rawValue: 32)
    }

    let block: Block

    @inline(__always) init(_ block: Block) { self.block = block }

    @inline(__always) var head: UnsafeMutablePointer<Head> { block.payload.assumingMemoryBound(to: Head.self) }
    @inline(__always) var identity: SliceIdentity { SliceIdentity(Block(head.pointee.identity)) }
    @inline(__always) private var base: UnsafeRawPointer { UnsafeRawPointer(block.base) }

    /// Rows that are addresses.
    @inline(__always) var addressCount: Int { Int(head.pointee.v4Count) &+ Int(head.pointee.v6Count) }
    @inline(__always) var rowCount: Int { addressCount &+ Int(head.pointee.nameCount) }
    var hasLabels: Bool { head.pointee.labelsStart != 0 }

    /// All IPv4 rows, in network order.
    @inline(__always) var v4: UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(
            start: (base + Int(head.pointee.v4Start)).assumingMemoryBound(to: UInt32.self),
            count: Int(head.pointee.v4Count))
    }

    /// All IPv6 rows, sixteen bytes each.
    @inline(__always) var v6: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + Int(head.pointee.v6Start), count: 16 &* Int(head.pointee.v6Count))
    }

    /// The rows of one family: those that repeat no address, or all.
    func rows(_ family: IPAddress.Family, unique: Bool) -> Range<Int> {
        let v4Count = Int(head.pointee.v4Count)
        switch family {
        case .v4: return 0..<(unique ? Int(head.pointee.uniqueV4) : v4Count)
        case .v6: return v4Count..<v4Count + Int(unique ? head.pointee.uniqueV6 : head.pointee.v6Count)
        }
    }

    /// The address of a row that is one.
    func address(_ row: Int) -> IPAddress {
        let v4Count = Int(head.pointee.v4Count)
        return row < v4Count
            ? IPAddress(v4: UInt32(bigEndian: v4[row]))
            : IPAddress(v6At: base + Int(head.pointee.v6Start) + 16 * (row - v4Count))
    }

    /// The first row with an address.
    func row(of address: IPAddress) -> Int? {
        if address.family == .v4 { return v4.firstIndex(of: address.v4.bigEndian) }
        return rows(.v6, unique: false).first { self.address($0) == address }
    }

    /// The wire form of a row that is a name.
    func name(_ row: Int) -> UnsafeRawBufferPointer {
        let at = base.load(fromByteOffset: Int(head.pointee.namesStart) + 4 * (row - addressCount), as: UInt32.self)
        let start = base + Int(at)
        var length = 0
        while start.byte(length) != 0 { length += 1 + Int(start.byte(length)) }
        return UnsafeRawBufferPointer(start: start, count: length + 1)
    }

    /// The label of a row with its length byte, in lower case; nil if it is the address with dashes.
    func label(_ row: Int) -> UnsafeRawPointer? {
        let at = labelOffset(row)
        return at == 0 ? nil : base + at
    }

    private func labelOffset(_ row: Int) -> Int {
        guard hasLabels else { return 0 }
        return Int(base.load(fromByteOffset: Int(head.pointee.labelsStart) + 4 * row, as: UInt32.self))
    }

    func flags(_ row: Int) -> RowFlags {
        guard head.pointee.flagsStart != 0 else { return [] }
        return RowFlags(rawValue: base.byte(Int(head.pointee.flagsStart) + row))
    }

    /// Whether the row lies in a zone, given as labels in lower-case wire form.
    func isRow(_ row: Int, inZone zone: UnsafeRawBufferPointer) -> Bool {
        self.zone(row)?.elementsEqual(zone) ?? false
    }

    /// The zone of a row, as labels in lower-case wire form; nil where it has none.
    func zone(_ row: Int) -> UnsafeRawBufferPointer? {
        guard head.pointee.zonesStart != 0 else { return nil }
        let at = Int(base.load(fromByteOffset: Int(head.pointee.zonesStart) + 4 * row, as: UInt32.self))
        return at == 0 ? nil : UnsafeRawBufferPointer(start: base + at + 1, count: Int(base.byte(at)))
    }

    /// The source cluster's label with its length byte, in lower case; nil where the slice has none.
    var cluster: UnsafeRawPointer? {
        head.pointee.clusterStart == 0 ? nil : base + Int(head.pointee.clusterStart)
    }

    var ports: PortTable {
        PortTable(
            entries: (base + Int(head.pointee.portsStart)).assumingMemoryBound(to: PortTable.Entry.self),
            count: Int(head.pointee.portCount), text: base + Int(head.pointee.portTextStart))
    }

    func releaseChildren() { identity.block.release() }
}

// MARK: - Rows by label

extension SliceRecord {
    /// The first row with this label, in lower case and without its length byte, that is written out in the slice.
    func firstRow(label: UnsafeRawBufferPointer) -> Int? {
        guard head.pointee.tableSize > 0 else { return nil }
        let mask = Int(head.pointee.tableSize) - 1
        var slot = Int(truncatingIfNeeded: SliceRecord.hash(label)) & mask
        // The table is never full.
        while true {
            let entry = base.load(fromByteOffset: Int(head.pointee.tableStart) + 4 * slot, as: UInt32.self)
            if entry == 0 { return nil }
            if let stored = self.label(Int(entry) - 1), SliceRecord.isLabel(stored, equalTo: label) {
                return Int(entry) - 1
            }
            slot = (slot + 1) & mask
        }
    }

    /// Whether two rows have the same written-out label; equal labels stand in the slice once.
    func haveSameLabel(_ a: Int, _ b: Int) -> Bool { labelOffset(a) == labelOffset(b) }

    /// Hash of a label in lower case.
    static func hash(_ label: UnsafeRawBufferPointer) -> UInt32 {
        var hash: UInt32 = 0x811C_9DC5
        for byte in label { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        return hash ^ hash >> 15
    }

    /// Whether a stored label, which has a length byte, is the same as a label without one.
    static func isLabel(_ stored: UnsafeRawPointer, equalTo label: UnsafeRawBufferPointer) -> Bool {
        guard Int(stored.byte(0)) == label.count, let bytes = label.baseAddress else { return false }
        return equalBytes(stored + 1, bytes, count: label.count)
    }
}

// MARK: - Comparing versions

extension SliceRecord {
    /// Whether nothing at all has changed, unless it be the identity.
    func isEqual(to other: SliceRecord, anyIdentity: Bool = false) -> Bool {
        var expected = other.head.pointee
        if anyIdentity { expected.identity = head.pointee.identity }
        guard head.pointee == expected else { return false }
        return equalBytes(columns, other.columns, count: columnsLength)
    }

    private var columns: UnsafeRawPointer { UnsafeRawPointer(head + 1) }
    private var columnsLength: Int { Int(head.pointee.size) - (columns - base) }

    /// Whether ready addresses, host names and ports are the same, which is what counts as a change of the zone.
    func hasSameSerial(as other: SliceRecord) -> Bool {
        let (a, b) = (head.pointee, other.head.pointee)
        guard a.identity == b.identity, a.v4Count == b.v4Count, a.v6Count == b.v6Count, a.nameCount == b.nameCount,
            a.portCount == b.portCount
        else { return false }
        guard v4.elementsEqual(other.v4), v6.elementsEqual(other.v6) else { return false }
        for row in 0..<rowCount where !hasSameName(row, as: other) { return false }
        for index in 0..<ports.count
        where ports.entries[index] != other.ports.entries[index]
            || !ports.name(of: index).elementsEqual(other.ports.name(of: index))
        {
            return false
        }
        return true
    }

    private func hasSameName(_ row: Int, as other: SliceRecord) -> Bool {
        if row >= addressCount, !name(row).elementsEqual(other.name(row)) { return false }
        switch (label(row), other.label(row)) {
        case (nil, nil): return true
        case (let a?, let b?): return equalBytes(a, b, count: 1 + Int(min(a.byte(0), b.byte(0))))
        default: return false
        }
    }
}
