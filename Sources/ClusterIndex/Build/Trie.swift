/// A persistent map from keys to records: a hash trie, 32 ways a level. One word: nothing, a record, or a node.
///
/// A node is memory of references (4 bytes), a bitmap of its occupied ways (4), and one word for each of those. Changes
/// copy the path down to what changes, except for nodes that nobody else refers to. The bits of the hash last for
/// thirteen levels; keys that agree in all of them share a bucket, a list with its length in place of the bitmap.
struct Trie {
    private static let bitsPerLevel = 5
    /// Bits of the hash used up where buckets begin.
    private static let bucketShift = 65
    private static let leafTag: UInt = 1
    private static let bucketTag: UInt = 2

    private var bits: UInt = 0

    /// An empty map.
    init() {}

    private init(leaf record: Block) { bits = UInt(bitPattern: record.base) | Self.leafTag }
    private init(node: TrieNode) { bits = UInt(bitPattern: node.base) }
    private init(bucket node: TrieNode) { bits = UInt(bitPattern: node.base) | Self.bucketTag }

    var isEmpty: Bool { bits == 0 }

    /// The record with this key. For readers: counts nothing.
    @inline(__always)
    func find(_ key: Key) -> Block? {
        var word = self
        var hash = key.hash
        while word.bits & (Self.leafTag | Self.bucketTag) == 0 {
            guard word.bits != 0, let child = word.node.child(UInt32(truncatingIfNeeded: hash) & 31) else { return nil }
            word = child
            hash &>>= 5
        }
        if word.bits & Self.leafTag != 0 { return key.isKey(of: word.leaf) ? word.leaf : nil }
        return word.findInBucket(key)
    }

    private func findInBucket(_ key: Key) -> Block? {
        for index in 0..<node.bucketCount where key.isKey(of: node.slot(index).pointee.leaf) {
            return node.slot(index).pointee.leaf
        }
        return nil
    }

    // Only valid for the shape that the tag tells.
    @inline(__always) private var leaf: Block { Block(Self.memory(bits & ~Self.leafTag)) }
    @inline(__always) private var node: TrieNode { TrieNode(Self.memory(bits & ~Self.bucketTag)) }
    @inline(__always) private var isLeaf: Bool { bits & Self.leafTag != 0 }
    @inline(__always) private var isBucket: Bool { bits & Self.bucketTag != 0 }

    @inline(__always) private static func memory(_ bits: UInt) -> UnsafeMutableRawPointer {
        // Not null: the shape was tested.
        UnsafeMutableRawPointer(bitPattern: bits).unsafelyUnwrapped
    }

    /// Calls `body` with each record, in no particular order.
    func forEach(_ body: (Block) -> Void) {
        if isEmpty { return }
        if isLeaf { return body(leaf) }
        for index in 0..<slotCount { node.slot(index).pointee.forEach(body) }
    }

    private var slotCount: Int { isBucket ? node.bucketCount : node.count }
}

// MARK: - Changes, for the one writer

extension Trie {
    /// Puts a record in, in place of one with the same key; takes over the caller's reference.
    mutating func insert(_ record: Block, seed: UInt64) {
        let key = Key(of: record, seed: seed)
        withUnsafeMutablePointer(to: &self) { Trie.insert(record, key, seed, at: $0) }
    }

    private static func insert(_ record: Block, _ key: Key, _ seed: UInt64, at root: UnsafeMutablePointer<Trie>) {
        var slot = root
        var shift = 0
        while !slot.pointee.isEmpty, !slot.pointee.isLeaf {
            slot.pointee.makeUnique()
            if slot.pointee.isBucket { return insert(record, key, intoBucket: slot) }
            let way = UInt32(truncatingIfNeeded: key.hash >> UInt64(shift)) & 31
            let node = slot.pointee.node
            guard node.has(way) else {
                slot.pointee = Trie(node: node.inserting(Trie(leaf: record), way))
                return
            }
            slot = node.slot(node.index(of: way))
            shift += bitsPerLevel
        }
        guard slot.pointee.isLeaf else {
            slot.pointee = Trie(leaf: record)
            return
        }
        let other = slot.pointee.leaf
        if key.isKey(of: other) {
            slot.pointee = Trie(leaf: record)
            other.release()
        } else {
            slot.pointee = fork(Trie(leaf: record), key.hash, Trie(leaf: other), Key(of: other, seed: seed).hash, shift)
        }
    }

    private static func insert(_ record: Block, _ key: Key, intoBucket slot: UnsafeMutablePointer<Trie>) {
        let node = slot.pointee.node
        for index in 0..<node.bucketCount where key.isKey(of: node.slot(index).pointee.leaf) {
            node.slot(index).pointee.leaf.release()
            node.slot(index).pointee = Trie(leaf: record)
            return
        }
        slot.pointee = Trie(bucket: node.appendingToBucket(Trie(leaf: record)))
    }

    /// A node, or a chain of nodes, over two records with different keys.
    private static func fork(_ a: Trie, _ hashA: UInt64, _ b: Trie, _ hashB: UInt64, _ shift: Int) -> Trie {
        guard shift < bucketShift else { return Trie(bucket: TrieNode(bucketOf: [a, b])) }
        let wayA = UInt32(truncatingIfNeeded: hashA >> UInt64(shift)) & 31
        let wayB = UInt32(truncatingIfNeeded: hashB >> UInt64(shift)) & 31
        if wayA == wayB {
            let below = fork(a, hashA, b, hashB, shift + bitsPerLevel)
            return Trie(node: TrieNode(bitmap: 1 << wayA, [below]))
        }
        return Trie(node: TrieNode(bitmap: 1 << wayA | 1 << wayB, wayA < wayB ? [a, b] : [b, a]))
    }

    /// Takes the record with this key out and releases it; false if there is none.
    @discardableResult
    mutating func remove(_ key: Key) -> Bool {
        guard find(key) != nil else { return false }
        withUnsafeMutablePointer(to: &self) { Trie.remove(key, shift: 0, at: $0) }
        return true
    }

    private static func remove(_ key: Key, shift: Int, at slot: UnsafeMutablePointer<Trie>) {
        if slot.pointee.isLeaf {
            let record = slot.pointee.leaf
            slot.pointee = Trie()
            return record.release()
        }
        slot.pointee.makeUnique()
        let node = slot.pointee.node
        let isBucket = slot.pointee.isBucket
        let index: Int
        if isBucket {
            index = (0..<node.bucketCount).first { key.isKey(of: node.slot($0).pointee.leaf) } ?? 0
            node.slot(index).pointee.leaf.release()
            node.slot(index).pointee = Trie()
        } else {
            index = node.index(of: UInt32(truncatingIfNeeded: key.hash >> UInt64(shift)) & 31)
            remove(key, shift: shift + bitsPerLevel, at: node.slot(index))
        }
        slot.pointee.contract(changed: index)
    }

    /// Restores the shape after the slot at `index` of this unique node has lost a record: no empty slots, and no node
    /// over a single record.
    private mutating func contract(changed index: Int) {
        if node.slot(index).pointee.isEmpty {
            self = isBucket ? Trie(bucket: node.removingFromBucket(index)) : Trie(node: node.removing(index))
        }
        guard slotCount == 1, node.slot(0).pointee.isLeaf else { return }
        let last = node.slot(0).pointee
        Memory.deallocate(node.base)
        self = last
    }

    /// The record with this key in a place of its own, for the writer to replace or to change: everything on the way
    /// down is this map's alone, the record itself need not be.
    mutating func withSlot<Result>(of key: Key, _ body: (inout Block) -> Result) -> Result? {
        guard find(key) != nil else { return nil }
        return withUnsafeMutablePointer(to: &self) { root in
            var slot = root
            var hash = key.hash
            while !slot.pointee.isLeaf {
                slot.pointee.makeUnique()
                let node = slot.pointee.node
                if slot.pointee.isBucket {
                    slot = node.slot((0..<node.bucketCount).first { key.isKey(of: node.slot($0).pointee.leaf) } ?? 0)
                } else {
                    slot = node.slot(node.index(of: UInt32(truncatingIfNeeded: hash) & 31))
                    hash >>= 5
                }
            }
            var record = slot.pointee.leaf
            let result = body(&record)
            slot.pointee = Trie(leaf: record)
            return result
        }
    }

    private mutating func makeUnique() {
        guard !Block(node.base).isUnique else { return }
        let copy = TrieNode(copying: node, slots: slotCount)
        let wasBucket = isBucket
        release()
        self = wasBucket ? Trie(bucket: copy) : Trie(node: copy)
    }
}

// MARK: - References

extension Trie {
    /// Counts one more owner of everything in the map.
    func retain() {
        if isEmpty { return }
        isLeaf ? leaf.retain() : Block(node.base).retain()
    }

    /// Counts one owner less, and frees what has no owner any more.
    func release() {
        if isEmpty { return }
        if isLeaf { return leaf.release() }
        guard node.releaseReference() else { return }
        for index in 0..<slotCount { node.slot(index).pointee.release() }
        Memory.deallocate(node.base)
    }
}
