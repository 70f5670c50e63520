import CLinux
import Dispatch
import EventLoop
import Glibc
import PluginKit
import Telemetry

/// A socket that a worker watches.
protocol SocketHandler: AnyObject {
    /// Takes what there is without waiting.
    func onReadable()
}

/// One core's share of the server: a serial queue with its sockets and the memory of one query.
///
/// Each socket has a Dispatch source. Once one fires, the worker lingers on all of its sockets for a moment before it
/// goes back: a Dispatch event costs seven system calls and a thread hop, a poll one.
final class Worker: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: mutable state is touched on `queue` only.
    let slot: WorkerSlot
    let queue: DispatchQueue
    /// Sockets and timers of queries that wait.
    let loop: EventLoop
    let walks: WalkPool
    /// Entered for each socket that is open, left when it is closed.
    let openSockets = DispatchGroup()
    /// Replaced when the configuration is.
    var idleObservers: [any IdleObserving] = []
    /// Monotonic time of the last query, in nanoseconds.
    var lastQueryAt: UInt64 = 0
    private let poller: Int32
    /// The UDP sockets among those that are watched.
    private var datagramSockets: [UDPSocket] = []
    /// How many of those that are watched are TCP connections.
    private var connectionCount = 0
    private let events: UnsafeMutablePointer<epoll_event>
    private static let readable = EPOLLIN.rawValue | EPOLLRDHUP.rawValue
    private static let eventsMax: Int32 = 64

    init(index: Int, cookies: ServerCookies) throws(SystemError) {
        slot = WorkerSlot(index)
        queue = DispatchQueue(label: "clusterdns.worker.\(index)")
        guard let loop = EventLoop(queue: queue) else { throw SystemError(code: errno) }
        self.loop = loop
        walks = WalkPool(worker: slot, loop: loop, cookies: cookies)
        poller = try Syscall.check { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        events = .allocate(capacity: Int(Self.eventsMax))
        // The loop is the one without a socket of ours.
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        epoll_ctl(poller, EPOLL_CTL_ADD, loop.descriptor, &event)
        queue.sync { loop.onTurn = { [unowned self] in linger() } }
    }

    deinit {
        close(poller)
        events.deallocate()
    }

    /// Starts to watch a socket. The handler is kept until `unwatch`, the descriptor is closed then.
    func watch(_ descriptor: Int32, _ handler: any SocketHandler) -> WatchedSocket {
        dispatchPrecondition(condition: .onQueue(queue))
        let socket = WatchedSocket(descriptor, handler, queue, openSockets)
        addToPoller(socket)
        count(handler, 1)
        socket.whenReadable { [unowned self, unowned socket] in
            socket.handler.onReadable()
            linger()
        }
        return socket
    }

    private func addToPoller(_ socket: WatchedSocket) {
        var event = epoll_event()
        event.events = Self.readable
        event.data.ptr = Unmanaged.passUnretained(socket).toOpaque()
        epoll_ctl(poller, EPOLL_CTL_ADD, socket.descriptor, &event)
    }

    /// Leaves what the peer sends in the kernel until `resume`.
    func pause(_ socket: WatchedSocket) {
        guard socket.isReading, !socket.isCancelled else { return }
        // Out of the poller altogether: there it would still tell of errors, again and again.
        epoll_ctl(poller, EPOLL_CTL_DEL, socket.descriptor, nil)
        socket.setReading(false)
    }

    /// Takes again what the peer sends.
    func resume(_ socket: WatchedSocket) {
        guard !socket.isReading, !socket.isCancelled else { return }
        addToPoller(socket)
        socket.setReading(true)
    }

    /// Stops watching; the descriptor is closed once Dispatch has let go of it.
    func unwatch(_ socket: WatchedSocket) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard !socket.isCancelled else { return }
        if socket.isReading { epoll_ctl(poller, EPOLL_CTL_DEL, socket.descriptor, nil) }
        count(socket.handler, -1)
        socket.cancel()
    }

    private func count(_ handler: any SocketHandler, _ change: Int) {
        if handler is TCPConnection { connectionCount += change }
        guard let udp = handler as? UDPSocket else { return }
        datagramSockets.removeAll { $0 === udp }
        if change > 0 { datagramSockets.append(udp) }
    }

    private func linger() {
        for round in 0..<Limits.roundsPerTurn {
            // A busy socket without neighbours is waited on in its own receive call: one system call a batch less.
            if let socket = busySocket, round % Limits.roundsBetweenPolls != 0 {
                socket.receive(waits: true)
                continue
            }
            let count = epoll_wait(poller, events, Self.eventsMax, Limits.lingerMilliseconds)
            guard count > 0 else { break }
            for index in 0..<Int(count) {
                // A handler may unwatch any socket: Dispatch keeps it for this turn of the queue, so that the
                // pointers of a round stay valid, and nobody is at home any more.
                guard let pointer = events[index].data.ptr else {
                    loop.poll()
                    continue
                }
                let socket = Unmanaged<WatchedSocket>.fromOpaque(pointer)
                socket._withUnsafeGuaranteedRef { $0.handler.onReadable() }
            }
        }
        for observer in idleObservers { observer.workerIsIdle(slot) }
    }

    /// The one UDP socket, if nothing else is watched and packets come in batches.
    private var busySocket: UDPSocket? {
        guard connectionCount == 0, loop.isIdle, datagramSockets.count == 1, datagramSockets[0].isBusy else {
            return nil
        }
        return datagramSockets[0]
    }
}
