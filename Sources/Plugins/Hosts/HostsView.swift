import DNSMessage

// What the pointers lead to is written before the table is published, and immutable from then on.
/// The memory of a `HostsTable` and how to find something in it.
struct HostsView: @unchecked Sendable {
    /// Neighbours in one of the arrays.
    struct Run {
        var start: UInt32 = 0
        var count: UInt32 = 0

        var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
    }

    /// A name and its addresses.
    struct NameRecord {
        let offset: UInt32
        let isWildcard: Bool
        var v4 = Run()
        var v6 = Run()
    }

    /// An address and its names.
    struct AddressRecord {
        let address: IPAddress
        let hosts: Run
    }

    /// Names in lower-case wire form.
    let wire: UnsafeRawPointer
    let slots: UnsafePointer<Int32>
    let slotMask: Int
    let names: UnsafePointer<NameRecord>
    let v4: UnsafePointer<IPAddress>
    let v6: UnsafePointer<IPAddress>
    let addressSlots: UnsafePointer<Int32>
    let addressSlotMask: Int
    let addresses: UnsafePointer<AddressRecord>
    /// Offsets of names in `wire`.
    let hosts: UnsafePointer<UInt32>

    /// The addresses of one family that a name has, its own or those of a wildcard above it.
    func addresses(of name: NameView, _ family: IPAddress.Family) -> UnsafeBufferPointer<IPAddress> {
        let own = run(of: name, from: 0, isWildcard: false, family)
        let run = own.count > 0 || name.labelCount == 0 ? own : run(of: name, from: 1, isWildcard: true, family)
        return UnsafeBufferPointer(start: (family == .v4 ? v4 : v6) + Int(run.start), count: Int(run.count))
    }

    private func run(of name: NameView, from label: Int, isWildcard: Bool, _ family: IPAddress.Family) -> Run {
        let start = name.start(ofLabel: label)
        let key = UnsafeRawBufferPointer(start: name.folded + start, count: name.length - start)
        var slot = HostsTableBuilder.hash(key, isWildcard) & slotMask
        while slots[slot] >= 0 {
            let record = names + Int(slots[slot])
            let offset = Int(record.pointee.offset)
            if record.pointee.isWildcard == isWildcard,
                equalBytes(wire + offset, name.folded + start, count: key.count)
            {
                return family == .v4 ? record.pointee.v4 : record.pointee.v6
            }
            slot = (slot + 1) & slotMask
        }
        return Run()
    }

    /// The names of an address, as offsets in `wire`.
    func hosts(at address: IPAddress) -> UnsafeBufferPointer<UInt32> {
        var slot = Self.hash(address) & addressSlotMask
        while addressSlots[slot] >= 0 {
            let record = addresses + Int(addressSlots[slot])
            if record.pointee.address == address {
                let run = record.pointee.hosts
                return UnsafeBufferPointer(start: hosts + Int(run.start), count: Int(run.count))
            }
            slot = (slot + 1) & addressSlotMask
        }
        return UnsafeBufferPointer(start: nil, count: 0)
    }

    static func hash(_ address: IPAddress) -> Int {
        Int(truncatingIfNeeded: mixed(address.low ^ mixed(address.high)))
    }
}
