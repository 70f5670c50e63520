import CLinux
import Dispatch
public import EventLoop
import Glibc
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
        /// Workers that listen there, which then may share the port with another program; nil for all, which may not.
        public let socketCount: Int?
        /// What its connections may take.
        public let streams: StreamOptions
        /// Who hears of queries that are not answered; as long as there is a listener, whatever replaces this one.
        public let overload: OverloadReport?

        /// An address to listen on.
        public init(
            _ address: ListenAddress, _ router: Router, socketCount: Int? = nil,
            streams: StreamOptions = StreamOptions(), overload: OverloadReport? = nil
        ) {
            self.address = address
            self.router = router
            self.socketCount = socketCount
            self.streams = streams
            self.overload = overload
        }
    }

    private let workers: [WorkerSockets]
    /// How long `stop` waits, in nanoseconds.
    private let stopTimeout: UInt64
    /// Where each worker listens; held while that changes.
    private let addresses: Lock<[Set<ListenAddress>]>

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
        stopTimeout = streams.stopTimeout.nanoseconds
        addresses = Lock(workers.map { _ in [] })
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
            // A socket that is closed loses what arrives meanwhile: workers that listen go on.
            let shares = workers.indices.map { worker in
                listeners.filter { $0.isServed(by: worker) || current[worker].contains($0.address) }
            }
            let bound = try bindPatiently(shares, besides: current)
            for index in workers.indices { workers[index].serve(shares[index], bound[index], idleObservers) }
            current = shares.map { Set($0.map(\.address)) }
        }
    }

    /// A socket that is closed lives on for an instant in a process that was just started, until that runs its own
    /// program; and a server that is ending has its port a moment longer.
    private func bindPatiently(
        _ wanted: [[Listener]], besides current: [Set<ListenAddress>]
    ) throws(ListenError) -> [[BoundSockets]] {
        for _ in 1..<Limits.bindAttemptsMax {
            do throws(ListenError) {
                return try bind(wanted, besides: current)
            } catch {
                guard error.isPortTaken else { throw error }
                usleep(Limits.bindPauseMilliseconds * 1_000)
            }
        }
        return try bind(wanted, besides: current)
    }

    /// The sockets that are missing, for each worker.
    private func bind(
        _ wanted: [[Listener]], besides current: [Set<ListenAddress>]
    ) throws(ListenError) -> [[BoundSockets]] {
        let ownPorts = Set(current.joined().map(\.port))
        for listener in wanted.first ?? [] where listener.socketCount == nil {
            guard !ownPorts.contains(listener.address.port) else { continue }
            try SocketOpener(address: listener.address).checkThatPortIsFree()
        }
        var bound = [[BoundSockets]](repeating: [], count: workers.count)
        do throws(ListenError) {
            for index in workers.indices {
                for listener in wanted[index] where !current[index].contains(listener.address) {
                    bound[index].append(try SocketOpener(address: listener.address).openBoth())
                }
            }
        } catch {
            for sockets in bound.joined() { sockets.close() }
            throw error
        }
        return bound
    }

    /// Answers what has arrived, then closes every socket; returns when no worker handles a query any more. It does not
    /// serve again.
    public func stop() {
        addresses.withLock { current in
            for worker in workers { worker.retire() }
            let deadline = DispatchTime.now() + .nanoseconds(Int(stopTimeout))
            for worker in workers { worker.stop(by: deadline) }
            current = workers.map { _ in [] }
        }
    }

    /// Closes each TCP connection behind its next reply from now on; everything is still answered.
    public func drainConnections() { for worker in workers { worker.drainConnections() } }

    /// How busy the workers are, for whoever waits for the last queries.
    public var activity: Activity {
        workers.map(\.activity).reduce(Activity(lastQueryAt: 0, waitingCount: 0)) {
            Activity(lastQueryAt: max($0.lastQueryAt, $1.lastQueryAt), waitingCount: $0.waitingCount + $1.waitingCount)
        }
    }

    /// When a query came last, and what is unanswered.
    public struct Activity: Sendable {
        /// Monotonic time, in nanoseconds; 0 if there never was one.
        public let lastQueryAt: UInt64
        /// Queries that wait for an answer from elsewhere.
        public let waitingCount: Int

        /// What was seen at some moment.
        public init(lastQueryAt: UInt64, waitingCount: Int) {
            self.lastQueryAt = lastQueryAt
            self.waitingCount = waitingCount
        }
    }
}

extension DNSServer.Listener {
    /// The first workers serve a listener that not all do.
    fileprivate func isServed(by worker: Int) -> Bool { worker < socketCount ?? .max }
}
