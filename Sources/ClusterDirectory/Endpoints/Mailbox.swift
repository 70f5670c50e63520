import Locking

/// Hands the newest value to one task. A value that the task had no time for is replaced by the next one, so that no
/// more than one ever waits; one that is equal to what the task has is none.
final class Mailbox<Value: Equatable & Sendable>: Sendable {
    private struct State {
        var taken: Value?
        var waiting: Value?
        var taker: CheckedContinuation<Value?, Never>?
        var isOver = false
    }

    /// What becomes of a task that asks.
    private enum Step {
        case waits
        case gets(Value?)
    }

    private let state = Lock(State())

    /// Replaces what waits.
    func put(_ value: Value) {
        let taker = state.withLock { state -> CheckedContinuation<Value?, Never>? in
            guard !state.isOver else { return nil }
            guard value != state.taken else {
                state.waiting = nil
                return nil
            }
            guard let taker = state.taker else {
                state.waiting = value
                return nil
            }
            state.taker = nil
            state.taken = value
            return taker
        }
        taker?.resume(returning: value)
    }

    /// There is nothing more, for whoever waits too.
    func end() {
        let taker = state.withLock { state in
            let taker = state.taker
            state = State(isOver: true)
            return taker
        }
        taker?.resume(returning: nil)
    }

    /// Waits for a value; nil after the end, and when the task is cancelled, which is the end too.
    func next(isolation: isolated (any Actor)? = #isolation) async -> Value? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { take($0) }
        } onCancel: {
            end()
        }
    }

    private func take(_ continuation: CheckedContinuation<Value?, Never>) {
        let (step, former) = state.withLock { state -> (Step, CheckedContinuation<Value?, Never>?) in
            // One task at a time: the one before is sent away.
            let former = state.taker
            state.taker = nil
            if state.isOver { return (.gets(nil), former) }
            if let value = state.waiting {
                state.waiting = nil
                state.taken = value
                return (.gets(value), former)
            }
            state.taker = continuation
            return (.waits, former)
        }
        former?.resume(returning: nil)
        if case .gets(let value) = step { continuation.resume(returning: value) }
    }
}
