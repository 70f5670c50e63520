public import Dispatch

/// Asks HTTP and HTTPS servers, over HTTP/2 where they have it. Everything happens on one queue, which also owns the
/// receivers.
public final class HTTPClient {
    /// A client whose requests are told apart by `userAgent`.
    public init(queue: DispatchQueue, userAgent: String) {}

    /// Sends a request. On the queue.
    public func send(_ request: HTTPRequest, to receiver: any HTTPReceiver) -> HTTPExchange { HTTPExchange() }

    /// Ends every exchange without telling, and closes the connections. On the queue.
    public func close() {}
}

/// One request and its response.
public final class HTTPExchange {
    /// Ends the exchange; the receiver hears nothing more, not even if it is called from within the receiver. On the
    /// queue.
    public func cancel() {}
}
