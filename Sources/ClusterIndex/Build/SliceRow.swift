import DNSMessage

/// One address of a ready endpoint, or one name, on its way into a `SliceRecord`.
struct SliceRow {
    /// For a name 0.0.0.0.
    var address: IPAddress
    /// Offsets of texts in the builder's; 0 for none. The label has a length byte, the name is in wire form.
    var label: UInt32 = 0
    var zone: UInt32 = 0
    var name: UInt32 = 0
    var flags: SliceRecord.RowFlags = []
}

/// The rows of a slice in their final order, with all that they repeat found out.
struct SliceRows {
    private(set) var rows: [SliceRow] = []
    private(set) var v4Count = 0
    private(set) var v6Count = 0
    private(set) var uniqueV4 = 0
    private(set) var uniqueV6 = 0
    /// From labels to the first rows that have them; nil without written-out labels.
    private(set) var labels: RowTable?
    private(set) var hasAddressLabels = false
    private(set) var hasRepeats = false

    /// Orders rows of both families and names; `text` is what their offsets refer to.
    init(v4: [SliceRow], v6: [SliceRow], names: [SliceRow], text: inout [UInt8]) {
        rows.reserveCapacity(v4.count + v6.count + names.count)
        uniqueV4 = append(v4)
        uniqueV6 = append(v6)
        v4Count = v4.count
        v6Count = v6.count
        rows += names
        if rows.contains(where: { $0.label != 0 }) { findLabels(&text) }
        guard uniqueV4 < v4Count || uniqueV6 < v6Count || hasRepeats else { return }
        hasRepeats = true
        findRepeats()
    }

    /// Adds rows of one family, those whose address came before at the end; returns how many did not.
    private mutating func append(_ added: [SliceRow]) -> Int {
        var table = RowTable(rows: added.count)
        var repeated: [SliceRow] = []
        for index in added.indices {
            let first = table.firstAlike(index, hash: RowKey(address: added[index].address).hash) {
                added[$0].address == added[index].address
            }
            if first == nil { rows.append(added[index]) } else { repeated.append(added[index]) }
        }
        rows += repeated
        return added.count - repeated.count
    }

    private mutating func findLabels(_ text: inout [UInt8]) {
        // Where a written-out label looks like an address, all are written out, so that equal names are equal labels.
        hasAddressLabels = rows.contains { $0.label != 0 && SliceRows.looksLikeAddress(text, $0.label) }
        if hasAddressLabels {
            for row in rows.indices where rows[row].label == 0 && rows[row].name == 0 {
                rows[row].label = SliceRows.appendDashed(rows[row].address, &text)
            }
        }
        var table = RowTable(rows: rows.count)
        for row in rows.indices where rows[row].label != 0 {
            let label = Int(rows[row].label)
            let end = label + 1 + Int(text[label])
            let hash = text[label + 1..<end].withUnsafeBytes(SliceRecord.hash)
            let first = table.firstAlike(row, hash: hash) {
                let other = Int(rows[$0].label)
                return text[other] == text[label] && text[other..<other + end - label] == text[label..<end]
            }
            guard let first else { continue }
            rows[row].label = rows[first].label
            hasRepeats = true
        }
        labels = table
    }

    private static func looksLikeAddress(_ text: [UInt8], _ label: UInt32) -> Bool {
        let start = Int(label) + 1
        return text[start..<start + Int(text[start - 1])].withUnsafeBytes(DashedAddress.parseExactly) != nil
    }

    private static func appendDashed(_ address: IPAddress, _ text: inout [UInt8]) -> UInt32 {
        withUnsafeTemporaryAllocation(byteCount: DashedAddress.maximumLength, alignment: 8) { buffer in
            let count = DashedAddress.write(address, to: buffer.baseAddress.unsafelyUnwrapped)
            let offset = UInt32(text.count)
            text.append(UInt8(count))
            text += buffer[..<count]
            return offset
        }
    }

    /// Marks rows by what they repeat of an earlier row, anywhere and in their zone.
    private mutating func findRepeats() {
        for row in rows.indices { rows[row].flags = [] }
        mark(.repeatsAddress) { RowKey(address: $0.address) }
        mark(.repeatsLabelAndAddress) { RowKey(address: $0.address, label: $0.label) }
        mark(.repeatsLabel) { $0.label == 0 ? RowKey(address: $0.address) : RowKey(label: $0.label) }
        mark(.repeatsAddressInZone) { RowKey(address: $0.address, zone: $0.zone) }
        mark(.repeatsLabelAndAddressInZone) { RowKey(address: $0.address, label: $0.label, zone: $0.zone) }
        mark(.repeatsLabelInZone) {
            $0.label == 0 ? RowKey(address: $0.address, zone: $0.zone) : RowKey(label: $0.label, zone: $0.zone)
        }
    }

    private mutating func mark(_ flag: SliceRecord.RowFlags, _ key: (SliceRow) -> RowKey) {
        var table = RowTable(rows: rows.count)
        for row in rows.indices where rows[row].name == 0 {
            let own = key(rows[row])
            if table.firstAlike(row, hash: own.hash, { key(rows[$0]) == own }) != nil { rows[row].flags.insert(flag) }
        }
    }
}

/// What of a row is compared.
private struct RowKey: Equatable {
    var address: IPAddress?
    var label: UInt32 = 0
    var zone: UInt32 = 0

    var hash: UInt32 {
        let words = (address?.high ?? 0) ^ (address?.low ?? 0) &* 0x9E37_79B9_7F4A_7C15
        let mixed = (words ^ UInt64(label) << 32 ^ UInt64(zone)) &* 0xBF58_476D_1CE4_E5B9
        return UInt32(truncatingIfNeeded: (mixed ^ mixed >> 29) >> 16)
    }
}
