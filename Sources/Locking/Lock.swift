public import Glibc

// `state` is reached in `withLock` only, while `mutex` is held.
/// A value that one thread at a time may read or change; not for the path of a query, where nothing is locked.
///
/// Not `Synchronization.Mutex`: it waits inside the standard library, which is not instrumented, so that the thread
/// sanitizer does not see who comes after whom and reports races that are none. It knows POSIX mutexes.
public final class Lock<State: Sendable>: @unchecked Sendable {
    /// On the heap, for a POSIX mutex must not move.
    @usableFromInline let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    @usableFromInline var state: State

    /// A lock around `state`.
    public init(_ state: State) {
        self.state = state
        let code = pthread_mutex_init(mutex, nil)
        precondition(code == 0, "pthread_mutex_init failed with \(code)")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` once nobody else has the state; it must not ask for the same lock again.
    @inlinable public func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let code = pthread_mutex_lock(mutex)
        precondition(code == 0, "pthread_mutex_lock failed with \(code)")
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
