import DNSMessage

// Who has which address: the table behind PTR, endpoint names made of addresses, and repeated addresses.

extension ClusterIndex {
    /// Changes the owners of one address.
    mutating func changeAddress(_ address: IPAddress, _ scope: Scope, _ body: (inout AddressRecord.Draft) -> Void) {
        let seed = seed
        let root = writable
        Key.with(address: address, seed: seed) { key in
            let old = root.pointee.addresses[scope].find(key).map { AddressRecord($0) }
            var draft = old.map { AddressRecord.Draft($0) } ?? AddressRecord.Draft()
            body(&draft)
            if draft.entries.isEmpty {
                root.pointee.addresses[scope].remove(key)
            } else {
                root.pointee.addresses[scope].insert(AddressRecord(key: key, draft).block, seed: seed)
            }
        }
    }

    /// Enters and takes out the rows in which two versions of a slice differ; returns by how much the number of
    /// addresses in more than one slice of the service grows.
    mutating func changeRows(from old: SliceRecord?, to new: SliceRecord?, _ scope: Scope) -> Int {
        var growth = 0
        let (removed, added) = SliceRows.difference(from: old, to: new)
        for (rows, isAddition, slice) in [(removed, false, old), (added, true, new)] {
            guard let slice else { continue }
            let service = slice.identity.service
            for row in rows {
                let entry = AddressRecord.Draft.Entry(block: slice.identity.block, label: row.label)
                changeAddress(row.address, scope) { draft in
                    let before = draft.sliceCount(of: service) > 1
                    _ = isAddition ? draft.insert(entry) : draft.remove(entry)
                    let after = draft.sliceCount(of: service) > 1
                    growth += (after ? 1 : 0) - (before ? 1 : 0)
                }
            }
        }
        return growth
    }
}

/// The rows of a slice as the table of addresses sees them.
private enum SliceRows {
    struct Row: Hashable {
        var address: IPAddress
        var label: [UInt8]
    }

    /// What must go and what must come. Rows that both versions have at the same end of their columns are not looked
    /// at closely.
    static func difference(from old: SliceRecord?, to new: SliceRecord?) -> (removed: [Row], added: [Row]) {
        guard let old else { return ([], new.map { rows($0, 0..<$0.addressCount) } ?? []) }
        guard let new else { return (rows(old, 0..<old.addressCount), []) }
        var start = 0
        var (endOld, endNew) = (old.addressCount, new.addressCount)
        while start < endOld, start < endNew, isSame(old, start, new, start) { start += 1 }
        while endOld > start, endNew > start, isSame(old, endOld - 1, new, endNew - 1) {
            endOld -= 1
            endNew -= 1
        }
        let before = rows(old, start..<endOld)
        let after = rows(new, start..<endNew)
        if before.isEmpty || after.isEmpty { return keepingRepeats(old, new, before, after) }
        let (setBefore, setAfter) = (Set(before), Set(after))
        return keepingRepeats(
            old, new, before.filter { !setAfter.contains($0) }, after.filter { !setBefore.contains($0) })
    }

    /// A row that goes may have a twin that stays; the table knows twins once.
    private static func keepingRepeats(
        _ old: SliceRecord, _ new: SliceRecord, _ removed: [Row], _ added: [Row]
    ) -> (removed: [Row], added: [Row]) {
        guard !removed.isEmpty, old.head.pointee.flagsStart != 0 || new.head.pointee.flagsStart != 0 else {
            return (removed, added)
        }
        let staying = Set(rows(new, 0..<new.addressCount))
        return (removed.filter { !staying.contains($0) }, added)
    }

    private static func rows(_ slice: SliceRecord, _ range: Range<Int>) -> [Row] {
        range.map { row in
            let label = slice.label(row).map { Array(UnsafeRawBufferPointer(start: $0 + 1, count: Int($0.byte(0)))) }
            return Row(address: slice.address(row), label: label ?? [])
        }
    }

    private static func isSame(_ a: SliceRecord, _ rowA: Int, _ b: SliceRecord, _ rowB: Int) -> Bool {
        guard a.address(rowA) == b.address(rowB) else { return false }
        switch (a.label(rowA), b.label(rowB)) {
        case (nil, nil): return true
        case (let x?, let y?): return x.byte(0) == y.byte(0) && equalBytes(x, y, count: 1 + Int(x.byte(0)))
        default: return false
        }
    }
}
