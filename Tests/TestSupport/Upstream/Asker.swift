public import DNSMessage
import Dispatch
import EventLoop
import Locking
public import SecureUpstream
public import Upstream

/// A client of an upstream on a loop of its own, asked from a test's thread.
public final class Asker: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: `client` and `loop` are used on `queue` only.
    private let queue = DispatchQueue(label: "test.asker")
    private let loop: EventLoop
    private let client: any UpstreamClient

    /// Of an upstream over UDP and TCP.
    public convenience init(
        _ address: SocketAddress, _ change: (inout UpstreamSettings) -> Void = { _ in }
    ) throws { try self.init(.dns(address), change) }

    /// Of an upstream over any transport.
    public init(_ endpoint: UpstreamEndpoint, _ change: (inout UpstreamSettings) -> Void = { _ in }) throws {
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
    public func ask(
        _ query: QueryText, milliseconds: UInt64 = 20_000, prefersStream: Bool = false,
        truncation: UpstreamQuery.Truncation = .askAgain
    ) -> Outcome {
        let pending = start(
            query, milliseconds: milliseconds, prefersStream: prefersStream, truncation: truncation)
        return pending.wait()
    }

    /// Asks.
    public func start(
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

    /// Takes a query back.
    public func cancel(_ pending: Pending) {
        queue.sync { if let token = pending.token { client.cancel(token) } }
    }

    /// Closes the client.
    public func close() { queue.sync { client.close() } }

    /// Exchanges under way.
    public var pendingCount: Int { queue.sync { client.pendingCount } }
}

/// What came of an exchange.
public enum Outcome: Sendable {
    case reply([UInt8], UpstreamTransport)
    case failure(ExchangeFailure)
    /// Nothing, though the test has waited for long.
    case silence

    /// The message, if one came.
    public var reply: [UInt8]? {
        if case .reply(let bytes, _) = self { bytes } else { nil }
    }

    /// How the reply came, if one did.
    public var transport: UpstreamTransport? {
        if case .reply(_, let transport) = self { transport } else { nil }
    }

    /// A word for tables.
    public var word: String {
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
public final class Pending: ExchangeHandler, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: `outcomes` is in a lock, `token` is set before anybody else sees this.
    private static let patience = 60
    fileprivate var token: ExchangeToken?
    private let outcomes = Lock<[Outcome]>([])
    private let arrived = DispatchSemaphore(value: 0)

    /// Keeps the reply.
    public func onReply(
        _ token: ExchangeToken, _ reply: UnsafeRawBufferPointer, _ transport: UpstreamTransport, roundTrip: UInt64
    ) {
        note(.reply(Array(reply), transport))
    }

    /// Keeps the failure.
    public func onFailure(_ token: ExchangeToken, _ failure: ExchangeFailure) { note(.failure(failure)) }

    private func note(_ outcome: Outcome) {
        outcomes.withLock { $0.append(outcome) }
        arrived.signal()
    }

    /// What came of it.
    public func wait() -> Outcome {
        guard arrived.wait(timeout: .now() + .seconds(Self.patience)) == .success else { return .silence }
        return outcomes.withLock { $0[0] }
    }

    /// How often it was told.
    public var count: Int { outcomes.withLock { $0.count } }
}

extension [UInt8] {
    /// The name in the question of a message.
    public var questionName: String {
        withUnsafeBytes { bytes in
            var scratch = NameScratch()
            guard var reader = MessageReader(bytes), let question = reader.readQuestion(&scratch) else { return "" }
            return "\(question.name)"
        }
    }

    /// The message in lower case, but for its header.
    public var inLowerCase: [UInt8] { prefix(Header.length) + dropFirst(Header.length).map(foldedByte) }
}
