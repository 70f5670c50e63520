public import DNSMessage

// What a look writes: sets of records, and what goes along with them.

extension ZoneLookup {
    /// Records of one type and, for a client that wants them, their signatures.
    func write(_ set: UnsafePointer<ZoneView.RecordSet>, _ owner: WrittenName, _ writer: inout MessageWriter) {
        zone.write(set, owner, signed: dnssecOK, &writer)
    }

    /// The zone's name servers, in the authority section.
    func addServers(_ writer: inout MessageWriter) { zone.addServers(signed: dnssecOK, &writer) }

    /// All signatures at a node: what a question for them gets.
    func writeSignatures(at node: Int32, _ writer: inout MessageWriter) -> Bool {
        var isAny = false
        let first = zone.sets + Int(zone.nodes[Int(node)].firstSet)
        for index in 0..<Int(zone.nodes[Int(node)].setCount) where first[index].signatureCount > 0 {
            isAny = true
            zone.writeSignatures(first + index, owner, &writer)
        }
        return isAny
    }

    /// Addresses of the hosts that a set of records names (RFC 1034 §4.3.2, step 6).
    func addAddresses(of set: UnsafePointer<ZoneView.RecordSet>, _ writer: inout MessageWriter) {
        switch RecordType(rawValue: set.pointee.type) {
        case .ns, .mx, .srv, .svcb, .https: break
        default: return
        }
        writer.move(to: .additional)
        for index in 0..<min(Int(set.pointee.count), Limits.targetsMax) {
            guard let node = targetNode(set, index), !isTold(node, set, before: index) else { continue }
            addAddresses(at: node, &writer)
        }
    }

    private func targetNode(_ set: UnsafePointer<ZoneView.RecordSet>, _ index: Int) -> Int32? {
        let target = zone.records[Int(set.pointee.first) + index].target
        guard target >= 0 else { return nil }
        let node = zone.targets[Int(target)].place.node
        return node >= 0 ? node : nil
    }

    private func isTold(_ node: Int32, _ set: UnsafePointer<ZoneView.RecordSet>, before index: Int) -> Bool {
        for earlier in 0..<index where targetNode(set, earlier) == node { return true }
        return false
    }

    private func addAddresses(at node: Int32, _ writer: inout MessageWriter) {
        let name = WrittenName.wire(zone.name(of: node))
        if let set = zone.set(.a, at: node) { write(set, name, &writer) }
        if let set = zone.set(.aaaa, at: node) { write(set, name, &writer) }
    }

    // MARK: Delegations

    /// Sends the client to the servers of a delegated zone, with the addresses that are nowhere else to be had.
    func refer(to cut: Int32, _ writer: inout MessageWriter) -> ZoneOutcome {
        writer.move(to: .authority)
        let name = WrittenName.wire(zone.name(of: cut))
        let servers = zone.set(.ns, at: cut)
        if let servers { zone.write(servers, name, signed: false, &writer) }
        // Whether the delegated zone is signed (RFC 4035 §3.1.4).
        if dnssecOK, let keys = zone.set(.ds, at: cut) ?? zone.set(.nsec, at: cut) { write(keys, name, &writer) }
        if let servers { addGlue(of: servers, below: cut, &writer) }
        return .delegation(isAuthoritative: isBehindAlias)
    }

    /// First what lies below the delegation: without it nobody gets there, so that TC tells when it does not fit
    /// (RFC 9471 §3.1). Then what else the zone knows (RFC 1034 §4.3.2, step 3b), such as servers below another
    /// delegation, which may depend on this one.
    private func addGlue(
        of servers: UnsafePointer<ZoneView.RecordSet>, below cut: Int32, _ writer: inout MessageWriter
    ) {
        writer.move(to: .additional)
        for isBelow in [true, false] {
            for index in 0..<min(Int(servers.pointee.count), Limits.targetsMax) {
                guard let node = targetNode(servers, index), (zone.nodes[Int(node)].cut == cut) == isBelow else {
                    continue
                }
                addAddresses(at: node, &writer)
                if isBelow { writer.needsAdditional = true }
            }
        }
    }

    // MARK: Denials

    /// The name is there, but has no such records.
    func denyType(_ node: Int32, isWildcard: Bool, _ writer: inout MessageWriter) -> ZoneOutcome {
        addStartOfAuthority(&writer)
        if dnssecOK {
            if let set = zone.set(.nsec, at: node) {
                write(set, .wire(zone.name(of: node)), &writer)
                if isWildcard { addDenial(of: folded, except: node, &writer) }
            } else {
                addDenial(of: folded, &writer)
            }
        }
        return zone.nodes[Int(node)].setCount == 0 ? .emptyName : .noData
    }

    /// Neither the name nor a wildcard for it is there.
    func denyName(_ writer: inout MessageWriter) -> ZoneOutcome {
        addStartOfAuthority(&writer)
        guard dnssecOK, !zone.denials.isEmpty else { return .nameError }
        let denial = zone.denial(of: folded)
        addDenial(of: folded, &writer)
        // `*` comes in front of all other labels that can be written, but not of all bytes.
        let encloser = zone.name(of: place.encloser)
        withUnsafeTemporaryAllocation(byteCount: Name.maximumLength + 2, alignment: 8) { room in
            guard let wildcard = room.baseAddress else { return }
            wildcard.storeByte(1, at: 0)
            wildcard.storeByte(UInt8(ascii: "*"), at: 1)
            (wildcard + 2).copyMemory(from: encloser, byteCount: Int(zone.nodes[Int(place.encloser)].length))
            addDenial(of: UnsafeRawPointer(wildcard), except: denial, &writer)
        }
        return .nameError
    }

    /// With the TTL that a denial has (RFC 2308 §3).
    private func addStartOfAuthority(_ writer: inout MessageWriter) {
        writer.move(to: .authority)
        if let set = zone.set(.soa, at: 0) {
            zone.write(set, .wire(zone.name(of: 0)), signed: dnssecOK, ttlMax: zone.minimum(of: set), &writer)
        }
        addExpansionProofs(&writer)
    }

    /// The NSEC record that covers a name, unless it is the one at a node that was told already.
    func addDenial(of folded: UnsafeRawPointer, except told: Int32 = -1, _ writer: inout MessageWriter) {
        guard dnssecOK, !zone.denials.isEmpty else { return }
        let node = zone.denial(of: folded)
        guard node >= 0, node != told, let set = zone.set(.nsec, at: node) else { return }
        write(set, .wire(zone.name(of: node)), &writer)
    }
}

extension ZoneView {
    /// The zone's name servers, in the authority section.
    public func addServers(signed: Bool, _ writer: inout MessageWriter) {
        writer.move(to: .authority)
        if let set = set(.ns, at: 0) { write(set, .wire(name(of: 0)), signed: signed, &writer) }
    }

    /// What `ZoneLookup.expansionProofs` told.
    public func addProofs(_ nodes: [Int32], _ writer: inout MessageWriter) {
        writer.move(to: .authority)
        for node in nodes {
            if let set = set(.nsec, at: node) { write(set, .wire(name(of: node)), signed: true, &writer) }
        }
    }

    /// The last number of an SOA record (RFC 1035 §3.3.13).
    func minimum(of set: UnsafePointer<RecordSet>) -> UInt32 {
        let record = records[Int(set.pointee.first)]
        return (bytes + Int(record.data)).bigEndian32(Int(record.length) - 4)
    }

    func write(
        _ set: UnsafePointer<RecordSet>, _ owner: WrittenName, signed: Bool, ttlMax: UInt32 = .max,
        _ writer: inout MessageWriter
    ) {
        let type = RecordType(rawValue: set.pointee.type)
        for index in 0..<Int(set.pointee.count) {
            write(records + Int(set.pointee.first) + index, type, owner, ttlMax, &writer)
        }
        if signed { writeSignatures(set, owner, ttlMax: ttlMax, &writer) }
    }

    func writeSignatures(
        _ set: UnsafePointer<RecordSet>, _ owner: WrittenName, ttlMax: UInt32 = .max, _ writer: inout MessageWriter
    ) {
        for index in 0..<Int(set.pointee.signatureCount) {
            write(records + Int(set.pointee.firstSignature) + index, .rrsig, owner, ttlMax, &writer)
        }
    }

    private func write(
        _ record: UnsafePointer<StoredRecord>, _ type: RecordType, _ owner: WrittenName, _ ttlMax: UInt32,
        _ writer: inout MessageWriter
    ) {
        writer.beginRecord(owner, type, ttl: min(record.pointee.ttl, ttlMax))
        let data = bytes + Int(record.pointee.data)
        var position = Int(record.pointee.prefix)
        if position > 0 { writer.put(UnsafeRawBufferPointer(start: data, count: position)) }
        for _ in 0..<record.pointee.names {
            let name = data + position
            if record.pointee.isCompressible { writer.put(compressed: name) } else { writer.put(uncompressed: name) }
            var length = 1
            while name.byte(length - 1) != 0 { length += 1 + Int(name.byte(length - 1)) }
            position += length
        }
        let rest = Int(record.pointee.length) - position
        if rest > 0 { writer.put(UnsafeRawBufferPointer(start: data + position, count: rest)) }
        writer.endRecord()
    }
}
