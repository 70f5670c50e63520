import DNSMessage

/// Collects the records of a zone, by name and type, and lays them out for reading.
struct ZoneBuilder {
    /// The records of one type at a name.
    private struct Group {
        let type: RecordType
        var records: [Record] = []
        var signatures: [Record] = []
    }

    /// A name of the zone.
    private struct Owner {
        let name: Name
        var groups: [Group] = []
    }

    private let apex: Name
    private var owners: [Owner] = []
    private var indices: [Name: Int] = [:]
    private var authorities: [(soa: StartOfAuthority, record: Int)] = []
    private(set) var mistakes: [ZoneMistake] = []
    private(set) var notices: [ZoneMistake] = []
    private(set) var recordCount = 0

    // The memory under construction.
    private var bytes: [UInt8] = []
    private var nodes: [ZoneView.Node] = []
    private var sets: [ZoneView.RecordSet] = []
    private var stored: [ZoneView.StoredRecord] = []
    private var targets: [ZoneView.Target] = []
    /// Names in the data of records, which are placed when all nodes are known.
    private var openTargets: [(record: Int, name: Name)] = []

    init(_ apex: Name) {
        self.apex = apex
        _ = index(of: apex)
    }

    mutating func add(_ record: Record, _ number: Int) {
        guard recordCount < Limits.recordsMax else {
            if recordCount == Limits.recordsMax { reject(number, .tooManyRecords(limit: Limits.recordsMax)) }
            return
        }
        guard record.class == .internet else { return reject(number, .foreignClass(record.class)) }
        // NSEC3 and NSEC3PARAM (RFC 5155).
        guard record.type != .nsec3, record.type.rawValue != 51 else { return reject(number, .hashedDenial) }
        guard record.name.isSubdomain(of: apex) else { return notice(number, .outside(record.name, zone: apex)) }
        if case .soa(let soa) = record.data {
            guard record.name == apex else { return reject(number, .startOfAuthorityBelowApex(record.name)) }
            if let known = authorities.first {
                if known.soa != soa { reject(number, .secondStartOfAuthority) }
                return
            }
            authorities.append((soa, number))
        }
        put(record)
    }

    private mutating func put(_ record: Record) {
        let owner = index(of: record.name)
        let covered = record.type == .rrsig ? Self.coveredType(record) : record.type
        let group = owners[owner].groups.firstIndex { $0.type == covered } ?? owners[owner].groups.count
        if group == owners[owner].groups.count { owners[owner].groups.append(Group(type: covered)) }
        recordCount += 1
        if record.type == .rrsig {
            owners[owner].groups[group].signatures.append(record)
        } else {
            owners[owner].groups[group].records.append(record)
        }
    }

    /// The first two bytes of an RRSIG record (RFC 4034 §3.1.1).
    private static func coveredType(_ record: Record) -> RecordType {
        guard case .other(_, let data) = record.data, data.count >= 2 else { return .rrsig }
        return RecordType(rawValue: UInt16(data[0]) << 8 | UInt16(data[1]))
    }

    /// The node of a name; the names between it and the apex exist as well (RFC 8020).
    private mutating func index(of name: Name) -> Int {
        if let known = indices[name] { return known }
        if name != apex, let parent = name.parent { _ = index(of: parent) }
        indices[name] = owners.count
        owners.append(Owner(name: name.folded))
        return owners.count - 1
    }

    private mutating func reject(_ record: Int?, _ reason: ZoneMistake.Reason) {
        if mistakes.count < Limits.mistakesMax { mistakes.append(ZoneMistake(record: record, reason: reason)) }
    }

    private mutating func notice(_ record: Int, _ reason: ZoneMistake.Reason) {
        if notices.count < Limits.mistakesMax { notices.append(ZoneMistake(record: record, reason: reason)) }
    }

    /// The last checks, once all records are there.
    mutating func finish() -> StartOfAuthority? {
        if authorities.isEmpty { reject(nil, .noStartOfAuthority(apex)) }
        return authorities.first?.soa
    }

    // MARK: Layout

    mutating func view(in memory: ZoneMemory) -> ZoneView {
        for owner in owners { layOut(owner) }
        for index in owners.indices { connect(index) }
        for (record, name) in openTargets { layOut(target: name, of: record) }
        let slots = makeSlots()
        let denials = makeDenials()
        // Behind the last name there is room for the longest one, so that comparing never reads past the end.
        bytes += [UInt8](repeating: 0, count: Name.maximumLength)
        return ZoneView(
            bytes: UnsafeRawPointer(memory.copy(bytes)), slots: memory.copy(slots), slotMask: slots.count - 1,
            nodes: memory.copy(nodes), sets: memory.copy(sets), records: memory.copy(stored),
            targets: memory.copy(targets),
            denials: UnsafeBufferPointer(start: memory.copy(denials), count: denials.count),
            apexLabelCount: apex.labelCount)
    }

    private mutating func layOut(_ owner: Owner) {
        var node = ZoneView.Node(
            name: UInt32(bytes.count), length: UInt8(owner.name.wire.count), labelCount: UInt8(owner.name.labelCount),
            setCount: UInt16(owner.groups.count), firstSet: UInt32(sets.count))
        bytes += owner.name.wire
        for group in owner.groups {
            var set = ZoneView.RecordSet(type: group.type.rawValue)
            set.first = UInt32(stored.count)
            layOut(group.records)
            set.count = UInt32(stored.count) - set.first
            set.firstSignature = UInt32(stored.count)
            layOut(group.signatures)
            set.signatureCount = UInt32(stored.count) - set.firstSignature
            sets.append(set)
            if set.count > 0, group.type == .ns, owner.name != apex { node.isDelegation = true }
            if set.count > 0, group.type == .dname { node.hasDNAME = true }
        }
        nodes.append(node)
    }

    private mutating func layOut(_ records: [Record]) {
        // Doubles are one record (RFC 2181 §5).
        var seen: Set<RecordData> = []
        for record in records where seen.insert(record.data).inserted {
            let wire = RecordWire(record.data)
            if let target = wire.target { openTargets.append((stored.count, target)) }
            stored.append(
                ZoneView.StoredRecord(
                    ttl: record.ttl, data: UInt32(bytes.count), length: UInt16(wire.bytes.count),
                    prefix: UInt8(wire.prefix), names: UInt8(wire.names), isCompressible: wire.isCompressible))
            bytes += wire.bytes
        }
    }

    /// Finds the node's cut and tells its parent about a wildcard. Parents stand in front of their children.
    private mutating func connect(_ index: Int) {
        guard index > 0, let parentName = owners[index].name.parent, let parent = indices[parentName] else { return }
        let above = nodes[parent]
        if above.cut >= 0 {
            nodes[index].cut = above.cut
        } else if above.hasDNAME {
            nodes[index].cut = Int32(parent)
        } else if nodes[index].isDelegation {
            nodes[index].cut = Int32(index)
        }
        if owners[index].name.wire.starts(with: [1, UInt8(ascii: "*")]) { nodes[parent].wildcard = Int32(index) }
    }

    private mutating func layOut(target name: Name, of record: Int) {
        var place = ZoneView.Place(node: -1, encloser: -1)
        if name.isSubdomain(of: apex) {
            place.node = indices[name].map { Int32($0) } ?? -1
            var enclosing: Name? = name
            while let current = enclosing, place.encloser < 0 {
                place.encloser = indices[current].map { Int32($0) } ?? -1
                enclosing = current.parent
            }
        }
        stored[record].target = Int32(targets.count)
        targets.append(
            ZoneView.Target(
                name: UInt32(bytes.count), folded: UInt32(bytes.count + name.wire.count), place: place))
        bytes += name.wire
        bytes += name.folded.wire
    }

    private func makeSlots() -> [Int32] {
        var size = 4
        while size < nodes.count * 2 { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        for (index, owner) in owners.enumerated() {
            var slot = owner.name.wire.withUnsafeBytes { Int(truncatingIfNeeded: hashBytes($0)) & (size - 1) }
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(index)
        }
        return slots
    }

    private func makeDenials() -> [Int32] {
        let owning = owners.indices.filter { index in
            owners[index].groups.contains { $0.type == .nsec && !$0.records.isEmpty }
        }
        guard !owning.isEmpty else { return [] }
        let sorted = bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return owning }
            return owning.sorted { a, b in
                let (first, second) = (base + Int(nodes[a].name), base + Int(nodes[b].name))
                return precedes(first, LabelStarts(first), second, LabelStarts(second))
            }
        }
        return sorted.map { Int32($0) }
    }
}
