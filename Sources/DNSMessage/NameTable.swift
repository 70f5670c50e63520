/// Where in the message under construction the tails of names stand, for compression. Open addressing in a fixed
/// table; clearing it is one increment. Memory is shared by copies and belongs to the `MessageWriter`.
struct NameTable {
    /// Slots; a power of two.
    private static let size = 1024
    /// Entries kept; later names find these, but are not entered themselves.
    private static let entriesMax = 768

    private struct Slot {
        var generation: UInt32 = 0
        var hash: UInt32 = 0
        var offset: UInt16 = 0
    }

    /// What `hashSuffixes` found out about the name at hand, and the bookkeeping of the table.
    private struct State {
        var generation: UInt32 = 1
        var entries = 0
        var labelCount = 0
        var length = 1
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let state: UnsafeMutablePointer<State>
    private let hashes: UnsafeMutablePointer<UInt32>
    private let starts: UnsafeMutablePointer<UInt8>

    init() {
        slots = .allocate(capacity: Self.size)
        slots.initialize(repeating: Slot(), count: Self.size)
        state = .allocate(capacity: 1)
        state.initialize(to: State())
        hashes = .allocate(capacity: Name.maximumLabelCount + 1)
        starts = .allocate(capacity: Name.maximumLabelCount + 1)
    }

    func deallocate() {
        slots.deallocate()
        state.deallocate()
        hashes.deallocate()
        starts.deallocate()
    }

    /// Forgets everything.
    func clear() {
        guard state.pointee.entries > 0 else { return }
        state.pointee.entries = 0
        if state.pointee.generation == .max {
            slots.update(repeating: Slot(), count: Self.size)
            state.pointee.generation = 0
        }
        state.pointee.generation += 1
    }

    /// Labels of the name given to `hashSuffixes`, the root not counted.
    var labelCount: Int { state.pointee.labelCount }
    /// Bytes of that name, root included.
    var length: Int { state.pointee.length }
    /// Where label `index` of that name starts.
    func start(of index: Int) -> Int { Int(starts[index]) }

    /// Finds the labels of an uncompressed name and hashes each tail of it, from the right.
    func hashSuffixes(of wire: UnsafeRawPointer) {
        var offset = 0
        var labels = 0
        while wire.byte(offset) != 0 {
            starts[labels] = UInt8(truncatingIfNeeded: offset)
            labels += 1
            offset += 1 + Int(wire.byte(offset))
        }
        state.pointee.labelCount = labels
        state.pointee.length = offset + 1
        var hash: UInt32 = 0x811C_9DC5
        for index in stride(from: labels - 1, through: 0, by: -1) {
            let start = Int(starts[index])
            for position in start...start + Int(wire.byte(start)) {
                hash = (hash ^ UInt32(wire.byte(position))) &* 0x0100_0193
            }
            hashes[index] = hash
        }
    }

    /// The offset of a tail equal to tail `index` of the name at hand.
    func find(_ index: Int, where isEqual: (Int) -> Bool) -> Int? {
        let hash = hashes[index]
        var slot = Int(hash) & (Self.size - 1)
        while slots[slot].generation == state.pointee.generation {
            if slots[slot].hash == hash, isEqual(Int(slots[slot].offset)) { return Int(slots[slot].offset) }
            slot = (slot + 1) & (Self.size - 1)
        }
        return nil
    }

    /// Enters tail `index` of the name at hand.
    func insert(_ index: Int, offset: Int) {
        guard state.pointee.entries < Self.entriesMax else { return }
        state.pointee.entries += 1
        var slot = Int(hashes[index]) & (Self.size - 1)
        while slots[slot].generation == state.pointee.generation { slot = (slot + 1) & (Self.size - 1) }
        slots[slot] = Slot(generation: state.pointee.generation, hash: hashes[index], offset: UInt16(offset))
    }
}
