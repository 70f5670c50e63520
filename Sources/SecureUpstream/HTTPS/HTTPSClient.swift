import DNSMessage
import Dispatch
import EventLoop
import HTTPClient
import Upstream

/// Asks a server over HTTPS (RFC 8484). The requests have a queue of their own, for a handshake takes its time.
final class HTTPSClient: @unchecked Sendable, UpstreamClient {
    // Guard of `@unchecked Sendable`: all state is touched on the loop's queue only; `web` has a queue of its own.
    private let loop: EventLoop
    private let options: HTTPSOptions
    private let transport: HTTPTransport
    private let connectTimeout: UInt64
    private let web: HTTPClient
    private let webQueue: DispatchQueue
    private let late: LateFailures
    private var numbers = ExchangeNumbers()
    private var exchanges: [ExchangeToken: WebExchange] = [:]
    private var isClosed = false

    init(_ options: HTTPSOptions, loop: EventLoop, settings: UpstreamSettings) {
        self.loop = loop
        self.options = options
        connectTimeout = settings.connectTimeout
        transport = HTTPTransport(options.tls)
        late = LateFailures(loop)
        webQueue = DispatchQueue(label: "clusterdns.upstream.https")
        web = HTTPClient(queue: webQueue, userAgent: "clusterdns")
    }

    deinit {
        let web = web
        webQueue.async { web.close() }
    }

    var pendingCount: Int { exchanges.count + late.count }

    // MARK: Asking

    func ask(_ query: UpstreamQuery, deadline: UInt64, _ handler: any ExchangeHandler) -> ExchangeToken {
        let token = numbers.next()
        if let failure = start(token, query, deadline, handler) { late.add(token, failure, handler) }
        return token
    }

    private func start(
        _ token: ExchangeToken, _ query: UpstreamQuery, _ deadline: UInt64, _ handler: any ExchangeHandler
    ) -> ExchangeFailure? {
        guard !isClosed else { return .closed }
        guard exchanges.count < Limits.webExchangesMax else { return .saturated }
        guard let question = QuestionSection(query.message) else {
            return .malformed("the query is no message with one question")
        }
        var message = Array(query.message)
        // RFC 8484 §4.1: equal queries have equal bytes, for caches.
        (message[0], message[1]) = (0, 0)
        let exchange = WebExchange(token, message, question, handler, self)
        exchanges[token] = exchange
        exchange.timer = loop.schedule(at: deadline, exchange)
        send(exchange)
        return nil
    }

    private func send(_ exchange: WebExchange) {
        let request = request(exchange.message)
        let token = exchange.token
        let receiver = WebReceiver { [weak self] result in
            guard let self else { return }
            loop.queue.async { self.ended(token, result) }
        }
        exchange.receiver = receiver
        webQueue.async { [web] in receiver.start(request, web) }
    }

    private func request(_ message: [UInt8]) -> HTTPRequest {
        var request = HTTPRequest(url: options.url)
        request.transport = transport
        request.connectTimeout = .nanoseconds(Int64(clamping: connectTimeout))
        request.headers = [HTTPHeader("Accept", WebReceiver.contentType)]
        switch options.method {
        case .get: request.url += (options.url.contains("?") ? "&dns=" : "?dns=") + Base64URL.text(message)
        case .post:
            request.method = "POST"
            request.headers.append(HTTPHeader("Content-Type", WebReceiver.contentType))
            request.body = message
        }
        return request
    }

    func cancel(_ token: ExchangeToken) {
        guard let exchange = exchanges[token] else { return late.cancel(token) }
        take(exchange)
    }

    func close() {
        isClosed = true
        closeWeb()
    }

    // MARK: Ending

    private func take(_ exchange: WebExchange) {
        exchanges[exchange.token] = nil
        if let timer = exchange.timer { loop.cancel(timer) }
        exchange.timer = nil
        exchange.client = nil
        if let receiver = exchange.receiver { webQueue.async { receiver.cancel() } }
        closeWeb()
    }

    /// The connections go with the last exchange.
    private func closeWeb() {
        guard isClosed, exchanges.isEmpty else { return }
        webQueue.async { [web] in web.close() }
    }

    func expire(_ exchange: WebExchange) {
        take(exchange)
        exchange.handler.onFailure(exchange.token, .timedOut(mismatches: 0))
    }

    private func ended(_ token: ExchangeToken, _ result: Result<[UInt8], ExchangeFailure>) {
        guard let exchange = exchanges[token] else { return }
        take(exchange)
        let roundTrip = EventLoop.now &- exchange.sentTime
        switch result {
        case .failure(let failure): exchange.handler.onFailure(token, failure)
        case .success(var reply):
            let isReply = reply.withUnsafeMutableBytes { bytes in
                exchange.question.reply(bytes, query: exchange.message) { whole in
                    exchange.handler.onReply(token, whole, .https, roundTrip: roundTrip)
                }
            }
            if isReply { return }
            exchange.handler.onFailure(token, .malformed("the server's reply does not answer the query"))
        }
    }
}

extension HTTPTransport {
    fileprivate init(_ tls: TLSOptions) {
        self.init()
        authorities = tls.authorities.map { .pem($0) } ?? .system
        if let certificate = tls.certificate, let key = tls.key {
            clientCertificate = ClientCertificate(certificate: certificate, key: key)
        }
        serverName = tls.serverName
    }
}
