import Dispatch
import HTTPClient
import Locking

/// Sends a GET and waits for the whole response. Used from one thread, which is not the queue's.
final class BlockingHTTP {
    /// Longest content that is taken, in bytes.
    private static let contentBytesMax = 32 << 20

    /// What came.
    struct Response: Sendable {
        var status: Int
        var content: [UInt8]
    }

    private let queue = DispatchQueue(label: "clusterdns.explain.http")
    private let client: HTTPClient

    init() { client = HTTPClient(queue: queue, userAgent: "clusterdns-explain") }

    deinit { queue.sync { [client] in client.close() } }

    func get(_ request: HTTPRequest, seconds: Int) -> Result<Response, ExplainFailure> {
        let receiver = Receiver(limit: Self.contentBytesMax)
        let exchange = queue.sync { client.send(request, to: receiver) }
        guard receiver.arrived.wait(timeout: .now() + .seconds(seconds)) == .success else {
            queue.sync { exchange.cancel() }
            return .failure(ExplainFailure("no answer within \(seconds) s"))
        }
        return receiver.result
    }

    /// Collects one response.
    private final class Receiver: HTTPReceiver, Sendable {
        private struct State {
            var response = Response(status: 0, content: [])
            var failure: ExplainFailure?
        }

        let arrived = DispatchSemaphore(value: 0)
        private let limit: Int
        private let state = Lock(State())

        init(limit: Int) { self.limit = limit }

        func received(_ head: HTTPResponseHead) { state.withLock { $0.response.status = head.status } }

        func received(_ bytes: UnsafeRawBufferPointer) {
            state.withLock { state in
                guard state.response.content.count + bytes.count <= limit else {
                    state.failure = ExplainFailure("the answer is longer than \(limit >> 20) MiB")
                    return
                }
                state.response.content += bytes
            }
        }

        func ended(_ end: HTTPEnd) {
            if case .failed(let failure) = end {
                state.withLock { $0.failure = $0.failure ?? ExplainFailure("\(failure)") }
            }
            arrived.signal()
        }

        var result: Result<Response, ExplainFailure> {
            state.withLock { state in state.failure.map { .failure($0) } ?? .success(state.response) }
        }
    }
}
