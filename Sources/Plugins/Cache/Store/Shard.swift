import DNSMessage

/// A part of the cache under one lock: a table of places, and two rings of entries.
///
/// What goes when room is wanted is decided as in S3-FIFO: new entries are on probation in a small ring. One that was
/// asked for meanwhile moves to the large ring; one that was not does so only as long as that has room to spare. Else
/// it goes, and its hash is remembered for a while so that it is taken for proven when it comes again. In the large
/// ring an entry that had hits goes round once more. So a million names that are asked for once push out nothing but
/// each other; and since both rings are filled in order, nothing is fragmented, a hit moves nothing, and what the cache
/// takes is known from the start.
struct Shard {
    /// Places in one bucket of the table, a cache line; what finds no place in its bucket displaces another.
    static let bucketPlaces = 8
    /// Where an entry may be: the upper half of the hash, and its position in words of eight bytes plus one; 0 is none.
    private struct Place {
        var tag: UInt32
        var position: UInt32
    }

    private let places: UnsafeMutablePointer<Place>
    private let bucketCount: Int
    /// Hashes of entries that did not pass their probation, by place; later ones overwrite older ones.
    private let ghosts: UnsafeMutablePointer<UInt32>
    private let ghostCount: Int
    private let memory: UnsafeMutableRawPointer
    private var probation: Ring
    private var proven: Ring
    /// How long past its TTL an entry is worth keeping, in nanoseconds.
    private let staleFor: Int64
    /// Entries by kind.
    private(set) var successCount = 0
    private(set) var denialCount = 0
    /// Entries that went for want of room since the last look.
    var evicted = Evictions()

    /// Divides the memory, which is all zeros.
    init(_ base: UnsafeMutableRawPointer, bytes: Int, staleFor: Int64) {
        // A place for every 96 bytes: entries are longer as a rule, so that buckets are half full.
        bucketCount = max(bytes / (96 * Self.bucketPlaces + 80), 1)
        ghostCount = bucketCount * 4
        let placeBytes = bucketCount * Self.bucketPlaces * MemoryLayout<Place>.stride
        places = base.bindMemory(to: Place.self, capacity: bucketCount * Self.bucketPlaces)
        ghosts = (base + placeBytes).bindMemory(to: UInt32.self, capacity: ghostCount)
        let used = placeBytes + ghostCount * 4
        memory = base + used
        let room = (bytes - used) & ~7
        let probationBytes = room / CacheLimits.probationParts & ~7
        probation = Ring(start: 0, capacity: probationBytes)
        proven = Ring(start: probationBytes, capacity: room - probationBytes)
        self.staleFor = staleFor
    }

    /// The longest entry that finds a place.
    var entryBytesMax: Int { proven.capacity / 2 }

    // MARK: Finding

    @inline(__always)
    private func bucket(_ low: UInt32) -> UnsafeMutablePointer<Place> {
        places + Int((UInt64(low >> 8) &* UInt64(bucketCount)) >> 24) &* Self.bucketPlaces
    }

    @inline(__always)
    private func entry(at position: UInt32) -> EntryPointer {
        EntryPointer((memory + Int(position &- 1) &* 8).assumingMemoryBound(to: EntryHead.self))
    }

    /// The key's entry, fresh or not.
    @inline(__always)
    func find(_ key: AnswerKey) -> EntryPointer? {
        let bucket = bucket(UInt32(truncatingIfNeeded: key.hash))
        let tag = UInt32(truncatingIfNeeded: key.hash >> 32)
        for index in 0..<Self.bucketPlaces where bucket[index].tag == tag && bucket[index].position != 0 {
            let entry = entry(at: bucket[index].position)
            if entry.answers(key) { return entry }
        }
        return nil
    }

    // MARK: Storing

    /// Room for an entry of this key; what was there before goes. Nil for one that is too long.
    mutating func place(_ key: AnswerKey, _ kind: EntryHead.Kind, size: Int, now: UInt64) -> EntryPointer? {
        let old = find(key)
        guard size <= entryBytesMax else {
            if let old { remove(old) }
            return nil
        }
        if let old, Int(old.head.pointee.size) >= size {
            count(old.head.pointee.kind, -1)
            count(kind, 1)
            old.head.pointee.kind = kind
            return old
        }
        let (hits, lastHit) = old.map { ($0.head.pointee.hits, $0.head.pointee.lastHit) } ?? (0, 0)
        // Long entries have no room on probation.
        let isKnown = old.map { $0.head.pointee.isProven } ?? takeGhost(key.hash)
        let isProven = isKnown || size > probation.capacity / 2
        if let old { remove(old) }
        let offset = isProven ? makeProvenRoom(size, now) : makeProbationRoom(size, now)
        let entry = EntryPointer((memory + offset).assumingMemoryBound(to: EntryHead.self))
        entry.head.initialize(
            to: EntryHead(
                size: UInt32(size), kind: kind, frequency: 0, isProven: isProven, keyBits: key.bits,
                tag: UInt32(truncatingIfNeeded: key.hash >> 32), low: UInt32(truncatingIfNeeded: key.hash),
                storedAt: now, refreshAfter: 0, lastHit: lastHit, ttl: 0, hits: hits, type: key.type, flags: 0,
                bodyLength: 0,
                layout: .empty, nameLength: UInt8(truncatingIfNeeded: key.nameLength)))
        enter(entry, offset)
        count(kind, 1)
        return entry
    }

    private mutating func enter(_ entry: EntryPointer, _ offset: Int) {
        let bucket = bucket(entry.head.pointee.low)
        var chosen = 0
        for index in 0..<Self.bucketPlaces {
            if bucket[index].position == 0 {
                chosen = index
                break
            }
            // A full bucket gives up what had the fewest hits, and of those the oldest.
            let (other, best) = (self.entry(at: bucket[index].position), self.entry(at: bucket[chosen].position))
            let isLess =
                (other.head.pointee.frequency, other.head.pointee.storedAt)
                < (best.head.pointee.frequency, best.head.pointee.storedAt)
            if isLess { chosen = index }
        }
        if bucket[chosen].position != 0 { evict(self.entry(at: bucket[chosen].position)) }
        bucket[chosen] = Place(tag: entry.head.pointee.tag, position: UInt32(truncatingIfNeeded: offset / 8 + 1))
    }

    /// Takes an entry out of the table; its bytes stay until their turn comes.
    mutating func remove(_ entry: EntryPointer) {
        let position = UInt32(truncatingIfNeeded: (UnsafeMutableRawPointer(entry.head) - memory) / 8 + 1)
        let bucket = bucket(entry.head.pointee.low)
        for index in 0..<Self.bucketPlaces where bucket[index].position == position {
            bucket[index].position = 0
        }
        count(entry.head.pointee.kind, -1)
        entry.head.pointee.kind = .dead
    }

    private mutating func evict(_ entry: EntryPointer) {
        evicted.count(entry.head.pointee.kind)
        remove(entry)
    }

    private mutating func count(_ kind: EntryHead.Kind, _ change: Int) {
        switch kind {
        case .success: successCount += change
        case .denial, .failure: denialCount += change
        case .dead: break
        }
    }

    // MARK: Making room

    private mutating func makeProbationRoom(_ size: Int, _ now: UInt64) -> Int {
        while true {
            switch probation.room(for: size) {
            case .behind: return probation.start + probation.append(size)
            case .atStart(let unused): fill(probation.start + probation.end, unused, &probation)
            case .none: leaveProbation(now)
            }
        }
    }

    private mutating func makeProvenRoom(_ size: Int, _ now: UInt64) -> Int {
        while true {
            switch proven.room(for: size) {
            case .behind: return proven.start + proven.append(size)
            case .atStart(let unused): fill(proven.start + proven.end, unused, &proven)
            case .none: leaveProven(now)
            }
        }
    }

    /// The unused end of a ring looks like an entry that is dead.
    private func fill(_ offset: Int, _ unused: Int, _ ring: inout Ring) {
        if unused > 0 {
            (memory + offset).storeBytes(of: UInt32(truncatingIfNeeded: unused), as: UInt32.self)
            (memory + offset + 4).storeBytes(of: EntryHead.Kind.dead.rawValue, as: UInt8.self)
        }
        ring.wrap()
    }

    /// The oldest entry on probation goes, or moves.
    private mutating func leaveProbation(_ now: UInt64) {
        let offset = probation.start + probation.head
        let (size, kind) = sizeAndKind(offset)
        guard kind != EntryHead.Kind.dead.rawValue else { return probation.removeFirst(size) }
        let entry = EntryPointer((memory + offset).assumingMemoryBound(to: EntryHead.self))
        if isWorthKeeping(entry, now), entry.head.pointee.frequency > 0 || hasProvenRoom(size, now) {
            move(entry, to: makeProvenRoom(size, now))
        } else {
            ghosts[ghost(entry.head.pointee.tag)] = entry.head.pointee.low | 1
            evict(entry)
        }
        probation.removeFirst(size)
    }

    /// Whether the large ring takes an entry without giving up one that is worth anything: as long as it does, nothing
    /// has to go. A few that are past their time make room on the way.
    private mutating func hasProvenRoom(_ size: Int, _ now: UInt64) -> Bool {
        for _ in 0..<CacheLimits.sweptAtOnce {
            if case .none = proven.room(for: size) {} else { return true }
            let offset = proven.start + proven.head
            let isDead = sizeAndKind(offset).kind == EntryHead.Kind.dead.rawValue
            let entry = EntryPointer((memory + offset).assumingMemoryBound(to: EntryHead.self))
            guard isDead || !isWorthKeeping(entry, now) else { return false }
            leaveProven(now)
        }
        return false
    }

    /// The oldest proven entry goes, or goes round again.
    private mutating func leaveProven(_ now: UInt64) {
        let offset = proven.start + proven.head
        let (size, kind) = sizeAndKind(offset)
        guard kind != EntryHead.Kind.dead.rawValue else { return proven.removeFirst(size) }
        let entry = EntryPointer((memory + offset).assumingMemoryBound(to: EntryHead.self))
        guard entry.head.pointee.frequency > 0, isWorthKeeping(entry, now) else {
            evict(entry)
            return proven.removeFirst(size)
        }
        let frequency = entry.head.pointee.frequency - 1
        proven.removeFirst(size)
        // What it leaves is room enough for it.
        let target = makeProvenRoom(size, now)
        move(entry, to: target).head.pointee.frequency = frequency
    }

    private func sizeAndKind(_ offset: Int) -> (size: Int, kind: UInt8) {
        let head = UnsafeRawPointer(memory + offset)
        return (Int(head.load(as: UInt32.self)), head.load(fromByteOffset: 4, as: UInt8.self))
    }

    private func isWorthKeeping(_ entry: EntryPointer, _ now: UInt64) -> Bool {
        entry.overdue(at: now) < (entry.head.pointee.kind == .failure ? 0 : max(staleFor, 0))
    }

    @discardableResult
    private func move(_ entry: EntryPointer, to offset: Int) -> EntryPointer {
        let old = UInt32(truncatingIfNeeded: (UnsafeMutableRawPointer(entry.head) - memory) / 8 + 1)
        let bucket = bucket(entry.head.pointee.low)
        for index in 0..<Self.bucketPlaces where bucket[index].position == old {
            bucket[index].position = UInt32(truncatingIfNeeded: offset / 8 + 1)
        }
        (memory + offset).copyMemory(from: entry.head, byteCount: Int(entry.head.pointee.size))
        let moved = EntryPointer((memory + offset).assumingMemoryBound(to: EntryHead.self))
        moved.head.pointee.frequency = 0
        moved.head.pointee.isProven = true
        return moved
    }

    private func ghost(_ tag: UInt32) -> Int { Int((UInt64(tag) &* UInt64(ghostCount)) >> 32) }

    /// Whether the entry went from probation not long ago.
    private func takeGhost(_ hash: UInt64) -> Bool {
        let index = ghost(UInt32(truncatingIfNeeded: hash >> 32))
        guard ghosts[index] == UInt32(truncatingIfNeeded: hash) | 1 else { return false }
        ghosts[index] = 0
        return true
    }
}

/// Entries that went for want of room.
struct Evictions {
    var success = 0
    var denial = 0

    mutating func count(_ kind: EntryHead.Kind) {
        switch kind {
        case .success: success += 1
        case .denial, .failure: denial += 1
        case .dead: break
        }
    }
}
