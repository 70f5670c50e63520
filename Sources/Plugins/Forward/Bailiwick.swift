import DNSMessage

/// Which records of a reply belong to its question. Names are told apart by hashes, which a forged reply would have to
/// get past the checks of id, port and case to play with.
struct Bailiwick: ~Copyable {
    /// The name asked for, and where its aliases lead.
    private var chain: [UInt64] = []
    /// Those names and all above them.
    private var ancestors: [UInt64] = []
    /// Names that kept records point to.
    private var mentioned: Set<UInt64> = []

    /// Types in the authority section that need not be above the name.
    private static let proofs: Set<RecordType> = [.soa, .nsec, .nsec3, .rrsig]

    /// Starts afresh for a question.
    mutating func begin(_ name: NameView) {
        chain.removeAll(keepingCapacity: true)
        ancestors.removeAll(keepingCapacity: true)
        mentioned.removeAll(keepingCapacity: true)
        add(name)
    }

    private mutating func add(_ name: NameView) {
        chain.append(name.foldedHash)
        for label in 0...name.labelCount { ancestors.append(name.foldedHash(fromLabel: label)) }
    }

    /// Finds where the aliases of the answer lead, in whatever order they stand there.
    mutating func followAliases(_ records: [(record: RecordView, section: Section)], _ scratch: inout NameScratch) {
        for _ in 0..<ForwardLimits.aliasesMax {
            var isNew = false
            for (record, section) in records where section == .answer && record.type == .cname {
                guard chain.count <= ForwardLimits.aliasesMax, isInChain(record, &scratch),
                    let target = record.target(scratch: &scratch), !chain.contains(target.foldedHash)
                else { continue }
                add(target)
                isNew = true
            }
            // An alias in front of the one that leads to it waits for the next round.
            if !isNew { return }
        }
    }

    private func isInChain(_ record: RecordView, _ scratch: inout NameScratch) -> Bool {
        guard let owner = scratch.read(record.message, at: record.ownerOffset)?.name else { return false }
        return chain.contains(owner.foldedHash)
    }

    /// Whether a record is kept; sections come in order.
    mutating func admits(_ entry: (record: RecordView, section: Section), _ scratch: inout NameScratch) -> Bool {
        let record = entry.record
        guard let owner = scratch.read(record.message, at: record.ownerOffset)?.name else { return false }
        let hash = owner.foldedHash
        switch entry.section {
        case .answer:
            // A DNAME and its signature stand above the name that is asked for (RFC 6672 §3).
            let isAbove = record.type == .dname || record.type == .rrsig
            guard chain.contains(hash) || isAbove && ancestors.contains(hash) else { return false }
        case .authority:
            // Proofs of denial have owners beside the name, and whoever believes them checks their signatures. An SOA
            // record says how long the denial holds and no more, whosever it is.
            guard Self.proofs.contains(record.type) || ancestors.contains(hash) else { return false }
        case .additional:
            return mentioned.contains(hash) || chain.contains(hash)
        }
        if let target = record.target(scratch: &scratch) { mentioned.insert(target.foldedHash) }
        return true
    }
}
