import CLinux
import Dispatch
import EventLoop
import Sockets

// Touched only on the queue of its server, from its start to its end.
/// One listening socket, its clients, and the handlers of its paths.
final class Listener: EventHandler, @unchecked Sendable {
    /// Clients at a time. For one more, the client that has kept us waiting the longest is dropped.
    static let connectionsMax = 64
    /// Clients at a time that are slow to take their answer, which is held in memory.
    static let slowReadersMax = 8
    /// Connections accepted before other work gets its turn.
    private static let acceptsPerTurnMax = 16
    /// How often deadlines are looked at.
    private static let sweepMilliseconds = 250

    let address: ListenAddress
    private let loop: EventLoop
    private let descriptor: Int32
    private var token: WatchToken?
    private var connections: [ObjectIdentifier: Connection] = [:]
    private var handlers: [(number: Int, path: String, handler: Handler)] = []
    private var isSweeping = false
    private var isStopped = false

    init(_ address: ListenAddress, _ loop: EventLoop) throws(ListenError) {
        (descriptor, self.address) = try ListeningSocket.open(address)
        self.loop = loop
    }

    func start() { token = loop.watch(descriptor, for: .reading, self) }

    func onReady(_ readiness: Readiness) { accept() }

    /// Closes the socket and every connection.
    func stop() {
        dispatchPrecondition(condition: .onQueue(loop.queue))
        isStopped = true
        pause()
        Syscall.stopListening(descriptor)
        Syscall.close(descriptor)
        for connection in Array(connections.values) { connection.close() }
    }

    func add(_ number: Int, _ path: String, _ handler: @escaping Handler) {
        handlers.append((number, path, handler))
    }

    /// Tells whether handlers remain.
    func removeHandler(_ number: Int) -> Bool {
        handlers.removeAll { $0.number == number }
        return !handlers.isEmpty
    }

    /// The latest handler of the path answers, so that a new configuration takes over from the old one.
    func respond(to request: HTTPRequest) -> HTTPResponse {
        guard let found = handlers.last(where: { $0.path == request.path }) else { return .notFound }
        return found.handler(request)
    }

    func remove(_ connection: Connection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    /// Keeps the number of answers that are held for slow readers within its bound.
    func boundSlowReaders() {
        let writing = connections.values.filter { if case .writing = $0.state { true } else { false } }
        guard writing.count > Self.slowReadersMax else { return }
        writing.min { $0.deadline < $1.deadline }?.close()
    }

    private func accept() {
        dispatchPrecondition(condition: .onQueue(loop.queue))
        guard !isStopped else { return }
        for _ in 0..<Self.acceptsPerTurnMax {
            switch Syscall.accept(descriptor).0 {
            case .done(let client): open(Int32(client))
            case .failed(let error) where [EMFILE, ENFILE].contains(error.code): return relieve()
            case .wouldBlock, .failed: return
            }
        }
    }

    private func open(_ client: Int32) {
        if connections.count >= Self.connectionsMax { dropLongestWaiting() }
        let connection = Connection(client, server: self, loop)
        connections[ObjectIdentifier(connection)] = connection
        connection.start()
        sweepLater()
    }

    /// Without free descriptors, a client has to go; if there is none, accepting pauses.
    private func relieve() {
        guard connections.isEmpty else { return dropLongestWaiting() }
        pause()
        loop.queue.asyncAfter(deadline: .now() + .milliseconds(Self.sweepMilliseconds)) { [weak self] in
            guard let self, !isStopped else { return }
            start()
        }
    }

    private func pause() {
        if let token { loop.unwatch(token) }
        token = nil
    }

    private func dropLongestWaiting() {
        let waiting = connections.values.filter { if case .writing = $0.state { false } else { true } }
        let candidates = waiting.isEmpty ? Array(connections.values) : waiting
        candidates.min { $0.deadline < $1.deadline }?.close()
    }

    private func sweepLater() {
        guard !isSweeping, !connections.isEmpty else { return }
        isSweeping = true
        loop.queue.asyncAfter(deadline: .now() + .milliseconds(Self.sweepMilliseconds)) { [weak self] in
            self?.sweep()
        }
    }

    private func sweep() {
        isSweeping = false
        let now = EventLoop.now
        for connection in Array(connections.values) where connection.deadline <= now { connection.close() }
        sweepLater()
    }
}
