import Synchronization

/// The memory of a node of a `Trie`: references (4 bytes), a bitmap of the occupied ways (4), four bits for each way
/// that tell its slot (8), then the slots.
///
/// Verbs that change what is in a node may move the slots into new memory and free the old, which nobody else refers
/// to.
struct TrieNode {
    /// How the slots lie.
    enum Form {
        /// One slot for each occupied way, in order.
        case narrow
        /// One slot for every way.
        case wide
        /// A list; its length stands in place of the bitmap.
        case bucket
    }

    private static var headerLength: Int { 16 }
    private static var ways: Int { 16 }
    /// A node of so many children becomes wide, which is faster to go through, and narrow again below the other number.
    private static var wideFrom: Int { 8 }
    private static var narrowBelow: Int { 6 }
    /// Bytes of a wide node.
    static var wideSize: Int { headerLength + 8 * ways }

    let base: UnsafeMutableRawPointer
    let form: Form

    @inline(__always) init(_ base: UnsafeMutableRawPointer, _ form: Form) {
        self.base = base
        self.form = form
    }

    private init(_ form: Form, bitmap: UInt32) {
        self.form = form
        let slots = form == .bucket ? Int(bitmap) : bitmap.nonzeroBitCount
        base = form == .wide ? WideNodePool.shared.take() : Memory.allocate(Self.headerLength + 8 * slots)
        references.initialize(to: Atomic(1))
        base.storeBytes(of: bitmap, toByteOffset: 4, as: UInt32.self)
        base.storeBytes(of: form == .narrow ? TrieNode.places(bitmap) : 0, toByteOffset: 8, as: UInt64.self)
    }

    /// For each occupied way, how many are before it.
    private static func places(_ bitmap: UInt32) -> UInt64 {
        var places: UInt64 = 0
        var rest = bitmap
        var place: UInt64 = 0
        while rest != 0 {
            places |= place << UInt64(4 * rest.trailingZeroBitCount)
            place += 1
            rest &= rest - 1
        }
        return places
    }

    /// A node over `children`, in the order of their ways.
    init(bitmap: UInt32, _ children: [Trie]) {
        self.init(.narrow, bitmap: bitmap)
        for (index, child) in children.enumerated() { slot(index).initialize(to: child) }
    }

    /// A list of records whose keys have the same hash.
    init(bucketOf children: [Trie]) {
        self.init(.bucket, bitmap: UInt32(children.count))
        for (index, child) in children.enumerated() { slot(index).initialize(to: child) }
    }

    /// A copy that shares the children.
    init(copying other: TrieNode) {
        self.init(other.form, bitmap: other.bitmap)
        slot(0).initialize(from: other.slot(0), count: slotCount)
        forEachChild { $0.retain() }
    }

    /// Calls `body` with all that the slots refer to, nodes and records alike: both begin with their references.
    @inline(__always)
    private func forEachChild(_ body: (Block) -> Void) {
        let words = UnsafeRawPointer(slot(0)).assumingMemoryBound(to: UInt.self)
        var index = 0
        let count = slotCount
        while index < count {
            if let memory = UnsafeMutableRawPointer(bitPattern: words[index] & ~3) { body(Block(memory)) }
            index &+= 1
        }
    }

    /// Gives up the references to the children.
    func releaseChildren() {
        var index = 0
        let count = slotCount
        while index < count {
            slot(index).pointee.release()
            index &+= 1
        }
    }

    private var references: UnsafeMutablePointer<Atomic<UInt32>> { base.assumingMemoryBound(to: Atomic<UInt32>.self) }

    @inline(__always) private var bitmap: UInt32 { base.load(fromByteOffset: 4, as: UInt32.self) }

    private func setBitmap(_ bitmap: UInt32) { base.storeBytes(of: bitmap, toByteOffset: 4, as: UInt32.self) }

    var bucketCount: Int { Int(bitmap) }

    /// Slots in memory, those of nothing in a wide node among them.
    var slotCount: Int {
        switch form {
        case .narrow: bitmap.nonzeroBitCount
        case .wide: Self.ways
        case .bucket: bucketCount
        }
    }

    @inline(__always) func slot(_ index: Int) -> UnsafeMutablePointer<Trie> {
        (base + Self.headerLength).assumingMemoryBound(to: Trie.self) + index
    }

    /// The child of a narrow node in a way from 0 to 15.
    @inline(__always) func child(_ way: Int) -> Trie? {
        guard bitmap & 1 &<< UInt32(truncatingIfNeeded: way) != 0 else { return nil }
        let places = base.load(fromByteOffset: 8, as: UInt64.self)
        return slot(Int(truncatingIfNeeded: places &>> UInt64(truncatingIfNeeded: 4 &* way) & 15)).pointee
    }

    func has(_ way: Int) -> Bool { bitmap & 1 << UInt32(way) != 0 }

    /// The slot of an occupied way, or where it would be.
    func index(of way: Int) -> Int {
        form == .wide ? way : (bitmap & (1 << UInt32(way) - 1)).nonzeroBitCount
    }

    /// Frees the memory; what the slots refer to is somebody else's by now.
    func deallocate() {
        form == .wide ? WideNodePool.shared.give(base) : Memory.deallocate(base)
    }

    /// Puts a child into a free way; in a bucket behind the others.
    func inserting(_ child: Trie, _ way: Int) -> TrieNode {
        let place = form == .bucket ? bucketCount : index(of: way)
        let more = form == .bucket ? bitmap + 1 : bitmap | 1 << UInt32(way)
        if form == .wide {
            setBitmap(more)
            slot(way).pointee = child
            return self
        }
        let new = TrieNode(form, bitmap: more)
        let count = slotCount
        new.slot(0).initialize(from: slot(0), count: place)
        new.slot(place).initialize(to: child)
        new.slot(place + 1).initialize(from: slot(place), count: count - place)
        deallocate()
        return form == .narrow && count + 1 >= Self.wideFrom ? new.widened() : new
    }

    private func widened() -> TrieNode {
        let new = TrieNode(.wide, bitmap: bitmap)
        for way in 0..<Self.ways {
            new.slot(way).initialize(to: has(way) ? slot(index(of: way)).pointee : Trie())
        }
        deallocate()
        return new
    }

    /// Takes the slot at `index` out, whose child is gone already.
    func removing(_ index: Int) -> TrieNode {
        if form == .wide {
            setBitmap(bitmap & ~(1 << UInt32(index)))
            return bitmap.nonzeroBitCount < Self.narrowBelow ? narrowed() : self
        }
        let new = TrieNode(form, bitmap: form == .bucket ? bitmap - 1 : bitmap & ~(1 << UInt32(way(of: index))))
        new.slot(0).initialize(from: slot(0), count: index)
        new.slot(index).initialize(from: slot(index + 1), count: slotCount - index - 1)
        deallocate()
        return new
    }

    private func narrowed() -> TrieNode {
        let new = TrieNode(.narrow, bitmap: bitmap)
        for way in 0..<Self.ways where has(way) { new.slot(new.index(of: way)).initialize(to: slot(way).pointee) }
        deallocate()
        return new
    }

    /// The way of a slot of a narrow node.
    private func way(of index: Int) -> Int {
        var rest = bitmap
        for _ in 0..<index { rest &= rest - 1 }
        return rest.trailingZeroBitCount
    }
}
