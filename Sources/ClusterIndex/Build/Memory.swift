import Locking
import Synchronization

/// Where blocks and trie nodes come from; debug builds count them, so that a test can see a leak.
enum Memory {
    #if DEBUG
        private static let liveAllocations = Atomic<Int>(0)
        /// Allocations of all indexes of the process that are not freed yet.
        static var live: Int { liveAllocations.load(ordering: .relaxed) }
    #endif

    static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
        #if DEBUG
            liveAllocations.add(1, ordering: .relaxed)
        #endif
        return .allocate(byteCount: (size + 7) & ~7, alignment: 8)
    }

    static func deallocate(_ memory: UnsafeMutableRawPointer) {
        #if DEBUG
            liveAllocations.subtract(1, ordering: .relaxed)
        #endif
        memory.deallocate()
    }
}

/// Memory of wide nodes that the next changes take again. Each change copies a few and frees as many a moment later;
/// more at a time than malloc keeps at hand, so that it would tidy up its whole heap again and again.
///
/// Guard of `@unchecked Sendable`: who has set `isBusy` has the list to himself; nobody waits, malloc serves too.
final class WideNodePool: @unchecked Sendable {
    /// More than one change needs in the largest cluster.
    private static var capacity: Int { 64 }

    /// The one of the process, never freed.
    static let shared = WideNodePool()

    /// The first free node, whose first word is the next one, and so on.
    private struct List {
        var first: UnsafeMutableRawPointer?
        var count = 0
    }

    private let isBusy = Atomic(false)
    private let list = UnsafeMutablePointer<List>.allocate(capacity: 1)

    private init() { list.initialize(to: List()) }

    /// Memory for a wide node.
    func take() -> UnsafeMutableRawPointer {
        takeFree() ?? Memory.allocate(TrieNode.wideSize)
    }

    private func takeFree() -> UnsafeMutableRawPointer? {
        guard begin() else { return nil }
        defer { end() }
        guard let memory = list.pointee.first else { return nil }
        list.pointee.first = memory.load(as: UnsafeMutableRawPointer?.self)
        list.pointee.count -= 1
        return memory
    }

    /// Takes memory of a wide node back.
    func give(_ memory: UnsafeMutableRawPointer) {
        guard begin() else { return Memory.deallocate(memory) }
        let isKept = list.pointee.count < Self.capacity
        if isKept {
            memory.storeBytes(of: list.pointee.first, as: UnsafeMutableRawPointer?.self)
            list.pointee.first = memory
            list.pointee.count += 1
        }
        end()
        if !isKept { Memory.deallocate(memory) }
    }

    /// How many are kept; for tests.
    var count: Int { list.pointee.count }

    private func begin() -> Bool {
        isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    }

    private func end() { isBusy.store(false, ordering: .releasing) }
}
