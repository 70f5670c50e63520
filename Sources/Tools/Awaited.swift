import Dispatch
import Locking

/// Starts something on a queue and waits until it tells what came of it, which it must do in any case; what it tells
/// first counts. For a thread that has nothing else to do, and is not the queue's.
func awaited<Value: Sendable>(
    on queue: DispatchQueue, _ start: (_ done: @escaping @Sendable (Value) -> Void) -> Void
) -> Value {
    let told = Lock<Value?>(nil)
    let arrived = DispatchSemaphore(value: 0)
    queue.sync {
        start { value in
            told.withLock { $0 = $0 ?? value }
            arrived.signal()
        }
    }
    arrived.wait()
    guard let value = told.withLock({ $0 }) else { preconditionFailure("signalled without a value") }
    return value
}
