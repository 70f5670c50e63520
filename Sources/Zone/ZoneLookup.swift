public import DNSMessage

/// What a look into a zone came to. But for `alias`, all sections are written.
public enum ZoneOutcome: Sendable {
    /// The records asked for, perhaps behind aliases.
    case data
    /// The zone is delegated from some name on; authoritative only behind an alias.
    case delegation(isAuthoritative: Bool)
    /// The name has records of other types only.
    case noData
    /// The name has only names below it.
    case emptyName
    /// The name does not exist.
    case nameError
    /// Aliases lead out of the zone; the target is where the caller wanted it.
    case alias
    /// A DNAME leads to a name that would be too long (RFC 6672 §2.2).
    case nameTooLong
}

/// One look into a zone, by the algorithm of RFC 1034 §4.3.2 with wildcards (RFC 4592), DNAME (RFC 6672) and the
/// records that a signed zone brings along (RFC 4035 §3.1).
public struct ZoneLookup: ~Copyable {
    let zone: ZoneView
    let type: RecordType
    let dnssecOK: Bool
    /// The name looked at: as an owner, in lower case, and where it stands.
    var owner: WrittenName
    var folded: UnsafeRawPointer
    var place: ZoneView.Place
    /// Nodes whose CNAME was followed, so that a loop ends.
    private var visited = InlineArray<10, Int32>(repeating: -1)
    private var aliasCount = 0
    /// Names whose alias came from a wildcard, for the proofs that they do not exist (RFC 4035 §3.1.3.3).
    private var expanded = InlineArray<10, UnsafeRawPointer?>(repeating: nil)
    private var expandedCount = 0
    /// Room for a name that a DNAME makes.
    private var scratch: NameScratch?

    /// A look for a question whose name is in the zone.
    public init(_ zone: ZoneView, _ question: QuestionView, dnssecOK: Bool) {
        self.zone = zone
        type = question.type
        self.dnssecOK = dnssecOK
        // Owners are in lower case, as CoreDNS has them.
        let isFolded = equalBytes(question.name.spelled, question.name.folded, count: question.name.length)
        owner = isFolded ? .question : .wire(question.name.folded)
        folded = question.name.folded
        place = zone.place(of: question.name)
    }

    /// Looks and writes. The target of an alias that leads out of the zone goes to `alias`.
    public mutating func answer(_ writer: inout MessageWriter, alias: UnsafeMutableRawPointer) -> ZoneOutcome {
        while true {
            let step = step(&writer)
            switch step {
            case .done(let outcome): return outcome
            case .follow(let target):
                guard aliasCount < Limits.aliasesMax, !hasVisited(target.node) else {
                    addServers(&writer)
                    addExpansionProofs(&writer)
                    return .data
                }
                visited[aliasCount] = target.node
                aliasCount += 1
                if target.isWildcard {
                    expanded[expandedCount] = folded
                    expandedCount += 1
                }
                if let outcome = go(to: target, &writer, alias) { return outcome }
            }
        }
    }

    private enum Step {
        case done(ZoneOutcome)
        case follow(Alias)
    }

    /// Where an alias leads.
    private struct Alias {
        /// The node that has the CNAME or DNAME record.
        let node: Int32
        /// The records; one, if the zone is in order.
        let set: UnsafePointer<ZoneView.RecordSet>
        var isWildcard = false
    }

    private func hasVisited(_ node: Int32) -> Bool {
        // A DNAME may serve several names in turn; its number of uses is bounded all the same.
        if zone.nodes[Int(node)].hasDNAME { return false }
        for index in 0..<aliasCount where visited[index] == node { return true }
        return false
    }

    /// One name: its records, its alias, or why there are none.
    private mutating func step(_ writer: inout MessageWriter) -> Step {
        let cut = zone.nodes[Int(place.encloser)].cut
        if cut >= 0 {
            if !zone.nodes[Int(cut)].isDelegation { return throughDNAME(cut) }
            // The records about a delegation's key are the parent's (RFC 4035 §3.1.4.1).
            if place.node != cut || type != .ds { return .done(refer(to: cut, &writer)) }
        }
        if place.node >= 0 { return atNode(place.node, isWildcard: false, &writer) }
        if zone.nodes[Int(place.encloser)].hasDNAME { return throughDNAME(place.encloser) }
        let wildcard = zone.nodes[Int(place.encloser)].wildcard
        if wildcard >= 0 { return atNode(wildcard, isWildcard: true, &writer) }
        return .done(denyName(&writer))
    }

    private func throughDNAME(_ node: Int32) -> Step {
        guard let set = zone.set(.dname, at: node) else { return .done(.nameError) }
        return .follow(Alias(node: node, set: set))
    }

    private mutating func atNode(_ node: Int32, isWildcard: Bool, _ writer: inout MessageWriter) -> Step {
        if type == .rrsig {
            if writeSignatures(at: node, &writer) { return .done(conclude(nil, node, isWildcard, &writer)) }
        } else if let set = zone.set(type, at: node) {
            write(set, owner, &writer)
            return .done(conclude(set, node, isWildcard, &writer))
        }
        if let set = zone.set(.cname, at: node), type != .any {
            return .follow(Alias(node: node, set: set, isWildcard: isWildcard))
        }
        return .done(denyType(node, isWildcard: isWildcard, &writer))
    }

    /// What goes along with an answer: the zone's servers, proof that a wildcard applies, addresses.
    private func conclude(
        _ set: UnsafePointer<ZoneView.RecordSet>?, _ node: Int32, _ isWildcard: Bool, _ writer: inout MessageWriter
    ) -> ZoneOutcome {
        writer.move(to: .authority)
        if !(type == .ns && node == 0) { addServers(&writer) }
        if isWildcard { addDenial(of: folded, &writer) }
        addExpansionProofs(&writer)
        if let set { addAddresses(of: set, &writer) }
        return .data
    }

    // MARK: Aliases

    /// Writes an alias and goes to its target; an outcome if the way ends there.
    private mutating func go(
        to alias: Alias, _ writer: inout MessageWriter, _ outside: UnsafeMutableRawPointer
    ) -> ZoneOutcome? {
        let record = zone.records[Int(alias.set.pointee.first)]
        guard record.target >= 0 else { return .data }
        let target = zone.targets[Int(record.target)]
        guard alias.set.pointee.type == RecordType.cname.rawValue else {
            return goThroughDNAME(alias, record, target, &writer, outside)
        }
        write(alias.set, owner, &writer)
        if target.place.encloser < 0 {
            copy(zone.bytes + Int(target.name), to: outside)
            return .alias
        }
        owner = .wire(zone.bytes + Int(target.name))
        folded = zone.bytes + Int(target.folded)
        place = target.place
        return nil
    }

    /// The labels in front of the DNAME's owner go in front of its target (RFC 6672 §3.2).
    private mutating func goThroughDNAME(
        _ alias: Alias, _ record: ZoneView.StoredRecord, _ target: ZoneView.Target, _ writer: inout MessageWriter,
        _ outside: UnsafeMutableRawPointer
    ) -> ZoneOutcome? {
        write(alias.set, .wire(zone.name(of: alias.node)), &writer)
        var length = 0
        while folded.byte(length) != 0 { length += 1 + Int(folded.byte(length)) }
        let kept = length + 1 - Int(zone.nodes[Int(alias.node)].length)
        let source = zone.bytes + Int(target.name)
        var targetLength = 1
        while source.byte(targetLength - 1) != 0 { targetLength += 1 + Int(source.byte(targetLength - 1)) }
        guard kept + targetLength <= Name.maximumLength else { return .nameTooLong }
        outside.copyMemory(from: folded, byteCount: kept)
        (outside + kept).copyMemory(from: source, byteCount: targetLength)
        writer.addName(owner, .cname, .wire(UnsafeRawPointer(outside)), ttl: record.ttl)
        // The record that was asked for: its target is another question.
        if type == .cname {
            addServers(&writer)
            return .data
        }
        if target.place.encloser < 0 { return .alias }
        // The name before may be in the scratch still, but it is written now.
        var memory = scratch.take() ?? NameScratch()
        let name = memory.read(copying: UnsafeRawPointer(outside))
        owner = .wire(name.spelled)
        folded = name.folded
        place = zone.place(of: name)
        scratch = consume memory
        return nil
    }

    private func copy(_ wire: UnsafeRawPointer, to memory: UnsafeMutableRawPointer) {
        var length = 1
        while wire.byte(length - 1) != 0 { length += 1 + Int(wire.byte(length - 1)) }
        memory.copyMemory(from: wire, byteCount: length)
    }

    /// Proofs that the names whose alias came from a wildcard are not there themselves.
    func addExpansionProofs(_ writer: inout MessageWriter) {
        guard dnssecOK else { return }
        for index in 0..<expandedCount { if let name = expanded[index] { addDenial(of: name, &writer) } }
    }

    /// The same for an outcome of `alias`: what of the zone proves it, for `ZoneView.addProofs` once the records of
    /// the target are written. Empty as a rule.
    public var expansionProofs: [Int32] {
        guard dnssecOK, expandedCount > 0, !zone.denials.isEmpty else { return [] }
        return (0..<expandedCount).compactMap { index in expanded[index].map { zone.denial(of: $0) } }
    }

    /// Whether an alias was followed.
    var isBehindAlias: Bool { aliasCount > 0 }
}
