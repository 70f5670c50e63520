import CLinux
public import Synchronization
public import Telemetry

/// A value that one writer replaces and every worker reads without waiting: no lock, and no reference count that two
/// cores would share. A reader tells in a slot of its own which version it looks at (a hazard pointer); the writer
/// frees a version when no slot names it any more.
public final class Published<Value: Sendable>: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: versions are immutable once published, slots are atomic and each is written by
    // one worker, `retired` is touched by the one writer only.
    @usableFromInline let current: Atomic<UnsafeMutablePointer<Value>>
    @usableFromInline let slots: UnsafeMutableRawPointer
    private let slotCount: Int
    private var retired: [UnsafeMutablePointer<Value>] = []

    /// Slots stand apart so that no two share a cache line, nor a pair that is fetched together.
    @usableFromInline static var slotStride: Int { 128 }
    /// How often the writer looks again whether a reader has let go, and how long it sleeps in between.
    private static var looksMax: Int { 200 }
    private static var pauseMicroseconds: UInt32 { 50 }

    /// A first version, for so many workers.
    public init(_ value: Value, workers: Int) {
        let first = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        first.initialize(to: value)
        current = Atomic(first)
        slotCount = workers
        slots = .allocate(byteCount: workers * Self.slotStride, alignment: Self.slotStride)
        for index in 0..<workers {
            (slots + index * Self.slotStride).bindMemory(to: Atomic<UInt>.self, capacity: 1).initialize(to: Atomic(0))
        }
    }

    deinit {
        for version in retired + [current.load(ordering: .acquiring)] { free(version) }
        slots.deallocate()
    }

    /// Calls `body` with the newest version, which stays as it is meanwhile. On the worker's queue only, not nested.
    @inlinable @inline(__always)
    public func read<Result>(_ worker: WorkerSlot, _ body: (UnsafePointer<Value>) -> Result) -> Result {
        let slot = (slots + worker.index &* Self.slotStride).assumingMemoryBound(to: Atomic<UInt>.self)
        var version = current.load(ordering: .acquiring)
        while true {
            slot.pointee.store(UInt(bitPattern: version), ordering: .sequentiallyConsistent)
            // The writer may have looked at the slots just before: only what is still current now is safe.
            let newest = current.load(ordering: .sequentiallyConsistent)
            if newest == version { break }
            version = newest
        }
        defer { slot.pointee.store(0, ordering: .releasing) }
        return body(UnsafePointer(version))
    }

    /// Replaces the value. Readers that are under way finish with the old version. One writer at a time.
    public func publish(_ value: Value) {
        let next = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        next.initialize(to: value)
        retired.append(current.exchange(next, ordering: .sequentiallyConsistent))
        // A query takes microseconds, so this ends at the first look as a rule; what is still read waits for the next
        // call.
        for _ in 0..<Self.looksMax {
            freeUnread()
            if retired.isEmpty { return }
            usleep(Self.pauseMicroseconds)
        }
    }

    private func freeUnread() {
        let read = Set(
            (0..<slotCount).map {
                (slots + $0 * Self.slotStride).assumingMemoryBound(to: Atomic<UInt>.self).pointee
                    .load(ordering: .sequentiallyConsistent)
            })
        retired.removeAll { version in
            guard !read.contains(UInt(bitPattern: version)) else { return false }
            free(version)
            return true
        }
    }

    private func free(_ version: UnsafeMutablePointer<Value>) {
        version.deinitialize(count: 1)
        version.deallocate()
    }
}
