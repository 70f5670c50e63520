package import DNSMessage
package import EventLoop
import Sockets

/// Asks a server over TCP, or over what makes that secret: many queries on a connection, replies in any order, and a
/// bounded number of connections that are kept for a while.
package final class StreamClient: UpstreamClient {
    let loop: EventLoop
    let peer: KernelAddress
    let settings: UpstreamSettings
    /// Nil in the open.
    let security: (any StreamSecurity)?
    let random = RandomBytes()
    private let late: LateFailures
    private var numbers = ExchangeNumbers()
    private var connections: [StreamConnection] = []
    package private(set) var connectionCount = 0
    private var exchanges: [ExchangeToken: StreamExchange] = [:]
    private(set) var isClosed = false
    /// Read into, and decrypted into.
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.readLength, alignment: 8)
    let plainBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.readLength, alignment: 8)

    package init(
        address: SocketAddress, security: (any StreamSecurity)?, loop: EventLoop, settings: UpstreamSettings
    ) {
        self.loop = loop
        self.settings = settings
        peer = KernelAddress(address)
        self.security = security
        late = LateFailures(loop)
    }

    deinit {
        for connection in connections { connection.release(loop) }
        readBuffer.deallocate()
        plainBuffer.deallocate()
    }

    package var pendingCount: Int { exchanges.count + late.count }
    var transport: UpstreamTransport { security == nil ? .tcp : .tls }

    // MARK: Asking

    package func ask(_ query: UpstreamQuery, deadline: UInt64, _ handler: any ExchangeHandler) -> ExchangeToken {
        let token = numbers.next()
        if let failure = start(token, query, deadline, handler) { late.add(token, failure, handler) }
        return token
    }

    private func start(
        _ token: ExchangeToken, _ query: UpstreamQuery, _ deadline: UInt64, _ handler: any ExchangeHandler
    ) -> ExchangeFailure? {
        guard !isClosed else { return .closed }
        guard exchanges.count < Limits.streamExchangesMax else { return .saturated }
        guard let question = QuestionSection(query.message) else {
            return .malformed("the query is no message with one question")
        }
        let exchange = StreamExchange(token, query.message, question, handler, self)
        do throws(ExchangeFailure) {
            try connectionWithRoom().send(exchange)
        } catch { return error }
        exchanges[token] = exchange
        exchange.timer = loop.schedule(at: deadline, exchange)
        return nil
    }

    /// The least busy connection, or a new one where that is busier than need be.
    private func connectionWithRoom() throws(ExchangeFailure) -> StreamConnection {
        let usable = connections.filter(\.takesQueries)
        let best = usable.min { $0.exchangeCount < $1.exchangeCount }
        if let best, best.exchangeCount < Limits.queriesPerConnection || connections.count >= Limits.connectionsMax {
            return best
        }
        guard connections.count < Limits.connectionsMax else { throw .saturated }
        return try connect()
    }

    private func connect() throws(ExchangeFailure) -> StreamConnection {
        let connection = try StreamConnection(self)
        connections.append(connection)
        connectionCount += 1
        return connection
    }

    package func cancel(_ token: ExchangeToken) {
        guard let exchange = exchanges[token] else { return late.cancel(token) }
        take(exchange)
    }

    package func close() {
        isClosed = true
        for connection in connections where connection.exchangeCount == 0 { connection.end(.closed) }
    }

    // MARK: Ending

    /// Takes an exchange out of every list.
    private func take(_ exchange: StreamExchange) {
        exchanges[exchange.token] = nil
        if let timer = exchange.timer { loop.cancel(timer) }
        exchange.timer = nil
        exchange.client = nil
        exchange.connection?.drop(exchange)
    }

    func finish(_ exchange: StreamExchange, _ reply: UnsafeRawBufferPointer) {
        let roundTrip = EventLoop.now &- exchange.sentTime
        take(exchange)
        exchange.handler.onReply(exchange.token, reply, transport, roundTrip: roundTrip)
    }

    func fail(_ exchange: StreamExchange, _ failure: ExchangeFailure) {
        take(exchange)
        exchange.handler.onFailure(exchange.token, failure)
    }

    /// The connection is gone; what was asked on one that had been open for longer is asked once more on another one
    /// (RFC 7766 §6.2.4).
    func connectionEnded(_ connection: StreamConnection, _ left: [StreamExchange], _ failure: ExchangeFailure) {
        connections.removeAll { $0 === connection }
        for exchange in left where exchanges[exchange.token] === exchange {
            exchange.connection = nil
            if case .disconnected = failure, exchange.mayTryAgain, !isClosed {
                tryAgain(exchange)
            } else {
                fail(exchange, failure)
            }
        }
    }

    private func tryAgain(_ exchange: StreamExchange) {
        exchange.hasTriedAgain = true
        do throws(ExchangeFailure) {
            let fresh = connections.first { $0.takesQueries && $0.isFresh && $0.exchangeCount < $0.roomMax }
            guard fresh != nil || connections.count < Limits.connectionsMax else { throw .saturated }
            if let fresh { fresh.send(exchange) } else { try connect().send(exchange) }
        } catch { fail(exchange, error) }
    }

    /// Whether one more connection may be kept without a query.
    func keepsIdleConnection(_ connection: StreamConnection) -> Bool {
        guard !isClosed else { return false }
        let most = settings.idleConnectionsMax > 0 ? settings.idleConnectionsMax : Limits.idleConnectionsMax
        return connections.count { $0.exchangeCount == 0 && $0 !== connection } < most
    }
}
