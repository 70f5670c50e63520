import Dispatch
import Glibc
import HTTPClient
import Locking
import TestSupport

/// Keeps what it is told of an exchange, and may act at each call.
final class Recorder: HTTPReceiver, Sendable {
    enum Call: Sendable { case head, bytes, end }

    private struct State {
        var head: HTTPResponseHead?
        var bytes: [UInt8] = []
        var end: HTTPEnd?
        var calls: [Call] = []
        var reaction: (@Sendable (Call) -> Void)?
    }

    private let state = Lock(State())

    /// `reaction` is called, on the client's queue, at each call.
    init(_ reaction: (@Sendable (Call) -> Void)? = nil) { state.withLock { $0.reaction = reaction } }

    func react(_ reaction: @escaping @Sendable (Call) -> Void) { state.withLock { $0.reaction = reaction } }

    func received(_ head: HTTPResponseHead) { note(.head) { $0.head = head } }

    func received(_ bytes: UnsafeRawBufferPointer) {
        let copy = Array(bytes)
        note(.bytes) { $0.bytes += copy }
    }

    func ended(_ end: HTTPEnd) { note(.end) { $0.end = end } }

    private func note(_ call: Call, _ change: (inout State) -> Void) {
        let reaction = state.withLock { state in
            change(&state)
            state.calls.append(call)
            return state.reaction
        }
        reaction?(call)
    }

    var head: HTTPResponseHead? { state.withLock { $0.head } }
    var text: String { state.withLock { String(decoding: $0.bytes, as: UTF8.self) } }
    var count: Int { state.withLock { $0.bytes.count } }
    var calls: [Call] { state.withLock { $0.calls } }
    var end: HTTPEnd? { state.withLock { $0.end } }

    /// The end of the exchange; nil if it does not come.
    func waitForEnd() -> HTTPEnd? {
        _ = wait { $0.end != nil }
        return end
    }

    func waitForHead() -> Bool { wait { $0.head != nil } }
    func waitForText(_ text: String) -> Bool { wait { String(decoding: $0.bytes, as: UTF8.self) == text } }

    private func wait(_ isTrue: (State) -> Bool) -> Bool {
        patiently { state.withLock { isTrue($0) } }
    }

    /// `complete`, or the kind of the failure and its sentence.
    var outcome: String {
        switch waitForEnd() {
        case .complete: "complete"
        case .failed(let failure): "\(failure.kind): \(failure)"
        case nil: "nothing"
        }
    }

    /// The kind of the failure, if it was one.
    var failureKind: HTTPFailure.Kind? {
        guard case .failed(let failure) = waitForEnd() else { return nil }
        return failure.kind
    }
}
