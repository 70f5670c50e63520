import Dispatch
import HTTPClient

/// Fetches whole responses, each within a time and a size. Everything happens on the queue.
final class HTTPFetcher: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: the client is used on `queue` only.

    /// What came.
    struct Response: Sendable {
        var status: Int
        var content: [UInt8]
    }

    /// Why nothing came, or not all: a clause.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let queue: DispatchQueue
    private let client: HTTPClient

    init(userAgent: String, queue: DispatchQueue = DispatchQueue(label: "clusterdns.http")) {
        self.queue = queue
        client = HTTPClient(queue: queue, userAgent: userAgent)
    }

    deinit { queue.async { [client] in client.close() } }

    /// Sends a request and tells, once, what came of it. On the queue.
    func fetch(_ request: HTTPRequest, seconds: Int, _ done: @escaping (Result<Response, Failure>) -> Void) {
        let download = Download(done)
        var request = request
        request.connectTimeout = min(request.connectTimeout, .seconds(seconds))
        download.exchange = client.send(request, to: download)
        queue.asyncAfter(deadline: .now() + .seconds(seconds)) { [weak download] in
            download?.finish(.failure(Failure(description: "no answer within \(seconds) s")))
        }
    }

    /// The same for a thread that waits; not on the queue.
    func wait(for request: HTTPRequest, seconds: Int) -> Result<Response, Failure> {
        awaited(on: queue) { fetch(request, seconds: seconds, $0) }
    }
}

/// Takes one response.
private final class Download: HTTPReceiver, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything happens on the fetcher's queue.

    /// Longest content that is taken, in bytes.
    private static let contentBytesMax = 32 << 20

    var exchange: HTTPExchange?
    private var done: ((Result<HTTPFetcher.Response, HTTPFetcher.Failure>) -> Void)?
    private var response = HTTPFetcher.Response(status: 0, content: [])

    init(_ done: @escaping (Result<HTTPFetcher.Response, HTTPFetcher.Failure>) -> Void) { self.done = done }

    func received(_ head: HTTPResponseHead) { response.status = head.status }

    func received(_ bytes: UnsafeRawBufferPointer) {
        guard response.content.count + bytes.count <= Self.contentBytesMax else {
            let sentence = "the answer is longer than \(Self.contentBytesMax >> 20) MiB"
            return finish(.failure(HTTPFetcher.Failure(description: sentence)))
        }
        response.content += bytes
    }

    func ended(_ end: HTTPEnd) {
        switch end {
        case .complete: finish(.success(response))
        case .failed(let failure): finish(.failure(HTTPFetcher.Failure(description: failure.description)))
        }
    }

    func finish(_ result: Result<HTTPFetcher.Response, HTTPFetcher.Failure>) {
        guard let done else { return }
        self.done = nil
        exchange?.cancel()
        exchange = nil
        done(result)
    }
}
