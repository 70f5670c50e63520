import CLinux
package import DNSMessage
package import EventLoop
import Sockets

/// Asks a server over UDP, each query from a fresh random port with a fresh random id (RFC 5452), and over TCP where
/// the reply does not fit.
///
/// Sockets are kept, ports are not: a socket is taken off its peer, and so off its port, as soon as the reply is there,
/// and the kernel draws another random port for the next query. That saves opening, watching and closing.
package final class DatagramClient: UpstreamClient {
    let loop: EventLoop
    let stream: StreamClient
    let peer: KernelAddress
    let source: IPAddress?
    private let idleTimeout: UInt64
    private let random = RandomBytes()
    private let late: LateFailures
    private let numbers = ExchangeNumbers()
    private var ports: [DatagramPort] = []
    /// Ports without a query that have a socket, and those that have none.
    private var idlePorts: [DatagramPort] = []
    private var barePorts: [DatagramPort] = []
    private var isClosed = false
    /// Whether names are mixed: as long as the upstream is not known to garble them.
    private var mixesCase: Bool
    /// Whether the upstream once gave a mixed name back as it was.
    private(set) var hasProvenCase = false
    private var garbledReplies = 0
    var deadlines = DeadlineList()
    private var timer: TimerToken?
    private var timerTime = UInt64.max
    private var lastUse: UInt64 = 0
    package private(set) var failedAddress: SocketAddress?
    /// Queries that go on over TCP.
    private var streamed: [ExchangeToken: DatagramPort] = [:]
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.messageLengthMax, alignment: 8)

    package init(address: SocketAddress, loop: EventLoop, settings: UpstreamSettings) {
        self.loop = loop
        peer = KernelAddress(address)
        source = settings.sourceAddress
        idleTimeout = settings.idleTimeout
        mixesCase = settings.mixesCase
        late = LateFailures(loop)
        stream = StreamClient(address: address, security: nil, loop: loop, settings: settings)
    }

    deinit {
        for port in ports { port.closeSocket(loop) }
        buffer.deallocate()
    }

    package var pendingCount: Int { busyCount - streamed.count + stream.pendingCount + late.count }

    package var connectionCount: Int { stream.connectionCount }

    private var busyCount: Int { ports.count - idlePorts.count - barePorts.count }

    // MARK: Asking

    package func ask(_ query: UpstreamQuery, deadline: UInt64, _ handler: any ExchangeHandler) -> ExchangeToken {
        guard !isClosed else { return fail(.closed, handler) }
        if query.prefersStream { return stream.ask(query, deadline: deadline, handler) }
        guard let port = takePort() else { return fail(.saturated, handler) }
        guard let question = QuestionSection(query.message) else {
            putBack(port)
            return fail(.malformed("the query is no message with one question"), handler)
        }
        port.load(query.message, question, random, mixesCase: mixesCase)
        if let failure = port.send(self) {
            putBack(port)
            return fail(failure, handler)
        }
        lastUse = EventLoop.now
        port.begin(self, handler, deadline: deadline, now: lastUse, query.truncation)
        deadlines.insert(port, in: ports)
        if deadline < timerTime { setTimer(deadline) }
        return port.token
    }

    private func fail(_ failure: ExchangeFailure, _ handler: any ExchangeHandler) -> ExchangeToken {
        let token = numbers.token(DatagramPort.lateMark | UInt64(truncatingIfNeeded: random.nextWord() >> 32))
        late.add(token, failure, handler)
        return token
    }

    private func takePort() -> DatagramPort? {
        if let port = idlePorts.popLast() ?? barePorts.popLast() { return port }
        guard ports.count < Limits.datagramExchangesMax else { return nil }
        let port = DatagramPort(index: ports.count, numbers)
        ports.append(port)
        return port
    }

    package func cancel(_ token: ExchangeToken) {
        guard let local = numbers.local(token) else { return stream.cancel(token) }
        guard local & DatagramPort.lateMark == 0 else { return late.cancel(token) }
        let index = DatagramPort.index(local)
        guard index < ports.count, ports[index].token == token, ports[index].isBusy else { return }
        if let other = ports[index].streamToken {
            streamed[other] = nil
            stream.cancel(other)
        }
        end(ports[index])
    }

    // MARK: Ending

    /// Takes a port out of every list and hands its handler over; the port can be used again at once.
    @discardableResult
    func end(_ port: DatagramPort) -> (any ExchangeHandler)? {
        deadlines.remove(port, in: ports)
        let handler = port.finish()
        putBack(port)
        closeStream()
        return handler
    }

    /// The same for an exchange that has no reply.
    func fail(_ port: DatagramPort, _ failure: ExchangeFailure) {
        let own = port.token
        failedAddress = port.localAddress
        end(port)?.onFailure(own, failure)
        failedAddress = nil
    }

    private func putBack(_ port: DatagramPort) {
        if isClosed || idlePorts.count >= Limits.idlePortsMax || !port.disconnect() { port.closeSocket(loop) }
        if port.hasSocket { idlePorts.append(port) } else { barePorts.append(port) }
    }

    package func close() {
        isClosed = true
        // Nobody is called back by a closed loop.
        if loop.isClosed { for port in ports where port.isBusy { end(port) } }
        closeIdleSockets()
        closeStream()
        if deadlines.isEmpty { stopTimer() }
    }

    /// The last reply may be a truncated one, which is asked again over TCP.
    private func closeStream() {
        if isClosed, busyCount == 0 { stream.close() }
    }

    // MARK: Case

    /// A mixed name came back as it was sent.
    func noteRightCase() { hasProvenCase = true }

    /// A reply in another case: tells whether that may be the upstream's own doing, so that waiting is in vain.
    func noteOtherCase() -> Bool {
        guard !hasProvenCase else { return false }
        garbledReplies += 1
        if garbledReplies >= Limits.garbledRepliesMax { mixesCase = false }
        return true
    }

    // MARK: TCP

    /// Asks the query of a port again over TCP, with what is left of its time.
    func askOverStream(_ port: DatagramPort) {
        port.restoreQuery()
        let query = UpstreamQuery(message: port.query, prefersStream: true)
        let token = stream.ask(query, deadline: port.deadline, self)
        port.streamToken = token
        streamed[token] = port
        deadlines.remove(port, in: ports)
        if !port.disconnect() { port.closeSocket(loop) }
    }
}

extension DatagramClient: ExchangeHandler {
    package func onReply(
        _ token: ExchangeToken, _ reply: UnsafeRawBufferPointer, _ transport: UpstreamTransport, roundTrip: UInt64
    ) {
        guard let port = streamed.removeValue(forKey: token) else { return }
        let own = port.token
        end(port)?.onReply(own, reply, transport, roundTrip: roundTrip)
    }

    package func onFailure(_ token: ExchangeToken, _ failure: ExchangeFailure) {
        guard let port = streamed.removeValue(forKey: token) else { return }
        let (own, mismatches, truncated) = (port.token, port.mismatches, port.takeTruncated())
        let handler = end(port)
        if let (reply, roundTrip) = truncated {
            reply.withUnsafeBytes { handler?.onReply(own, $0, .udp, roundTrip: roundTrip) }
        } else if case .timedOut = failure {
            handler?.onFailure(own, .timedOut(mismatches: mismatches))
        } else {
            handler?.onFailure(own, failure)
        }
    }
}

extension DatagramClient: TimerHandler {
    /// One timer for all queries, at the time of the next one that has waited long enough.
    private func setTimer(_ time: UInt64) {
        stopTimer()
        timerTime = time
        timer = loop.schedule(at: time, self)
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
        timerTime = .max
    }

    package func onTimer(_ token: TimerToken) {
        timer = nil
        timerTime = .max
        let now = EventLoop.now
        for _ in 0..<Limits.timeoutsPerTurn {
            guard let port = deadlines.first(in: ports), port.deadline <= now else { break }
            fail(port, .timedOut(mismatches: port.mismatches))
        }
        if let next = deadlines.first(in: ports)?.deadline {
            if next < timerTime { setTimer(next) }
        } else {
            closeUnusedSockets(now)
        }
    }

    private func closeUnusedSockets(_ now: UInt64) {
        guard timer == nil, !idlePorts.isEmpty else { return }
        if now < lastUse &+ idleTimeout { setTimer(lastUse &+ idleTimeout) } else { closeIdleSockets() }
    }

    private func closeIdleSockets() {
        for port in idlePorts { port.closeSocket(loop) }
        barePorts += idlePorts
        idlePorts = []
    }
}
