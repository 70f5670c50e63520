import Glibc
import Locking

/// A value that a script changes.
final class Box<Value: Sendable>: Sendable {
    private let value: Lock<Value>

    init(_ value: Value) { self.value = Lock(value) }

    var now: Value { value.withLock { $0 } }

    /// Puts a new value in, and tells the old one.
    func swap(_ new: Value) -> Value {
        value.withLock { old in
            defer { old = new }
            return old
        }
    }
}

/// Waits, where nothing tells that enough time has passed.
func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }
