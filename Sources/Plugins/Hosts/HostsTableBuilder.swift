import DNSMessage

/// Collects names and addresses in the order of the file.
struct HostsTableBuilder {
    /// A name and one of its addresses.
    struct Entry {
        /// Which of `names`.
        let name: UInt32
        let address: IPAddress
    }

    /// A name, in lower-case wire form in `wire`; of a wildcard what stands behind the asterisk.
    struct KnownName {
        let offset: UInt32
        let isWildcard: Bool
    }

    let hasReverse: Bool
    private(set) var entries: [Entry] = []
    private(set) var names: [KnownName] = []
    private(set) var wire: [UInt8] = []
    /// Indices into `names` by hash, -1 where there is none. The length is a power of two, at least twice the names.
    private(set) var slots = [Int32](repeating: -1, count: 16)

    init(hasReverse: Bool) { self.hasReverse = hasReverse }

    var count: Int { entries.count }

    /// Adds an address of a name.
    mutating func add(_ address: IPAddress, _ name: NameView) {
        let isWildcard = name.labelCount > 0 && name.label(0).elementsEqual([UInt8(ascii: "*")])
        let start = isWildcard ? name.start(ofLabel: 1) : 0
        let key = UnsafeRawBufferPointer(start: name.folded + start, count: name.length - start)
        entries.append(Entry(name: index(of: key, isWildcard), address: address))
    }

    private mutating func index(of key: UnsafeRawBufferPointer, _ isWildcard: Bool) -> UInt32 {
        var slot = Self.hash(key, isWildcard) & (slots.count - 1)
        while slots[slot] >= 0 {
            let name = names[Int(slots[slot])]
            let start = Int(name.offset)
            if name.isWildcard == isWildcard, wire[start...].starts(with: key) { return UInt32(slots[slot]) }
            slot = (slot + 1) & (slots.count - 1)
        }
        slots[slot] = Int32(names.count)
        names.append(KnownName(offset: UInt32(wire.count), isWildcard: isWildcard))
        wire += key
        if names.count * 2 > slots.count { grow() }
        return UInt32(names.count - 1)
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for index in names.indices {
            let name = names[index]
            var slot = wire.withUnsafeBytes { bytes in
                let start = Int(name.offset)
                let key = UnsafeRawBufferPointer(rebasing: bytes[start..<start + Self.length(wire, start)])
                return Self.hash(key, name.isWildcard) & (slots.count - 1)
            }
            while slots[slot] >= 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = Int32(index)
        }
    }

    private static func length(_ wire: [UInt8], _ start: Int) -> Int {
        var end = start
        while wire[end] != 0 { end += 1 + Int(wire[end]) }
        return end + 1 - start
    }

    /// The slot where the search for a name begins, before it is cut to the table's size.
    static func hash(_ key: UnsafeRawBufferPointer, _ isWildcard: Bool) -> Int {
        let hash = hashBytes(key)
        return Int(truncatingIfNeeded: isWildcard ? mixed(hash) : hash)
    }
}
