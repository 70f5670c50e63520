import CLinux
public import Synchronization
public import Telemetry

/// A value that one writer replaces and every worker reads without waiting: no lock, and no reference count that two
/// cores would share. A reader tells in a slot of its own which version it looks at (a hazard pointer); the writer
/// frees a version when no slot names it any more.
public final class Published<Value: Sendable>: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: versions are immutable once published, slots are atomic and each is written by
    // one worker, `retired` is touched by the one writer only.
    /// The readers' side; keep the `Published` alive as long as it is used.
    public let reader: Reader
    private let slotCount: Int
    private var retired: [UnsafeMutablePointer<Value>] = []

    /// How often the writer looks again whether a reader has let go, and how long it sleeps in between.
    private static var looksMax: Int { 200 }
    private static var pauseMicroseconds: UInt32 { 50 }

    /// A first version, for so many workers.
    public init(_ value: Value, workers: Int) {
        slotCount = workers
        reader = Reader(value, workers)
    }

    deinit {
        for version in retired + [reader.current.pointee.load(ordering: .acquiring)] { free(version) }
        reader.deallocate()
    }

    // Guard of `@unchecked Sendable`: all that the pointers lead to is atomic, or immutable once published.
    /// Plain memory that readers share: copying it counts no reference.
    public struct Reader: @unchecked Sendable {
        @usableFromInline let current: UnsafeMutablePointer<Atomic<UnsafeMutablePointer<Value>>>
        @usableFromInline let slots: UnsafeMutableRawPointer

        /// Slots stand apart so that no two share a cache line, nor a pair that is fetched together.
        @usableFromInline static var slotStride: Int { 128 }

        fileprivate init(_ value: Value, _ workers: Int) {
            let first = UnsafeMutablePointer<Value>.allocate(capacity: 1)
            first.initialize(to: value)
            current = .allocate(capacity: 1)
            current.initialize(to: Atomic(first))
            slots = .allocate(byteCount: workers * Self.slotStride, alignment: Self.slotStride)
            for index in 0..<workers {
                (slots + index * Self.slotStride).bindMemory(to: Atomic<UInt>.self, capacity: 1)
                    .initialize(to: Atomic(0))
            }
        }

        fileprivate func deallocate() {
            current.deinitialize(count: 1)
            current.deallocate()
            slots.deallocate()
        }

        @inlinable @inline(__always)
        func slot(_ index: Int) -> UnsafeMutablePointer<Atomic<UInt>> {
            (slots + index &* Self.slotStride).assumingMemoryBound(to: Atomic<UInt>.self)
        }

        /// Calls `body` with the newest version, which stays as it is meanwhile. On the worker's queue only, not
        /// nested.
        @inlinable @inline(__always)
        public func read<Result>(_ worker: WorkerSlot, _ body: (UnsafePointer<Value>) -> Result) -> Result {
            let slot = slot(worker.index)
            var version = current.pointee.load(ordering: .acquiring)
            while true {
                slot.pointee.store(UInt(bitPattern: version), ordering: .sequentiallyConsistent)
                // The writer may have looked at the slots just before: only what is still current now is safe.
                let newest = current.pointee.load(ordering: .sequentiallyConsistent)
                if newest == version { break }
                version = newest
            }
            defer { slot.pointee.store(0, ordering: .releasing) }
            return body(UnsafePointer(version))
        }
    }

    /// Replaces the value. Readers that are under way finish with the old version. One writer at a time.
    public func publish(_ value: Value) {
        let next = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        next.initialize(to: value)
        retired.append(reader.current.pointee.exchange(next, ordering: .sequentiallyConsistent))
        // A query takes microseconds, so this ends at the first look as a rule; what is still read waits for the next
        // call.
        for _ in 0..<Self.looksMax {
            freeUnread()
            if retired.isEmpty { return }
            usleep(Self.pauseMicroseconds)
        }
    }

    private func freeUnread() {
        let read = Set((0..<slotCount).map { reader.slot($0).pointee.load(ordering: .sequentiallyConsistent) })
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
