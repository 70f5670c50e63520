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
final class WideNodePool: Sendable {
    /// More than one change needs in the largest cluster.
    private static let capacity = 64

    static let shared = WideNodePool()

    private let free = Lock<[UInt]>([])

    /// Memory for a wide node.
    func take() -> UnsafeMutableRawPointer {
        let address = free.withLock { $0.popLast() }
        return address.flatMap { UnsafeMutableRawPointer(bitPattern: $0) } ?? Memory.allocate(TrieNode.wideSize)
    }

    /// Takes memory of a wide node back.
    func give(_ memory: UnsafeMutableRawPointer) {
        let isKept = free.withLock { free in
            guard free.count < Self.capacity else { return false }
            free.append(UInt(bitPattern: memory))
            return true
        }
        if !isKept { Memory.deallocate(memory) }
    }

    /// How many are kept.
    var count: Int { free.withLock { $0.count } }
}
