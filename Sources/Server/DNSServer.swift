import CLinux
import Dispatch
public import EventLoop
public import PluginKit
import Locking

/// The sockets of a whole configuration and the workers behind them.
public final class DNSServer: Sendable {
    /// A listen address with the blocks behind it.
    public struct Listener: Sendable {
        /// Where it listens.
        public let address: ListenAddress
        /// Which block gets which question.
        public let router: Router

        /// An address to listen on.
        public init(_ address: ListenAddress, _ router: Router) {
            self.address = address
            self.router = router
        }
    }

    private let workers: [WorkerSockets]
    /// Where the workers listen; held while that changes.
    private let addresses = Lock<Set<ListenAddress>>([])

    /// As many workers as this process may use cores.
    public static var defaultWorkerCount: Int { min(max(Int(clinux_usable_cores()), 1), Limits.workersMax) }

    /// Workers that listen nowhere yet.
    public init(workerCount: Int, streams: StreamSettings = StreamSettings()) throws(ListenError) {
        DNSServer.startTimers()
        let limiter = ConnectionLimiter(streams)
        let cookies = ServerCookies()
        var workers: [WorkerSockets] = []
        for index in 0..<workerCount { workers.append(try WorkerSockets(index, limiter, streams, cookies)) }
        self.workers = workers
    }

    /// Dispatch opens its descriptor for timers when it first needs it, and traps if clients have taken all by then.
    private static func startTimers() {
        let hasFired = DispatchSemaphore(value: 0)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(1)) { hasFired.signal() }
        _ = hasFired.wait(timeout: .now() + .seconds(1))
    }

    deinit { stop() }

    /// The workers' loops, by number.
    public var loops: [EventLoop] { workers.map(\.loop) }

    /// Answers on these addresses and on no others any more. Sockets of addresses that stay are kept, so that nothing
    /// is lost; on failure everything stays as it was. When this returns, no earlier router handles a query.
    public func serve(_ listeners: [Listener], idleObservers: [any IdleObserving] = []) throws(ListenError) {
        try addresses.withLock { current throws(ListenError) in
            let bound = try bind(listeners.map(\.address), besides: current)
            for (worker, sockets) in zip(workers, bound) { worker.serve(listeners, sockets, idleObservers) }
            current = Set(listeners.map(\.address))
        }
    }

    /// The sockets that are missing, for each worker.
    private func bind(
        _ wanted: [ListenAddress], besides current: Set<ListenAddress>
    ) throws(ListenError) -> [[BoundSockets]] {
        let missing = wanted.filter { !current.contains($0) }
        let ownPorts = Set(current.map(\.port))
        for address in missing where !ownPorts.contains(address.port) {
            try SocketOpener(address: address).checkThatPortIsFree()
        }
        var bound = [[BoundSockets]](repeating: [], count: workers.count)
        do throws(ListenError) {
            for index in workers.indices {
                for address in missing { bound[index].append(try SocketOpener(address: address).openBoth()) }
            }
        } catch {
            for sockets in bound.joined() { sockets.close() }
            throw error
        }
        return bound
    }

    /// Answers what has arrived, then closes every socket; returns when no worker handles a query any more.
    public func stop() {
        addresses.withLock { current in
            for worker in workers { worker.stop() }
            current = []
        }
    }
}
