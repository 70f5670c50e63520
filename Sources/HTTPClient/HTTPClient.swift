public import Dispatch

/// Asks HTTP and HTTPS servers, over HTTP/2 where they have it. Everything happens on one queue, which also owns the
/// receivers.
///
/// Requests of equal transports to one server share its connections. Nothing is done that was not asked for: no
/// redirects, cookies, proxies of the environment or compression.
public final class HTTPClient: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything happens on the queue, which `ExchangeLoop` checks.
    private let userAgent: String
    private let loop: ExchangeLoop

    /// A client whose requests are told apart by `userAgent`.
    public init(queue: DispatchQueue, userAgent: String) {
        self.userAgent = userAgent
        loop = ExchangeLoop(queue: queue)
    }

    /// Sends a request. On the queue. The receiver hears nothing before this returns.
    public func send(_ request: HTTPRequest, to receiver: any HTTPReceiver) -> HTTPExchange {
        let exchange = HTTPExchange(receiver, loop)
        do throws(HTTPFailure) {
            try exchange.prepare(request, userAgent: userAgent)
            loop.start(exchange)
        } catch {
            loop.fail(exchange, error)
        }
        return exchange
    }

    /// Ends every exchange without telling, and closes the connections. On the queue.
    public func close() { loop.close() }
}
