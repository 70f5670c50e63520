import Dispatch
import Locking
import Testing

@Suite("lock")
struct LockTests {
    private struct Refusal: Error, Equatable {}

    @Test("lets one thread at a time change the state")
    func excludes() {
        let lock = Lock((changes: 0, isBusy: false, overlaps: 0))
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<10_000 {
                lock.withLock { state in
                    if state.isBusy { state.overlaps += 1 }
                    state.isBusy = true
                    state.changes += 1
                    state.isBusy = false
                }
            }
        }
        #expect(lock.withLock { $0 } == (40_000, false, 0))
    }

    @Test("gives the lock back when the body throws, with the error's type and what was changed until then")
    func throwsTyped() {
        let lock = Lock([1])
        do throws(Refusal) {
            try lock.withLock { state throws(Refusal) in
                state.append(2)
                throw Refusal()
            }
            Issue.record("nothing was thrown")
        } catch {
            #expect(error == Refusal())
        }
        #expect(lock.withLock { $0 } == [1, 2])
    }

    @Test("lets go of the state at its end")
    func releases() {
        final class Held: Sendable {}
        weak var held: Held?
        do {
            let lock = Lock(Held())
            held = lock.withLock { $0 }
            #expect(held != nil)
        }
        #expect(held == nil)
    }
}
