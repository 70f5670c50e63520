/// Finds the first of several rows that are alike: open addressing from a hash to a row plus one. A slice keeps the one
/// for its labels, so probing here and in `SliceRecord.firstRow` go the same way.
struct RowTable {
    private(set) var slots: [UInt32]

    /// Room for so many rows, never more than half full.
    init(rows: Int) {
        var size = 8
        while size < 2 * rows { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
    }

    /// The row entered before that is like this one; nil if this is the first, which is entered then.
    mutating func firstAlike(_ row: Int, hash: UInt32, _ isAlike: (Int) -> Bool) -> Int? {
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            let other = Int(slots[slot]) - 1
            if isAlike(other) { return other }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(row + 1)
        return nil
    }

    /// Whether a row like this has been entered.
    func contains(hash: UInt32, _ isAlike: (Int) -> Bool) -> Bool {
        let mask = slots.count - 1
        var slot = Int(hash) & mask
        while slots[slot] != 0 {
            if isAlike(Int(slots[slot]) - 1) { return true }
            slot = (slot + 1) & mask
        }
        return false
    }
}
