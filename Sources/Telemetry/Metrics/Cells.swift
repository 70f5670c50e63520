public import Synchronization

// Each row has one writer, the shared row is only added to atomically, and every access is an atomic one.
/// A row of counters for each worker and one more row for everybody else.
///
/// A worker adds to its own row with a plain load and store: rows lie in cache lines of their own, and nobody else
/// writes there. Readers add the rows up. The memory lives as long as the process; a copy is a second handle.
public struct Cells: @unchecked Sendable {
    /// Bytes that processors hand around as one.
    static let cacheLineBytes = 64

    @usableFromInline let base: UnsafeMutablePointer<Atomic<UInt64>>
    @usableFromInline let stride: Int
    @usableFromInline let workers: Int
    /// Cells of a row.
    public let count: Int

    init(count: Int, workers: Int) {
        precondition(count > 0 && workers >= 0)
        let perLine = Self.cacheLineBytes / MemoryLayout<Atomic<UInt64>>.stride
        stride = (count + perLine - 1) / perLine * perLine
        self.count = count
        self.workers = workers
        let cells = stride * (workers + 1)
        base = UnsafeMutableRawPointer.allocate(
            byteCount: cells * MemoryLayout<Atomic<UInt64>>.stride, alignment: Self.cacheLineBytes
        ).bindMemory(to: Atomic<UInt64>.self, capacity: cells)
        for index in 0..<cells { (base + index).initialize(to: Atomic(0)) }
    }

    /// Adds to a cell of a worker's own row; only on that worker's queue.
    @inlinable @inline(__always)
    public func add(_ amount: UInt64, at index: Int, by worker: WorkerSlot) {
        precondition(UInt(bitPattern: index) < UInt(bitPattern: count) && worker.index < workers)
        let cell = base + (worker.index &* stride &+ index)
        cell.pointee.store(cell.pointee.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }

    /// Adds to the shared row, from any thread.
    public func add(_ amount: UInt64, at index: Int) {
        precondition(index >= 0 && index < count)
        (base + (workers * stride + index)).pointee.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum of a cell over all rows.
    public func total(at index: Int) -> UInt64 {
        precondition(index >= 0 && index < count)
        var sum: UInt64 = 0
        for row in 0...workers { sum &+= (base + (row * stride + index)).pointee.load(ordering: .relaxed) }
        return sum
    }
}
