import Synchronization

/// The memory of a node of a `Trie`. Verbs that change the number of slots move the slots into new memory and free the
/// old, which nobody else refers to.
struct TrieNode {
    private static let headerLength = 8

    let base: UnsafeMutableRawPointer

    @inline(__always) init(_ base: UnsafeMutableRawPointer) { self.base = base }

    private init(bitmap: UInt32, slots: Int) {
        base = Memory.allocate(Self.headerLength + 8 * slots)
        references.initialize(to: Atomic(1))
        base.storeBytes(of: bitmap, toByteOffset: 4, as: UInt32.self)
    }

    /// A node over `children`, in the order of their ways.
    init(bitmap: UInt32, _ children: [Trie]) {
        self.init(bitmap: bitmap, slots: children.count)
        for (index, child) in children.enumerated() { slot(index).initialize(to: child) }
    }

    /// A list of records whose keys have the same hash.
    init(bucketOf children: [Trie]) {
        self.init(bitmap: UInt32(children.count), children)
    }

    /// A copy that shares the children.
    init(copying other: TrieNode, slots: Int) {
        self.init(bitmap: other.bitmap, slots: slots)
        for index in 0..<slots {
            let child = other.slot(index).pointee
            child.retain()
            slot(index).initialize(to: child)
        }
    }

    private var references: UnsafeMutablePointer<Atomic<UInt32>> { base.assumingMemoryBound(to: Atomic<UInt32>.self) }

    @inline(__always) private var bitmap: UInt32 { base.load(fromByteOffset: 4, as: UInt32.self) }

    var count: Int { bitmap.nonzeroBitCount }
    var bucketCount: Int { Int(bitmap) }

    @inline(__always) func slot(_ index: Int) -> UnsafeMutablePointer<Trie> {
        (base + Self.headerLength).assumingMemoryBound(to: Trie.self) + index
    }

    /// The child in a way from 0 to 31.
    @inline(__always) func child(_ way: UInt32) -> Trie? {
        let bitmap = bitmap
        let bit = 1 as UInt32 &<< way
        guard bitmap & bit != 0 else { return nil }
        return slot((bitmap & (bit &- 1)).nonzeroBitCount).pointee
    }

    func has(_ way: UInt32) -> Bool { bitmap & 1 << way != 0 }
    func index(of way: UInt32) -> Int { (bitmap & (1 << way - 1)).nonzeroBitCount }

    /// Whether that was the last reference.
    func releaseReference() -> Bool {
        references.pointee.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }

    func inserting(_ child: Trie, _ way: UInt32) -> TrieNode {
        moved(into: TrieNode(bitmap: bitmap | 1 << way, slots: count + 1), count, insertingAt: index(of: way), child)
    }

    func appendingToBucket(_ child: Trie) -> TrieNode {
        moved(into: TrieNode(bitmap: bitmap + 1, slots: bucketCount + 1), bucketCount, insertingAt: bucketCount, child)
    }

    private func moved(into new: TrieNode, _ count: Int, insertingAt index: Int, _ child: Trie) -> TrieNode {
        new.slot(0).initialize(from: slot(0), count: index)
        new.slot(index).initialize(to: child)
        new.slot(index + 1).initialize(from: slot(index), count: count - index)
        Memory.deallocate(base)
        return new
    }

    func removing(_ index: Int) -> TrieNode {
        var way: UInt32 = 0
        var seen = 0
        while seen < index || !has(way) {
            if has(way) { seen += 1 }
            way += 1
        }
        return moved(into: TrieNode(bitmap: bitmap & ~(1 << way), slots: count - 1), count, removingAt: index)
    }

    func removingFromBucket(_ index: Int) -> TrieNode {
        moved(into: TrieNode(bitmap: bitmap - 1, slots: bucketCount - 1), bucketCount, removingAt: index)
    }

    private func moved(into new: TrieNode, _ count: Int, removingAt index: Int) -> TrieNode {
        new.slot(0).initialize(from: slot(0), count: index)
        new.slot(index).initialize(from: slot(index + 1), count: count - index - 1)
        Memory.deallocate(base)
        return new
    }
}
