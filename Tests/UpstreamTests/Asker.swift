import DNSMessage
import Dispatch
import EventLoop
import Locking
import TestSupport
import Upstream

/// A client of an upstream on a loop of its own, asked from a test's thread.
final class Asker: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: `client` and `loop` are used on `queue` only.
    let queue = DispatchQueue(label: "test.asker")
    let loop: EventLoop
    let client: any UpstreamClient

    init(_ endpoint: UpstreamEndpoint, _ change: (inout UpstreamSettings) -> Void = { _ in }) throws {
        guard let loop = EventLoop(queue: queue) else { throw ClientError(reason: "no loop") }
        self.loop = loop
        var settings = UpstreamSettings()
        change(&settings)
        client = queue.sync { [settings] in endpoint.makeClient(loop: loop, settings: settings) }
    }

    deinit {
        queue.sync {
            client.close()
            loop.close()
        }
    }

    /// Asks, and waits for what comes of it.
    func ask(
        _ query: QueryText, milliseconds: UInt64 = 20_000, prefersStream: Bool = false,
        truncation: UpstreamQuery.Truncation = .askAgain
    ) -> Outcome {
        let pending = start(
            query, milliseconds: milliseconds, prefersStream: prefersStream, truncation: truncation)
        return pending.wait()
    }

    func start(
        _ query: QueryText, milliseconds: UInt64 = 20_000, prefersStream: Bool = false,
        truncation: UpstreamQuery.Truncation = .askAgain
    ) -> Pending {
        let pending = Pending()
        queue.sync {
            query.bytes.withUnsafeBytes { bytes in
                let asked = UpstreamQuery(
                    message: bytes, prefersStream: prefersStream, truncation: truncation)
                let deadline = EventLoop.now + milliseconds * 1_000_000
                pending.token = client.ask(asked, deadline: deadline, pending)
            }
        }
        return pending
    }

    func cancel(_ pending: Pending) {
        queue.sync { if let token = pending.token { client.cancel(token) } }
    }

    func close() { queue.sync { client.close() } }

    var pendingCount: Int { queue.sync { client.pendingCount } }
}

/// What came of an exchange.
enum Outcome {
    case reply([UInt8], UpstreamTransport)
    case failure(ExchangeFailure)
    /// Nothing, though the test has waited for long.
    case silence

    var reply: [UInt8]? {
        if case .reply(let bytes, _) = self { bytes } else { nil }
    }

    var transport: UpstreamTransport? {
        if case .reply(_, let transport) = self { transport } else { nil }
    }

    /// A word for tables.
    var word: String {
        switch self {
        case .reply(_, let transport): "\(transport)"
        case .silence: "silence"
        case .failure(.timedOut): "timed out"
        case .failure(.unreachable): "unreachable"
        case .failure(.disconnected): "disconnected"
        case .failure(.tls(let clause)), .failure(.http(let clause)), .failure(.malformed(let clause)): clause
        case .failure(.saturated): "saturated"
        case .failure(.closed): "closed"
        }
    }
}

/// Waits for one exchange.
final class Pending: ExchangeHandler, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: `outcomes` is in a lock, `token` is set before anybody else sees this.
    private static let patience = 60
    var token: ExchangeToken?
    private let outcomes = Lock<[Outcome]>([])
    private let arrived = DispatchSemaphore(value: 0)

    func onReply(
        _ token: ExchangeToken, _ reply: UnsafeRawBufferPointer, _ transport: UpstreamTransport, roundTrip: UInt64
    ) {
        note(.reply(Array(reply), transport))
    }

    func onFailure(_ token: ExchangeToken, _ failure: ExchangeFailure) { note(.failure(failure)) }

    private func note(_ outcome: Outcome) {
        outcomes.withLock { $0.append(outcome) }
        arrived.signal()
    }

    func wait() -> Outcome {
        guard arrived.wait(timeout: .now() + .seconds(Self.patience)) == .success else { return .silence }
        return outcomes.withLock { $0[0] }
    }

    /// How often it was told.
    var count: Int { outcomes.withLock { $0.count } }
}

extension [UInt8] {
    /// The name in the question of a message.
    var questionName: String {
        withUnsafeBytes { bytes in
            var scratch = NameScratch()
            guard var reader = MessageReader(bytes), let question = reader.readQuestion(&scratch) else { return "" }
            return "\(question.name)"
        }
    }

    /// The message in lower case, but for its header.
    var inLowerCase: [UInt8] { prefix(Header.length) + dropFirst(Header.length).map(foldedByte) }
}
