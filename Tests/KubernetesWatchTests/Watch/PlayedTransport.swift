import HTTPClient
import Testing

@testable import KubernetesWatch

/// Answers requests by a script: the first answer to the first request, and so on; then none at all.
final class PlayedTransport: Transport {
    enum Answer: Sendable {
        /// As recorded: the same bytes after the same time.
        case recorded(String)
        /// As recorded, but without an end.
        case hanging(String)
        /// Bytes at once, and the end.
        case content(Int, [HTTPHeader], [UInt8], HTTPEnd)
        /// As recorded, but one byte at a time and all at once.
        case trickled(String)
        /// As recorded, cut after so many bytes of content.
        case cut(String, Int)
        /// The end without a response, not after but within the call.
        case failure(HTTPFailure.Kind)
        case nothing
    }

    private(set) var requests: [HTTPRequest] = []
    private(set) var isClosed = false
    private(set) var renewals = 0
    /// Requests that are neither ended nor cancelled.
    private(set) var open = 0
    var willSend: (HTTPRequest) -> Void = { _ in }
    private let clock: VirtualClock
    private var script: [Answer]

    init(_ clock: VirtualClock, _ script: [Answer]) {
        self.clock = clock
        self.script = script
    }

    func send(_ request: HTTPRequest, to receiver: any HTTPReceiver) -> any Cancellable {
        requests.append(request)
        willSend(request)
        open += 1
        let exchange = Exchange(receiver, self)
        do { try play(script.isEmpty ? .nothing : script.removeFirst(), exchange) } catch { Issue.record(error) }
        return exchange
    }

    func renew() { renewals += 1 }

    func close() { isClosed = true }

    fileprivate func hasEnded() { open -= 1 }

    private func play(_ answer: Answer, _ exchange: Exchange) throws {
        switch answer {
        case .nothing: break
        case .failure(let kind): exchange.end(.failed(HTTPFailure(kind, "no connection")))
        case .content(let status, let headers, let bytes, let end):
            exchange.receive(HTTPResponseHead(status: status, headers: headers))
            exchange.receive(bytes)
            exchange.end(end)
        case .recorded(let name):
            let recording = try RecordedResponse(name)
            clock.after(.zero) { exchange.receive(recording.head) }
            for read in recording.reads { clock.after(read.at) { exchange.receive(read.bytes) } }
            clock.after(recording.endedAt) { exchange.end(recording.end) }
        case .hanging(let name):
            let recording = try RecordedResponse(name)
            exchange.receive(recording.head)
            for read in recording.reads { clock.after(read.at) { exchange.receive(read.bytes) } }
        case .trickled(let name):
            let recording = try RecordedResponse(name)
            clock.after(.zero) {
                exchange.receive(recording.head)
                for byte in recording.bytes { exchange.receive([byte]) }
                exchange.end(recording.end)
            }
        case .cut(let name, let count):
            let recording = try RecordedResponse(name)
            exchange.receive(recording.head)
            exchange.receive(Array(recording.bytes.prefix(count)))
            exchange.end(.failed(HTTPFailure(.cutShort, "the connection was cut")))
        }
    }
}

extension RecordedResponse {
    fileprivate var end: HTTPEnd {
        isComplete ? .complete : .failed(HTTPFailure(.cutShort, "the connection ended before the response"))
    }
}

private final class Exchange: Cancellable {
    private var receiver: (any HTTPReceiver)?
    private let transport: PlayedTransport

    init(_ receiver: any HTTPReceiver, _ transport: PlayedTransport) {
        self.receiver = receiver
        self.transport = transport
    }

    func cancel() {
        if receiver != nil { transport.hasEnded() }
        receiver = nil
    }

    func receive(_ head: HTTPResponseHead) { receiver?.received(head) }

    func receive(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { receiver?.received($0) }
    }

    func end(_ end: HTTPEnd) {
        guard let receiver else { return }
        self.receiver = nil
        transport.hasEnded()
        receiver.ended(end)
    }
}
