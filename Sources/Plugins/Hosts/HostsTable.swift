import DNSMessage

/// Names and addresses of one file. Immutable; queries read `view`, which is plain memory and counts no reference.
struct HostsTable: Sendable {
    /// What queries read; valid as long as the table.
    let view: HostsView
    /// Records in the table, PTR records included.
    let recordCount: Int
    private let memory: Memory

    /// A table without names.
    static let empty = HostsTable(HostsTableBuilder(hasReverse: false))

    init(_ builder: HostsTableBuilder) {
        let memory = Memory()
        let (v4, v6) = Self.splitByFamily(builder)
        let reverse = builder.hasReverse ? ReverseEntries(builder) : ReverseEntries()
        var names = builder.names.map { HostsView.NameRecord(offset: $0.offset, isWildcard: $0.isWildcard) }
        Self.spread(v4.map(\.name), over: &names, \.v4)
        Self.spread(v6.map(\.name), over: &names, \.v6)
        // Behind the last name there is room for the longest one, so that comparing never reads past the end.
        let wire = builder.wire + [UInt8](repeating: 0, count: Name.maximumLength)
        view = HostsView(
            wire: UnsafeRawPointer(memory.copy(wire)), slots: memory.copy(builder.slots),
            slotMask: builder.slots.count - 1, names: memory.copy(names), v4: memory.copy(v4.map(\.address)),
            v6: memory.copy(v6.map(\.address)), addressSlots: memory.copy(reverse.slots),
            addressSlotMask: reverse.slots.count - 1, addresses: memory.copy(reverse.addresses),
            hosts: memory.copy(reverse.hosts))
        recordCount = builder.entries.count + reverse.hosts.count
        self.memory = memory
    }

    private struct Placed {
        let name: UInt32
        let address: IPAddress
    }

    /// The entries of each family, those of one name together, in the order of the file.
    private static func splitByFamily(_ builder: HostsTableBuilder) -> (v4: [Placed], v6: [Placed]) {
        let order = groups(builder.entries.map { Int($0.name) }, count: builder.names.count).order
        var v4: [Placed] = []
        var v6: [Placed] = []
        for index in order {
            let entry = builder.entries[index]
            let placed = Placed(name: entry.name, address: entry.address)
            if entry.address.family == .v4 { v4.append(placed) } else { v6.append(placed) }
        }
        return (v4, v6)
    }

    private static func spread(
        _ owners: [UInt32], over names: inout [HostsView.NameRecord],
        _ range: WritableKeyPath<HostsView.NameRecord, HostsView.Run>
    ) {
        for (index, owner) in owners.enumerated() {
            if names[Int(owner)][keyPath: range].count == 0 { names[Int(owner)][keyPath: range].start = UInt32(index) }
            names[Int(owner)][keyPath: range].count += 1
        }
    }

    /// Sorts indices by their keys, which are below `count`, equal ones in their order; and where each key starts.
    fileprivate static func groups(_ keys: [Int], count: Int) -> (order: [Int], starts: [Int]) {
        var starts = [Int](repeating: 0, count: count + 1)
        for key in keys { starts[key + 1] += 1 }
        for key in 0..<count { starts[key + 1] += starts[key] }
        var next = starts
        var order = [Int](repeating: 0, count: keys.count)
        for (index, key) in keys.enumerated() {
            order[next[key]] = index
            next[key] += 1
        }
        return (order, starts)
    }

    /// Owner of the memory behind a view.
    private final class Memory: @unchecked Sendable {
        // Guard of `@unchecked Sendable`: filled while the table is made, by one thread; only freed afterwards.
        private var blocks: [UnsafeMutableRawPointer] = []

        deinit { for block in blocks { block.deallocate() } }

        /// The elements own nothing, so that freeing the block is enough.
        func copy<Element>(_ elements: [Element]) -> UnsafePointer<Element> {
            let block = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
            block.initialize(from: elements, count: elements.count)
            blocks.append(UnsafeMutableRawPointer(block))
            return UnsafePointer(block)
        }
    }
}

/// The names of each address, for PTR records.
private struct ReverseEntries {
    var addresses: [HostsView.AddressRecord] = []
    var slots = [Int32](repeating: -1, count: 1)
    /// Offsets of names in the order of the file, those of one address together.
    var hosts: [UInt32] = []

    init() {}

    init(_ builder: HostsTableBuilder) {
        let entries = builder.entries.filter { !builder.names[Int($0.name)].isWildcard }
        var indices: [IPAddress: Int] = [:]
        var known: [IPAddress] = []
        let keys = entries.map { entry in
            if let index = indices[entry.address] { return index }
            indices[entry.address] = known.count
            known.append(entry.address)
            return known.count - 1
        }
        let (order, starts) = HostsTable.groups(keys, count: known.count)
        hosts = order.map { builder.names[Int(entries[$0].name)].offset }
        addresses = known.indices.map { index in
            HostsView.AddressRecord(
                address: known[index],
                hosts: HostsView.Run(
                    start: UInt32(starts[index]), count: UInt32(starts[index + 1] - starts[index])))
        }
        var size = 1
        while size < known.count * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        for index in known.indices {
            var slot = HostsView.hash(known[index]) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(index)
        }
    }
}
