import CLinux
import Dispatch
public import PluginKit

/// The sockets of a whole configuration and the workers behind them: opened, started, closed.
public final class DNSServer: Sendable {
    /// A listen address with the blocks behind it.
    public struct Listener: Sendable {
        public let address: ListenAddress
        public let router: Router

        /// An address to listen on.
        public init(_ address: ListenAddress, _ router: Router) {
            self.address = address
            self.router = router
        }
    }

    private let workers: [WorkerSockets]

    /// As many workers as this process may use cores.
    public static var defaultWorkerCount: Int { min(max(Int(clinux_usable_cores()), 1), Limits.workersMax) }

    /// Binds every address, for each worker its own sockets; nothing is read before `start`. Fails as a whole.
    public init(
        _ listeners: [Listener], workerCount: Int, idleObservers: [any IdleObserving]
    ) throws(ListenError) {
        for listener in listeners { try SocketOpener(address: listener.address).checkThatPortIsFree() }
        let limiter = ConnectionLimiter()
        var workers: [WorkerSockets] = []
        for index in 0..<workerCount {
            workers.append(try WorkerSockets(index, listeners, limiter, idleObservers))
        }
        self.workers = workers
    }

    /// Starts to answer.
    public func start() {
        for worker in workers { worker.start() }
    }

    /// Closes every socket; returns when no worker handles a query any more.
    public func stop() {
        for worker in workers { worker.stop() }
    }
}

/// A worker with the sockets that it will watch. Touched on the worker's queue once started.
private final class WorkerSockets: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: after `init` everything runs on `worker.queue`.
    private let worker: Worker
    private let connections: ConnectionTable
    private var waiting: [(descriptor: Int32, handler: any SocketHandler)] = []
    private var watched: [WatchedSocket] = []

    init(
        _ index: Int, _ listeners: [DNSServer.Listener], _ limiter: ConnectionLimiter,
        _ idleObservers: [any IdleObserving]
    ) throws(ListenError) {
        do {
            worker = try Worker(index: index, idleObservers: idleObservers)
        } catch {
            throw ListenError(description: "a worker cannot be made: \(error)")
        }
        connections = ConnectionTable(worker, limiter, StreamTimeouts())
        for listener in listeners {
            let opener = SocketOpener(address: listener.address)
            let udp = try opener.openUDP()
            waiting.append((udp, UDPSocket(udp, listener.address, listener.router, worker.resolver)))
            let tcp = try opener.openTCP()
            waiting.append((tcp, TCPListener(tcp, listener.router, connections)))
        }
    }

    deinit {
        for socket in waiting { close(socket.descriptor) }
    }

    func start() {
        worker.queue.async { [self] in
            watched = waiting.map { worker.watch($0.descriptor, $0.handler) }
            waiting = []
        }
    }

    func stop() {
        worker.queue.sync {
            for socket in watched { worker.unwatch(socket) }
            watched = []
            connections.closeAll()
        }
    }
}
