import DNSMessage

// What the pointers lead to is written before the zone is published, and immutable from then on.
/// The memory of a `Zone`, and how to find a name in it.
public struct ZoneView: @unchecked Sendable {
    /// Names and data in wire form; names of nodes in lower case.
    let bytes: UnsafeRawPointer
    /// Indices of nodes by the hash of their names, -1 where there is none.
    let slots: UnsafePointer<Int32>
    let slotMask: Int
    /// The apex is the first. A name that only has names below it is a node too (RFC 4592 §2.2.2).
    let nodes: UnsafePointer<Node>
    let sets: UnsafePointer<RecordSet>
    let records: UnsafePointer<StoredRecord>
    /// Where aliases and servers named in data lead to.
    let targets: UnsafePointer<Target>
    /// Nodes with an NSEC record in canonical order (RFC 4034 §6.1).
    let denials: UnsafeBufferPointer<Int32>
    let apexLabelCount: Int

    /// A name of the zone.
    struct Node {
        /// Offset of the name in `bytes`.
        let name: UInt32
        let length: UInt8
        let labelCount: UInt8
        var setCount: UInt16 = 0
        var firstSet: UInt32 = 0
        /// The node at or above this one from which on the zone has nothing to say: the owner of a delegation, or of a
        /// DNAME above; -1 for none.
        var cut: Int32 = -1
        /// The node `*` below this one; -1 for none.
        var wildcard: Int32 = -1
        var isDelegation = false
        var hasDNAME = false
    }

    /// The records of one type at a node, and their signatures.
    struct RecordSet {
        let type: UInt16
        var first: UInt32 = 0
        /// Zero where there are only signatures.
        var count: UInt32 = 0
        var firstSignature: UInt32 = 0
        var signatureCount: UInt32 = 0
    }

    struct StoredRecord {
        let ttl: UInt32
        let data: UInt32
        let length: UInt16
        /// Bytes in front of the names in the data.
        let prefix: UInt8
        let names: UInt8
        let isCompressible: Bool
        /// Index into `targets`; -1 for none.
        var target: Int32 = -1
    }

    /// Where a name stands in the zone.
    struct Place {
        /// The node of that name; -1 if there is none.
        var node: Int32
        /// The longest existing name at or above it (RFC 4592 §3.3.1); -1 for a name outside of the zone.
        var encloser: Int32
    }

    /// A name in data and where it stands.
    struct Target {
        /// Offset in `bytes`, as spelled.
        let name: UInt32
        /// The same in lower case.
        let folded: UInt32
        let place: Place
    }

    /// The place of a name, which is in the zone.
    func place(of name: NameView) -> Place {
        let last = name.labelCount - apexLabelCount
        for label in 0...max(last, 0) {
            let start = name.start(ofLabel: label)
            let node = node(UnsafeRawBufferPointer(start: name.folded + start, count: name.length - start))
            if node >= 0 { return Place(node: label == 0 ? node : -1, encloser: node) }
        }
        return Place(node: -1, encloser: 0)
    }

    private func node(_ name: UnsafeRawBufferPointer) -> Int32 {
        guard let wire = name.baseAddress else { return -1 }
        var slot = Int(truncatingIfNeeded: hashBytes(name)) & slotMask
        while slots[slot] >= 0 {
            let node = nodes + Int(slots[slot])
            if Int(node.pointee.length) == name.count,
                equalBytes(bytes + Int(node.pointee.name), wire, count: name.count)
            {
                return slots[slot]
            }
            slot = (slot + 1) & slotMask
        }
        return -1
    }

    /// The records of a type at a node, nil if there are none.
    func set(_ type: RecordType, at node: Int32) -> UnsafePointer<RecordSet>? {
        guard node >= 0 else { return nil }
        let first = sets + Int(nodes[Int(node)].firstSet)
        for index in 0..<Int(nodes[Int(node)].setCount) where first[index].type == type.rawValue {
            return first[index].count > 0 ? first + index : nil
        }
        return nil
    }

    func name(of node: Int32) -> UnsafeRawPointer { bytes + Int(nodes[Int(node)].name) }

    /// Whether a name is in the zone.
    func contains(_ name: NameView) -> Bool {
        let apex = UnsafeRawBufferPointer(start: bytes + Int(nodes[0].name), count: Int(nodes[0].length))
        return name.isSubdomain(ofFolded: apex, labelCount: apexLabelCount)
    }

    /// The node with the NSEC record that covers a name which is not there, or is the name's own (RFC 4034 §4.1).
    func denial(of folded: UnsafeRawPointer) -> Int32 {
        guard !denials.isEmpty else { return -1 }
        let labels = LabelStarts(folded)
        var (low, high) = (0, denials.count)
        while low < high {
            let middle = (low + high) / 2
            let other = name(of: denials[middle])
            if precedes(folded, labels, other, LabelStarts(other)) { high = middle } else { low = middle + 1 }
        }
        return denials[low > 0 ? low - 1 : denials.count - 1]
    }
}

/// The labels of a wire name.
struct LabelStarts {
    private(set) var starts = InlineArray<128, UInt8>(repeating: 0)
    private(set) var count = 0

    init(_ wire: UnsafeRawPointer) {
        var offset = 0
        while wire.byte(offset) != 0, count < Limits.labelsMax {
            starts[count] = UInt8(truncatingIfNeeded: offset)
            count += 1
            offset += 1 + Int(wire.byte(offset))
        }
    }
}

/// Canonical order of names in lower case (RFC 4034 §6.1): label by label from the right.
func precedes(_ a: UnsafeRawPointer, _ aLabels: LabelStarts, _ b: UnsafeRawPointer, _ bLabels: LabelStarts) -> Bool {
    var depth = 1
    while depth <= aLabels.count, depth <= bLabels.count {
        let first = a + Int(aLabels.starts[aLabels.count - depth])
        let second = b + Int(bLabels.starts[bLabels.count - depth])
        let (length, otherLength) = (Int(first.byte(0)), Int(second.byte(0)))
        var index = 1
        while index <= min(length, otherLength) {
            if first.byte(index) != second.byte(index) { return first.byte(index) < second.byte(index) }
            index += 1
        }
        if length != otherLength { return length < otherLength }
        depth += 1
    }
    return aLabels.count < bLabels.count
}
