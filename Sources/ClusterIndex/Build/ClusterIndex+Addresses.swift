import DNSMessage

// Who has which address: the table behind PTR, endpoint names made of addresses, and repeated addresses.

extension ClusterIndex {
    /// Enters an owner of an address, with a label behind its length byte or none; returns the new version of the
    /// address's record.
    @discardableResult
    mutating func addOwner(
        _ owner: Block, _ label: UnsafeRawBufferPointer, of address: IPAddress, _ scope: Scope,
        isExternal: Bool = false
    ) -> AddressRecord? {
        let root = writable
        let seed = root.pointee.seed
        return Key.with(address: address, seed: seed) { key in
            let old = root.pointee[scope, isExternal: isExternal].find(key).map { AddressRecord($0) }
            let new =
                old == nil
                ? AddressRecord(key: key, owner: owner, label: label)
                : old?.inserting(key: key, owner: owner, label: label)
            if let new { root.pointee[scope, isExternal: isExternal].insert(new.block, seed: seed) }
            return new ?? old
        }
    }

    /// Takes an owner of an address out; returns the new version of the address's record, if any owner is left.
    @discardableResult
    mutating func removeOwner(
        _ owner: Block, _ label: UnsafeRawBufferPointer, of address: IPAddress, _ scope: Scope,
        isExternal: Bool = false
    ) -> AddressRecord? {
        let root = writable
        let seed = root.pointee.seed
        return Key.with(address: address, seed: seed) { key in
            guard let old = root.pointee[scope, isExternal: isExternal].find(key).map({ AddressRecord($0) }) else {
                return nil
            }
            if old.isOnly(owner: owner, label: label) {
                root.pointee[scope, isExternal: isExternal].remove(key)
                return nil
            }
            guard let new = old.removing(key: key, owner: owner, label: label) else { return old }
            root.pointee[scope, isExternal: isExternal].insert(new.block, seed: seed)
            return new
        }
    }

    /// Enters and takes out the rows in which two versions of a slice differ; returns by how much the number of
    /// addresses in more than one slice of the service grows.
    mutating func changeRows(from old: SliceRecord?, to new: SliceRecord?, _ scope: Scope) -> Int {
        var growth = 0
        let (removed, added) = RowDifference.between(old, new)
        if let old {
            for row in removed { growth += change(old, row, isAddition: false, scope) }
        }
        if let new {
            for row in added { growth += change(new, row, isAddition: true, scope) }
        }
        return growth
    }

    private mutating func change(_ slice: SliceRecord, _ row: Int, isAddition: Bool, _ scope: Scope) -> Int {
        let service = slice.identity.service
        let address = slice.address(row)
        let label = slice.labelBytes(row)
        let before = sliceCount(of: address, service, scope)
        let record =
            isAddition
            ? addOwner(slice.identity.block, label, of: address, scope)
            : removeOwner(slice.identity.block, label, of: address, scope)
        let after = record?.sliceCount(of: service) ?? 0
        return (after > 1 ? 1 : 0) - (before > 1 ? 1 : 0)
    }

    private func sliceCount(of address: IPAddress, _ service: ServiceIdentity, _ scope: Scope) -> Int {
        Key.with(address: address, seed: seed) { key in
            head.pointee.addresses[scope].find(key).map { AddressRecord($0).sliceCount(of: service) } ?? 0
        }
    }
}

extension IndexRoot.Head {
    /// The table of the cluster's own addresses, or of external ones.
    fileprivate subscript(scope: Scope, isExternal isExternal: Bool) -> Trie {
        get { isExternal ? externalAddresses : addresses[scope] }
        set { if isExternal { externalAddresses = newValue } else { addresses[scope] = newValue } }
    }
}

extension SliceRecord {
    /// The written-out label of a row with its length byte; empty for the address with dashes.
    fileprivate func labelBytes(_ row: Int) -> UnsafeRawBufferPointer {
        let label = label(row)
        return UnsafeRawBufferPointer(start: label, count: label.map { 1 + Int($0.byte(0)) } ?? 0)
    }

    /// Hash of the address and the label of an address row.
    fileprivate func hash(ofRow row: Int) -> UInt32 {
        let address = address(row)
        let words = address.high ^ address.low &* 0x9E37_79B9_7F4A_7C15
        let mixed = (words ^ words >> 32) &* 0xBF58_476D_1CE4_E5B9
        return UInt32(truncatingIfNeeded: mixed >> 32) ^ (label(row) == nil ? 0 : SliceRecord.hash(labelBytes(row)))
    }

    /// Whether two address rows have the same address and label.
    fileprivate func isSame(_ row: Int, as other: SliceRecord, _ otherRow: Int) -> Bool {
        address(row) == other.address(otherRow) && labelBytes(row).elementsEqual(other.labelBytes(otherRow))
    }
}

/// In which rows two versions of a slice differ, as far as the table of addresses sees.
private enum RowDifference {
    /// The rows of the old version that must go and those of the new one that must come. What both versions have alike
    /// at the ends of their columns is not looked at closely.
    static func between(_ old: SliceRecord?, _ new: SliceRecord?) -> (removed: [Int], added: [Int]) {
        guard let old else { return ([], Array(0..<(new?.addressCount ?? 0))) }
        guard let new else { return (Array(0..<old.addressCount), []) }
        var start = 0
        var (endOld, endNew) = (old.addressCount, new.addressCount)
        while start < endOld, start < endNew, old.isSame(start, as: new, start) { start += 1 }
        while endOld > start, endNew > start, old.isSame(endOld - 1, as: new, endNew - 1) {
            endOld -= 1
            endNew -= 1
        }
        // The table knows repeated rows once: one that goes may have a twin that stays.
        let hasTwins = old.head.pointee.flagsStart != 0 || new.head.pointee.flagsStart != 0
        let kept = RowSet(new, hasTwins ? 0..<new.addressCount : start..<endNew)
        let known = RowSet(old, hasTwins ? 0..<old.addressCount : start..<endOld)
        return (
            (start..<endOld).filter { !kept.contains(old, $0) }, (start..<endNew).filter { !known.contains(new, $0) }
        )
    }

    /// Finds rows of one slice by rows of another.
    private struct RowSet {
        private let slice: SliceRecord
        private var table: RowTable

        init(_ slice: SliceRecord, _ range: Range<Int>) {
            self.slice = slice
            table = RowTable(rows: range.count)
            for row in range {
                _ = table.firstAlike(row, hash: slice.hash(ofRow: row)) { slice.isSame($0, as: slice, row) }
            }
        }

        func contains(_ other: SliceRecord, _ row: Int) -> Bool {
            table.contains(hash: other.hash(ofRow: row)) { slice.isSame($0, as: other, row) }
        }
    }
}
