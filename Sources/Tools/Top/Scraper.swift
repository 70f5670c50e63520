import Dispatch
import EventLoop
import HTTPClient

/// Fetches what servers tell of themselves. Everything happens on the queue.
final class Scraper: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: the client is used on `queue` only.

    /// What a server told, or a sentence about why it did not.
    enum Outcome: Sendable {
        case snapshot(ServerSnapshot)
        case failed(String)
    }

    /// Longest wait for a server's answers.
    static let patience = Duration.seconds(2)
    private static let metricsPath = "/metrics"
    private static let topPath = "/debug/top"

    let queue: DispatchQueue
    private let client: HTTPClient

    init(queue: DispatchQueue) {
        self.queue = queue
        client = HTTPClient(queue: queue, userAgent: "clusterdns-top")
    }

    /// Asks one server and tells, once, what came of it. On the queue.
    func scrape(_ address: MetricsAddress, _ done: @escaping @Sendable (Outcome) -> Void) {
        fetch(address.base + Self.metricsPath) { [self] metrics in
            switch metrics {
            case .failed(let reason): done(.failed(reason))
            case .refused(let status): done(.failed("\(Self.metricsPath) answers with HTTP status \(status)"))
            case .content(let bytes):
                var snapshot = ServerSnapshot(metrics: bytes, time: EventLoop.now)
                fetch(address.base + Self.topPath) { top in
                    if case .content(let bytes) = top { snapshot.add(top: bytes) }
                    done(.snapshot(snapshot))
                }
            }
        }
    }

    private func fetch(_ url: String, _ done: @escaping (Download.Outcome) -> Void) {
        let download = Download(done)
        var request = HTTPRequest(url: url)
        request.connectTimeout = Self.patience
        download.exchange = client.send(request, to: download)
        queue.asyncAfter(deadline: .now() + .milliseconds(Int(Self.patience / .milliseconds(1)))) { [weak download] in
            download?.expire()
        }
    }
}

/// Takes one response. On the queue.
private final class Download: HTTPReceiver, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything happens on the scraper's queue.
    enum Outcome {
        case content([UInt8])
        case refused(status: Int)
        case failed(String)
    }

    /// Bytes of a response.
    private static let bytesMax = 32 << 20

    var exchange: HTTPExchange?
    private var done: ((Outcome) -> Void)?
    private var status = 0
    private var bytes: [UInt8] = []

    init(_ done: @escaping (Outcome) -> Void) { self.done = done }

    func received(_ head: HTTPResponseHead) { status = head.status }

    func received(_ bytes: UnsafeRawBufferPointer) {
        guard self.bytes.count + bytes.count <= Self.bytesMax else {
            return finish(.failed("the answer has more than \(Self.bytesMax >> 20) MiB"))
        }
        self.bytes += bytes
    }

    func ended(_ end: HTTPEnd) {
        switch end {
        case .complete where status == 200: finish(.content(bytes))
        case .complete: finish(.refused(status: status))
        case .failed(let failure): finish(.failed(failure.description))
        }
    }

    func expire() { finish(.failed("no answer within \(Scraper.patience.components.seconds) seconds")) }

    private func finish(_ outcome: Outcome) {
        guard let done else { return }
        self.done = nil
        exchange?.cancel()
        exchange = nil
        done(outcome)
    }
}
