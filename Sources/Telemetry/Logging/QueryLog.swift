/// The query log's line buffers, one for each worker.
public final class QueryLog: Sendable {
    // Written in `init`, read only afterwards; what a buffer holds belongs to its worker's queue.
    private nonisolated(unsafe) let buffers: UnsafeMutableBufferPointer<LineBuffer>

    /// One buffer for each of `workers` workers, in front of `sink`.
    public init(workers: Int, sink: LogSink) {
        buffers = .allocate(capacity: workers)
        for index in buffers.indices { buffers.initializeElement(at: index, to: LineBuffer(sink: sink)) }
    }

    deinit {
        for buffer in buffers { buffer.deallocate() }
        buffers.deallocate()
    }

    /// The buffer of a worker, for its queue alone.
    public subscript(worker: WorkerSlot) -> LineBuffer {
        precondition(worker.index < buffers.count)
        return buffers[worker.index]
    }

    /// Hands over what all buffers hold. Only when no worker runs any more.
    public func flush() {
        for buffer in buffers { buffer.flush() }
    }
}
