import CLinux
import EventLoop
import Glibc
import Sockets

/// One connection to a server: TCP, perhaps with TLS, and the exchanges on that by id.
final class StreamConnection {
    private enum State { case connecting, handshaking, open, ended }

    /// Lives longer than its connections, which `deinit` of it releases.
    private unowned let client: StreamClient
    private let loop: EventLoop
    private let descriptor: Int32
    private var watch: WatchToken?
    private var state = State.connecting
    private var exchanges: [UInt16: StreamExchange] = [:]
    private var assembler = MessageAssembler()
    private var unsent = UnsentBytes()
    private let isEncrypted: Bool
    private var session: (any StreamSession)?
    /// Queries that wait for the handshake.
    private var unencrypted: [UInt8] = []
    /// That of connecting, or of being idle.
    private var timer: TimerToken?
    private let openedTime = EventLoop.now
    private var lastReceived = EventLoop.now
    private var strays = 0
    /// Whether no exchange has ended on it yet.
    private(set) var isFresh = true
    private var isRetired = false

    let roomMax = 256

    /// Begins to connect.
    init(_ client: StreamClient) throws(ExchangeFailure) {
        self.client = client
        loop = client.loop
        isEncrypted = client.security != nil
        descriptor = try StreamConnection.connect(to: client)
        watch = loop.watch(descriptor, for: [.reading, .writing], self)
        guard watch != nil else {
            Syscall.close(descriptor)
            throw .saturated
        }
        timer = loop.schedule(after: client.settings.connectTimeout, self)
    }

    private static func connect(to client: StreamClient) throws(ExchangeFailure) -> Int32 {
        let descriptor: Int32
        do throws(SystemError) {
            descriptor = try Syscall.open(SOCK_STREAM, to: client.peer, from: client.settings.sourceAddress)
        } catch { throw failure(error.code) }
        try? Syscall.setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        do throws(SystemError) {
            try Syscall.connect(descriptor, to: client.peer)
        } catch {
            guard error.code == EINPROGRESS else {
                Syscall.close(descriptor)
                throw failure(error.code)
            }
        }
        return descriptor
    }

    private static func failure(_ code: Int32) -> ExchangeFailure {
        switch code {
        case EMFILE, ENFILE, ENOBUFS, ENOMEM, EAGAIN, EADDRNOTAVAIL: .saturated
        case ECONNRESET, EPIPE: .disconnected
        default: .unreachable(code)
        }
    }

    // MARK: Queries

    var exchangeCount: Int { exchanges.count }

    var takesQueries: Bool {
        guard state != .ended, !isRetired, exchanges.count < roomMax, unsent.count < Limits.unsentBytesMax,
            unencrypted.count < Limits.unsentBytesMax
        else { return false }
        let ageMax = client.settings.ageMax
        return ageMax == 0 || EventLoop.now &- openedTime < ageMax
    }

    /// Sends a query. That the peer is gone is found out when reading.
    func send(_ exchange: StreamExchange) {
        if exchanges.isEmpty, state == .open { stopTimer() }
        var id = client.random.nextID()
        while exchanges[id] != nil { id &+= 1 }
        exchange.prepare(id: id, on: self)
        exchange.isOnUsedConnection = !isFresh
        exchanges[id] = exchange
        write(exchange.framed)
    }

    private func write(_ bytes: [UInt8]) {
        if isEncrypted {
            guard let session, state == .open else { return unencrypted += bytes }
            session.encrypt(bytes)
            unsent.append(session.takeOutput())
        } else {
            unsent.append(bytes)
        }
        if state == .open { flush() }
    }

    /// Forgets an exchange that ended elsewhere.
    func drop(_ exchange: StreamExchange) {
        guard exchanges[exchange.id] === exchange else { return }
        exchanges[exchange.id] = nil
        isFresh = false
        if exchanges.isEmpty { becomeIdle() }
    }

    /// A connection that is silent while a query waits is perhaps dead, and gets no more.
    func noteTimeout(_ exchange: StreamExchange) {
        if lastReceived < exchange.sentTime { isRetired = true }
    }

    private func becomeIdle() {
        guard state != .ended else { return }
        guard takesQueries, client.keepsIdleConnection(self) else { return end(.closed) }
        guard state == .open else { return }
        stopTimer()
        timer = loop.schedule(after: client.settings.idleTimeout, self)
    }

    // MARK: Ending

    /// Closes the connection and tells those who wait on it.
    func end(_ failure: ExchangeFailure) {
        guard state != .ended else { return }
        let left = exchanges.values.sorted { $0.token.number < $1.token.number }
        exchanges = [:]
        // A server that closes after each reply leaves the queries behind it unanswered.
        if !isFresh { for exchange in left { exchange.isOnUsedConnection = true } }
        let client = client
        release(loop)
        client.connectionEnded(self, left, failure)
    }

    /// Closes the socket, without a word.
    func release(_ loop: EventLoop) {
        guard state != .ended else { return }
        if let session, state == .open {
            session.finish()
            unsent.append(session.takeOutput())
            flush()
        }
        state = .ended
        stopTimer()
        if let watch { loop.unwatch(watch) }
        Syscall.close(descriptor)
    }

    private func stopTimer() {
        if let timer { loop.cancel(timer) }
        timer = nil
    }
}

extension StreamConnection: TimerHandler {
    func onTimer(_ token: TimerToken) {
        timer = nil
        end(state == .open ? .closed : .unreachable(ETIMEDOUT))
    }
}

extension StreamConnection: EventHandler {
    func onReady(_ readiness: Readiness) {
        // Handlers that hear of replies may let go of the client.
        let client = client
        if state == .connecting {
            let code = Syscall.pendingError(descriptor)
            guard code == 0 else { return end(.unreachable(code)) }
            guard !readiness.isDisjoint(with: .writing) else { return }
            connected()
        }
        if !readiness.isDisjoint(with: [.reading, .broken]) { read(client) }
        if state != .ended { flush() }
    }

    private func connected() {
        guard let security = client.security else { return opened() }
        guard let session = security.makeSession() else { return end(.tls("there is no memory for a connection")) }
        state = .handshaking
        self.session = session
        advanceHandshake(session)
    }

    private func opened() {
        state = .open
        stopTimer()
        if exchanges.isEmpty { becomeIdle() }
    }

    private func advanceHandshake(_ session: any StreamSession) {
        switch session.advanceHandshake() {
        case .needsMore: unsent.append(session.takeOutput())
        case .complete:
            opened()
            guard state == .open else { return }
            if !unencrypted.isEmpty { session.encrypt(unencrypted) }
            unencrypted = []
            unsent.append(session.takeOutput())
        case .failed(let clause):
            // The peer is told why.
            unsent.append(session.takeOutput())
            flush()
            end(.tls(clause))
        }
    }

    // MARK: Writing

    private func flush() {
        guard state != .connecting, let watch else { return }
        let wasWaiting = unsent.waitsForRoom
        unsent.send(descriptor)
        guard unsent.waitsForRoom != wasWaiting else { return }
        loop.change(watch, to: unsent.waitsForRoom ? [.reading, .writing] : .reading)
    }

    // MARK: Reading

    private func read(_ client: StreamClient) {
        for _ in 0..<Limits.readsPerTurn where state != .ended {
            switch Syscall.receive(descriptor, into: client.readBuffer) {
            case .wouldBlock: return
            case .done(0): return end(reasonOfEnd(.disconnected))
            case .failed(let error): return end(reasonOfEnd(StreamConnection.failure(error.code)))
            case .done(let count):
                lastReceived = EventLoop.now
                let bytes = UnsafeMutableRawBufferPointer(rebasing: client.readBuffer[..<count])
                if let session { decrypt(bytes, session, client) } else { take(bytes, client) }
            }
        }
    }

    private func reasonOfEnd(_ failure: ExchangeFailure) -> ExchangeFailure {
        switch failure {
        case .disconnected where state == .handshaking:
            .tls("the server closes the connection during the handshake")
        case let reason: reason
        }
    }

    private func decrypt(
        _ bytes: UnsafeMutableRawBufferPointer, _ session: any StreamSession, _ client: StreamClient
    ) {
        session.addInput(UnsafeRawBufferPointer(bytes))
        if state == .handshaking { advanceHandshake(session) }
        // As much as came, and no more, can come out.
        for _ in 0..<Limits.readLength where state == .open {
            switch session.decrypt(into: client.plainBuffer) {
            case .bytes(let count):
                take(UnsafeMutableRawBufferPointer(rebasing: client.plainBuffer[..<count]), client)
            case .needsMore:
                // Replies to key updates.
                unsent.append(session.takeOutput())
                return
            case .closed: return end(.disconnected)
            case .failed(let clause): return end(.tls(clause))
            }
        }
    }

    private func take(_ bytes: UnsafeMutableRawBufferPointer, _ client: StreamClient) {
        var rest = bytes
        while state != .ended {
            switch assembler.next(&rest) {
            case .whole(let message): deliver(message, client)
            case .assembled(var message): message.withUnsafeMutableBytes { deliver($0, client) }
            case .needsMore: return
            case .badLength(let length):
                end(.malformed("the server sends a message of \(length) bytes, which is shorter than a header"))
            }
        }
    }

    private func deliver(_ message: UnsafeMutableRawBufferPointer, _ client: StreamClient) {
        let id = UInt16(message[0]) << 8 | UInt16(message[1])
        if let exchange = exchanges[id], exchange.reply(message, { client.finish(exchange, $0) }) {
            strays = 0
            return
        }
        // Late replies to queries that were given up are no fault.
        strays += 1
        if strays >= Limits.straysMax { end(.malformed("the server sends replies to nothing that was asked")) }
    }
}
