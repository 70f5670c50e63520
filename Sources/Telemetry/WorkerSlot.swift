/// The number of a worker: it writes to counters and log buffers of its own, so that neither needs a lock.
public struct WorkerSlot: Hashable, Sendable {
    /// 0 for the first worker.
    public let index: Int

    /// The slot of the worker with this number.
    @inlinable public init(_ index: Int) {
        precondition(index >= 0)
        self.index = index
    }
}
