import Dispatch
import EventLoop
import Locking

/// The only way onto a resolver's queue. Whoever brings work does it himself, at once, where nobody else is at work:
/// that saves waking a thread, which costs more than the work. Else whoever is there does it next, and nobody waits.
final class QueueEntrance: LoopEntrance {
    typealias Work = @Sendable () -> Void

    private struct State {
        /// Whether somebody is on the queue, or will be; who sets this is.
        var isBusy = false
        /// Whether the thread that waits for the loop waits for its turn too.
        var hasGuest = false
        var works: [Work] = []
    }

    private enum Next {
        case works([Work])
        /// The guest is the next one on the queue.
        case guest
        case nothing
    }

    let queue: DispatchQueue
    private let state = Lock(State())
    private let turn = DispatchSemaphore(value: 0)

    init(label: String) { queue = DispatchQueue(label: label) }

    /// Does some work on the queue: before this returns, or soon.
    func run(_ work: @escaping Work) {
        let isFirst = state.withLock { state in
            guard state.isBusy else {
                state.isBusy = true
                return true
            }
            state.works.append(work)
            return false
        }
        if isFirst { occupy(work) }
    }

    /// For the one thread that may be kept waiting.
    func enter(_ work: () -> Void) {
        let isFirst = state.withLock { state in
            guard state.isBusy else {
                state.isBusy = true
                return true
            }
            state.hasGuest = true
            return false
        }
        if !isFirst { turn.wait() }
        occupy(work)
    }

    private func occupy(_ work: () -> Void) {
        let next = queue.sync {
            work()
            return doWaiting()
        }
        pass(to: next)
    }

    /// Does what others brought meanwhile, unless it goes on and on.
    private func doWaiting() -> Next {
        for _ in 0..<Limits.roundsPerTurn {
            let next = state.withLock { Self.next(&$0) }
            guard case .works(let works) = next else { return next }
            for work in works { work() }
        }
        return .works([])
    }

    private static func next(_ state: inout State) -> Next {
        if state.hasGuest {
            state.hasGuest = false
            return .guest
        }
        guard !state.works.isEmpty else {
            state.isBusy = false
            return .nothing
        }
        defer { state.works = [] }
        return .works(state.works)
    }

    private func pass(to next: Next) {
        switch next {
        case .nothing: break
        case .guest: turn.signal()
        case .works: queue.async { self.pass(to: self.doWaiting()) }
        }
    }
}
