import HTTPClient
import Upstream

/// Collects a response of HTTP and checks that it is one to a query. On the queue of the HTTP client.
final class WebReceiver: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: after `init`, everything happens on the queue of the HTTP client.
    static let contentType = "application/dns-message"

    private let done: @Sendable (Result<[UInt8], ExchangeFailure>) -> Void
    private var exchange: HTTPExchange?
    private var refusal: ExchangeFailure?
    private var content: [UInt8] = []
    private var isCancelled = false

    init(_ done: @escaping @Sendable (Result<[UInt8], ExchangeFailure>) -> Void) { self.done = done }

    func start(_ request: HTTPRequest, _ web: HTTPClient) {
        guard !isCancelled else { return }
        exchange = web.send(request, to: self)
    }

    func cancel() {
        isCancelled = true
        exchange?.cancel()
        exchange = nil
    }

    private func refuse(_ failure: ExchangeFailure) {
        refusal = failure
        content = []
    }
}

extension WebReceiver: HTTPReceiver {
    func received(_ head: HTTPResponseHead) {
        guard head.status == 200 else { return refuse(.http("the server answers with status \(head.status)")) }
        let type = head.value("Content-Type") ?? ""
        // Parameters behind a semicolon mean nothing here (RFC 8484 §6).
        let bare = type.prefix { $0 != ";" && $0 != " " }.lowercased()
        guard bare == WebReceiver.contentType else {
            return refuse(.http("the server answers with content of type '\(type.prefix(100))'"))
        }
    }

    func received(_ bytes: UnsafeRawBufferPointer) {
        guard refusal == nil else { return }
        guard content.count + bytes.count <= Limits.messageLengthMax else {
            return refuse(.http("the server answers with more than \(Limits.messageLengthMax) bytes"))
        }
        content += bytes
    }

    func ended(_ end: HTTPEnd) {
        exchange = nil
        switch end {
        case .failed(let failure): done(.failure(refusal ?? ExchangeFailure(failure)))
        case .complete: done(refusal.map { .failure($0) } ?? .success(content))
        }
    }
}

extension ExchangeFailure {
    fileprivate init(_ failure: HTTPFailure) {
        switch failure.kind {
        case .misconfigured, .unresolved, .unreachable, .connectTimedOut, .garbled: self = .http(failure.description)
        case .untrusted, .tls: self = .tls(failure.description)
        case .cutShort: self = .disconnected
        }
    }
}
