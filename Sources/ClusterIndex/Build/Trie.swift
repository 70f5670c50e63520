/// A persistent map from keys to records: a hash trie, 16 ways a level. One word: nothing, a record, or a node.
///
/// A node has one word for each of its occupied ways, or, where many are, one for every way: see `TrieNode`. Changes
/// copy the path down to what changes, except for nodes that nobody else refers to. The bits of the hash last for
/// sixteen levels; keys that agree in all of them share a bucket, a mere list.
struct Trie {
    private static var bitsPerLevel: Int { 4 }
    /// Bits of the hash used up where buckets begin.
    private static var bucketShift: Int { 64 }

    /// What a word is: its two lowest bits.
    private enum Shape: UInt {
        /// Nothing at all, or a node with a word for each occupied way.
        case narrow = 0
        case leaf = 1
        case bucket = 2
        /// A node with a word for every way.
        case wide = 3
    }

    private var bits: UInt = 0

    /// An empty map.
    init() {}

    private init(leaf record: Block) { bits = UInt(bitPattern: record.base) | Shape.leaf.rawValue }
    private init(_ node: TrieNode) {
        let shape: Shape =
            switch node.form {
            case .narrow: .narrow
            case .wide: .wide
            case .bucket: .bucket
            }
        bits = UInt(bitPattern: node.base) | shape.rawValue
    }

    var isEmpty: Bool { bits == 0 }

    /// The record with this key. For readers: counts nothing.
    @inline(__always)
    func find(_ key: Key) -> Block? {
        var word = self
        var hash = key.hash
        // Two tests of a bit each, in place of a switch over shapes, which would jump through a table.
        while true {
            let way = Int(truncatingIfNeeded: hash & 15)
            if word.bits & Shape.leaf.rawValue != 0 {
                guard word.shape == .wide else { return key.isKey(of: word.leaf) ? word.leaf : nil }
                word = TrieNode(word.memory, .wide).slot(way).pointee
            } else {
                guard word.bits != 0, word.bits & Shape.bucket.rawValue == 0 else { return word.findInBucket(key) }
                guard let child = TrieNode(word.memory, .narrow).child(way) else { return nil }
                word = child
            }
            hash &>>= 4
        }
    }

    private func findInBucket(_ key: Key) -> Block? {
        if isEmpty { return nil }
        for index in 0..<node.bucketCount where key.isKey(of: node.slot(index).pointee.leaf) {
            return node.slot(index).pointee.leaf
        }
        return nil
    }

    @inline(__always) private var shape: Shape {
        // Two bits have these four values.
        Shape(rawValue: bits & 3).unsafelyUnwrapped
    }
    private var isLeaf: Bool { shape == .leaf }
    private var isBucket: Bool { shape == .bucket }

    // Both are valid only for the shapes that their names tell.
    @inline(__always) private var leaf: Block { Block(memory) }
    @inline(__always) private var node: TrieNode {
        TrieNode(memory, shape == .wide ? .wide : shape == .bucket ? .bucket : .narrow)
    }

    @inline(__always) private var memory: UnsafeMutableRawPointer {
        // Not null: only asked of words that are not empty.
        UnsafeMutableRawPointer(bitPattern: bits & ~3).unsafelyUnwrapped
    }

    /// Calls `body` with each record, in no particular order.
    func forEach(_ body: (Block) -> Void) {
        if isEmpty { return }
        if isLeaf { return body(leaf) }
        for index in 0..<node.slotCount { node.slot(index).pointee.forEach(body) }
    }
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
            let way = Trie.way(key.hash, shift)
            let node = slot.pointee.node
            guard node.has(way) else {
                slot.pointee = Trie(node.inserting(Trie(leaf: record), way))
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
        slot.pointee = Trie(node.inserting(Trie(leaf: record), node.bucketCount))
    }

    private static func way(_ hash: UInt64, _ shift: Int) -> Int { Int(hash >> UInt64(shift) & 15) }

    /// A node, or a chain of nodes, over two records with different keys.
    private static func fork(_ a: Trie, _ hashA: UInt64, _ b: Trie, _ hashB: UInt64, _ shift: Int) -> Trie {
        guard shift < bucketShift else { return Trie(TrieNode(bucketOf: [a, b])) }
        let (wayA, wayB) = (way(hashA, shift), way(hashB, shift))
        if wayA == wayB {
            let below = fork(a, hashA, b, hashB, shift + bitsPerLevel)
            return Trie(TrieNode(bitmap: 1 << wayA, [below]))
        }
        return Trie(TrieNode(bitmap: 1 << wayA | 1 << wayB, wayA < wayB ? [a, b] : [b, a]))
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
            index = node.index(of: way(key.hash, shift))
            remove(key, shift: shift + bitsPerLevel, at: node.slot(index))
        }
        slot.pointee.contract(changed: index)
    }

    /// Restores the shape after the slot at `index` of this unique node has lost a record: no slots of nothing but in
    /// wide nodes, and no node over a single record.
    private mutating func contract(changed index: Int) {
        if node.slot(index).pointee.isEmpty { self = Trie(node.removing(index)) }
        guard shape != .wide, node.slotCount == 1, node.slot(0).pointee.isLeaf else { return }
        let last = node.slot(0).pointee
        node.deallocate()
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
                    slot = node.slot(node.index(of: Trie.way(hash, 0)))
                    hash >>= 4
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
        let copy = Trie(TrieNode(copying: node))
        release()
        self = copy
    }
}

// MARK: - References

extension Trie {
    /// Counts one more owner of everything in the map.
    @inline(__always)
    func retain() {
        // Nodes and records alike begin with their references.
        if !isEmpty { Block(memory).retain() }
    }

    /// Counts one owner less, and frees what has no owner any more.
    @inline(__always)
    func release() {
        if !isEmpty, Block(memory).releaseReference() { free() }
    }

    private func free() {
        if isLeaf { return leaf.free() }
        node.releaseChildren()
        node.deallocate()
    }
}
