import CCurl

/// One request and its response.
public final class HTTPExchange: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything happens on the queue of the client.

    /// Nil once nothing more is to be told.
    private var receiver: (any HTTPReceiver)?
    private weak var loop: ExchangeLoop?
    private(set) var easy: CurlEasy?
    private var target: RequestTarget?
    private var head = HeadReader()
    /// Why the response is not taken, where that is our decision.
    private var refusal: HTTPFailure?

    init(_ receiver: any HTTPReceiver, _ loop: ExchangeLoop) {
        self.receiver = receiver
        self.loop = loop
    }

    var hasEnded: Bool { receiver == nil }

    /// Ends the exchange; the receiver hears nothing more, not even if it is called from within the receiver. On the
    /// queue.
    public func cancel() {
        guard !hasEnded else { return }
        silence()
        loop?.drop(self)
    }

    /// The receiver hears nothing more.
    func silence() { receiver = nil }

    /// Frees what libcurl holds for the exchange.
    func release() {
        silence()
        easy = nil
    }

    // MARK: Request

    func prepare(_ request: HTTPRequest, userAgent: String) throws(HTTPFailure) {
        let target = try RequestTarget(request)
        self.target = target
        let easy = try CurlEasy()
        try easy.apply(request, to: target, userAgent: userAgent)
        try easy.setReceivers(
            head: HTTPExchange.takeHead, content: HTTPExchange.takeContent,
            context: Unmanaged.passUnretained(self).toOpaque())
        self.easy = easy
    }

    // MARK: Response

    private static let takeHead: CurlDataFunction = { bytes, size, count, context in
        taken(bytes, size * count, context) { $0.takeHeadLine($1) }
    }

    private static let takeContent: CurlDataFunction = { bytes, size, count, context in
        taken(bytes, size * count, context) { exchange, bytes in
            exchange.receiver?.received(bytes)
            return true
        }
    }

    /// Anything but the number of bytes ends the request.
    private static func taken(
        _ bytes: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
        _ take: (HTTPExchange, UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        guard let context else { return -1 }
        let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
        guard !exchange.hasEnded, take(exchange, UnsafeRawBufferPointer(start: bytes, count: count)) else { return -1 }
        return exchange.hasEnded ? -1 : count
    }

    private func takeHeadLine(_ line: UnsafeRawBufferPointer) -> Bool {
        switch head.take(line) {
        case .more: break
        case .complete(let head): receiver?.received(head)
        case .tooLarge(let what):
            refusal = HTTPFailure(.garbled, "\(target?.name ?? "") sends \(what)")
            return false
        }
        return true
    }

    // MARK: End

    /// What libcurl's end of the exchange means.
    func outcome(_ code: CURLcode) -> HTTPEnd {
        if let refusal { return .failed(refusal) }
        guard let target, let easy else { return .complete }
        guard code == CURLE_OK else { return .failed(HTTPFailure(easy.outcome(code), target)) }
        // libcurl is content with an end of the connection in mid-head.
        guard head.isComplete else {
            return .failed(HTTPFailure(.cutShort, "the connection to \(target.name) ended before the response began"))
        }
        return .complete
    }

    /// Tells how it ended, unless nobody listens any more.
    func end(_ end: HTTPEnd) {
        let receiver = receiver
        release()
        receiver?.ended(end)
    }
}
