import Dispatch
import HTTPClient

/// A client with its queue, called from wherever a test is.
final class ClientUnderTest: Sendable {
    let queue = DispatchQueue(label: "test.http")
    private let client: HTTPClient

    init() { client = HTTPClient(queue: queue, userAgent: "tester/1.0") }

    deinit { close() }

    func close() { queue.sync { client.close() } }

    /// Sends a request; what comes of it is in the recorder.
    func send(_ request: HTTPRequest) -> Recorder {
        let recorder = Recorder()
        _ = send(request, to: recorder)
        return recorder
    }

    func get(_ url: String) -> Recorder { send(HTTPRequest(url: url)) }

    func send(_ request: HTTPRequest, to recorder: Recorder) -> HTTPExchange {
        queue.sync { client.send(request, to: recorder) }
    }

    /// The same on the queue, as from within a receiver.
    func sendOnQueue(_ request: HTTPRequest, to recorder: Recorder) -> HTTPExchange {
        client.send(request, to: recorder)
    }

    func closeOnQueue() { client.close() }

    func cancel(_ exchange: HTTPExchange) { queue.sync { exchange.cancel() } }
}
