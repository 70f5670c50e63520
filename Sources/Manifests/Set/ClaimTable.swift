import ClusterIndex
import YAML

/// A file's word that it has an object.
struct Claim: Hashable {
    /// The file's number in its set.
    var file: UInt32
    var position: YAMLPosition
    /// Of the object; equal for equal objects, and good only within this process.
    var fingerprint: Int
}

/// Who has which object, whose claim counts (that of the last file in path order), and what was told of it.
struct ClaimTable {
    private var entries: [ObjectID: Entry] = [:]
    private var orders: [UInt32: ManifestPaths.Order] = [:]
    /// Objects that may have to be told of, without the object being at hand.
    private var unsettled: Set<ObjectID> = []

    private struct Entry {
        /// The fingerprint of the object that the receiver of changes has.
        var told: Int?
        var counting: Claim?
        /// Claims that do not count. Rarely any, so that the array costs nothing.
        var others: [Claim] = []
    }

    /// What came of a claim.
    struct Outcome: Hashable {
        /// The object counts and is not what was told before; from now on it is.
        var isChange: Bool
        var conflict: Conflict?
    }

    /// A file came to have an object that another has.
    enum Conflict: Hashable {
        case overrules(Claim)
        case yields(to: Claim)
    }

    var count: Int { entries.count }

    /// Tells where a file stands in path order.
    mutating func add(file: UInt32, _ order: ManifestPaths.Order) { orders[file] = order }

    /// Forgets a file that has no claims.
    mutating func remove(file: UInt32) { orders[file] = nil }

    /// What a file says of an object.
    func claim(on object: ObjectID, by file: UInt32) -> Claim? {
        guard let entry = entries[object] else { return nil }
        return entry.counting?.file == file ? entry.counting : entry.others.first { $0.file == file }
    }

    /// Makes a claim, in place of the file's earlier one; whoever makes it has the object at hand.
    mutating func make(_ claim: Claim, on object: ObjectID) -> Outcome {
        var entry = entries[object] ?? Entry()
        var conflict: Conflict?
        if let before = entry.counting, before.file != claim.file {
            let known = entry.others.firstIndex { $0.file == claim.file }
            if let known { entry.others.remove(at: known) }
            let counts = isLater(claim, before)
            entry.others.append(counts ? before : claim)
            if known == nil { conflict = counts ? .overrules(before) : .yields(to: before) }
            if counts { entry.counting = claim }
        } else {
            entry.counting = claim
        }
        let isChange = entry.counting == claim && entry.told != claim.fingerprint
        if isChange { entry.told = claim.fingerprint }
        entries[object] = entry
        return Outcome(isChange: isChange, conflict: conflict)
    }

    /// Takes a file's claim back; what follows from it is settled later.
    mutating func release(_ object: ObjectID, by file: UInt32) {
        guard var entry = entries[object] else { return }
        if entry.counting?.file == file {
            let next = entry.others.indices.max { isLater(entry.others[$1], entry.others[$0]) }
            entry.counting = next.map { entry.others.remove(at: $0) }
            unsettled.insert(object)
        } else {
            entry.others.removeAll { $0.file == file }
        }
        entries[object] = entry
    }

    /// Ends what `release` began: returns the objects that nobody has any more, and those to be read again,
    /// by the file whose claim counts now.
    mutating func settle() -> (deleted: [ObjectID], toRead: [UInt32: Set<ObjectID>]) {
        var deleted: [ObjectID] = []
        var toRead: [UInt32: Set<ObjectID>] = [:]
        for object in unsettled {
            guard let entry = entries[object] else { continue }
            if let counting = entry.counting {
                if entry.told != counting.fingerprint { toRead[counting.file, default: []].insert(object) }
            } else {
                entries[object] = nil
                if entry.told != nil { deleted.append(object) }
            }
        }
        unsettled.removeAll()
        return (deleted, toRead)
    }

    private func isLater(_ one: Claim, _ two: Claim) -> Bool {
        guard let first = orders[one.file], let second = orders[two.file] else { return one.file > two.file }
        return first > second
    }
}
