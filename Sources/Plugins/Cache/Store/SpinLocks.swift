import Glibc
import Synchronization

// Guard of `@unchecked Sendable`: the memory is atomic words, each in a cache line of its own.
/// A row of locks that are held for some dozens of nanoseconds: waiting in the kernel would take longer. The thread
/// sanitizer knows atomics.
struct SpinLocks: @unchecked Sendable {
    private let words: UnsafeMutableRawPointer
    private let count: Int
    private static let stride = 64

    init(count: Int) {
        self.count = count
        words = .allocate(byteCount: count * Self.stride, alignment: Self.stride)
        for index in 0..<count {
            (words + index * Self.stride).bindMemory(to: Atomic<UInt32>.self, capacity: 1).initialize(to: Atomic(0))
        }
    }

    func deallocate() { words.deallocate() }

    @inline(__always)
    private func word(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt32>> {
        (words + index &* Self.stride).assumingMemoryBound(to: Atomic<UInt32>.self)
    }

    /// Calls `body` while nobody else does under the same lock. It must be short, and must not ask for a lock.
    @inline(__always)
    func hold<Result>(_ index: Int, _ body: () -> Result) -> Result {
        if word(index).pointee.exchange(1, ordering: .acquiring) != 0 { wait(index) }
        defer { word(index).pointee.store(0, ordering: .releasing) }
        return body()
    }

    /// The holder is done in no time, unless it lost its core: then it shall have this one.
    @inline(never)
    private func wait(_ index: Int) {
        var looks = 0
        while true {
            if word(index).pointee.load(ordering: .relaxed) == 0,
                word(index).pointee.exchange(1, ordering: .acquiring) == 0
            {
                return
            }
            looks += 1
            if looks % CacheLimits.spinsMax == 0 { sched_yield() }
        }
    }
}
