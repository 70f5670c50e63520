public import DNSMessage

/// Asks one other server, over one transport, for one worker. On the loop's queue only.
public protocol UpstreamClient: AnyObject {
    /// Sends a query and tells the handler, once, what came of it: never before this returns. The query's bytes are
    /// copied; its id is replaced by one of the client's own. The reply comes with the client's id.
    ///
    /// A reply is what answers this query: source, id and question are checked, the letters' case too where the
    /// transport mixes it; everything else is passed over and waited past, until the deadline.
    func ask(_ query: UpstreamQuery, deadline: UInt64, _ handler: any ExchangeHandler) -> ExchangeToken
    /// Takes a query back; the handler hears nothing any more.
    func cancel(_ token: ExchangeToken)
    /// Lets go of idle connections; exchanges under way come to their end, new ones fail as `closed`.
    func close()
    /// Exchanges under way.
    var pendingCount: Int { get }
    /// Connections opened so far; none over UDP.
    var connectionCount: Int { get }
    /// Where the exchange that fails was sent from, during `onFailure`; nil where that is not known.
    var failedAddress: SocketAddress? { get }
}

extension UpstreamClient {
    /// Not counted.
    public var connectionCount: Int { 0 }
    /// Not known.
    public var failedAddress: SocketAddress? { nil }
}

/// A query as another server gets it.
public struct UpstreamQuery {
    /// A whole message: header, one question, at most an OPT record; the name uncompressed, in any case.
    public var message: UnsafeRawBufferPointer
    /// Asks over TCP at once where the transport has both.
    public var prefersStream: Bool
    /// What is done about a reply over UDP with TC.
    public var truncation: Truncation

    /// What is done about a reply that did not fit into UDP.
    public enum Truncation: Sendable {
        /// It is passed on as it is.
        case take
        /// The query is asked again over TCP, with what is left of its time.
        case askAgain
        /// The same; where TCP fails or takes too long, the truncated reply is passed on.
        case askAgainOrTake
    }

    /// A query.
    public init(message: UnsafeRawBufferPointer, prefersStream: Bool = false, truncation: Truncation = .askAgain) {
        self.message = message
        self.prefersStream = prefersStream
        self.truncation = truncation
    }
}

/// Hears what came of an exchange. On the loop's queue.
public protocol ExchangeHandler: AnyObject {
    /// The reply, valid during the call, with the question spelled as it was asked for; `roundTrip` in nanoseconds
    /// since it was sent (the last time).
    func onReply(
        _ token: ExchangeToken, _ reply: UnsafeRawBufferPointer, _ transport: UpstreamTransport, roundTrip: UInt64)
    /// There will be none.
    func onFailure(_ token: ExchangeToken, _ failure: ExchangeFailure)
}

/// One exchange; unique as long as the loop lives.
public struct ExchangeToken: Hashable, Sendable {
    /// Counted by the client.
    public let number: UInt64

    /// The exchange of this number.
    public init(number: UInt64) { self.number = number }
}

/// How a reply came.
public enum UpstreamTransport: String, Sendable {
    case udp, tcp, tls, https
}

/// Why there is no reply.
public enum ExchangeFailure: Error, Sendable {
    /// Nothing acceptable arrived before the deadline; `mismatches` replies were passed over.
    case timedOut(mismatches: Int)
    /// The kernel or the peer refused: errno.
    case unreachable(Int32)
    /// The peer closed the connection before it answered.
    case disconnected
    /// The TLS handshake failed; a clause.
    case tls(String)
    /// HTTP went wrong; a clause.
    case http(String)
    /// What came over a stream is no DNS message, or not the answer; a clause.
    case malformed(String)
    /// No descriptor, port or room is left.
    case saturated
    /// The client is closed.
    case closed
}
