import CLinux
import Dispatch
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
    let resolver: QueryResolver
    private let idleObservers: [any IdleObserving]
    private let poller: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    private static let readable = EPOLLIN.rawValue | EPOLLRDHUP.rawValue
    private static let eventsMax: Int32 = 64

    init(index: Int, idleObservers: [any IdleObserving]) throws(SystemError) {
        slot = WorkerSlot(index)
        self.idleObservers = idleObservers
        queue = DispatchQueue(label: "clusterdns.worker.\(index)")
        resolver = QueryResolver(worker: slot)
        poller = try Syscall.check { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        events = .allocate(capacity: Int(Self.eventsMax))
    }

    deinit {
        close(poller)
        events.deallocate()
    }

    /// Starts to watch a socket. The handler is kept until `unwatch`, the descriptor is closed then.
    func watch(_ descriptor: Int32, _ handler: any SocketHandler) -> WatchedSocket {
        dispatchPrecondition(condition: .onQueue(queue))
        let socket = WatchedSocket(descriptor, handler, queue)
        var event = epoll_event()
        event.events = Self.readable
        event.data.ptr = Unmanaged.passUnretained(socket).toOpaque()
        epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event)
        socket.source.setEventHandler { [unowned self, unowned socket] in
            guard !socket.isCancelled else { return }
            socket.handler.onReadable()
            linger()
        }
        socket.source.activate()
        return socket
    }

    /// Leaves what the peer sends in the kernel until `resume`.
    func pause(_ socket: WatchedSocket) { setReading(socket, false) }

    /// Takes again what the peer sends.
    func resume(_ socket: WatchedSocket) { setReading(socket, true) }

    private func setReading(_ socket: WatchedSocket, _ isReading: Bool) {
        guard socket.isReading != isReading, !socket.isCancelled else { return }
        var event = epoll_event()
        event.events = isReading ? Self.readable : 0
        event.data.ptr = Unmanaged.passUnretained(socket).toOpaque()
        epoll_ctl(poller, EPOLL_CTL_MOD, socket.descriptor, &event)
        socket.setReading(isReading)
    }

    /// Stops watching and closes the descriptor once Dispatch has let go of it.
    func unwatch(_ socket: WatchedSocket) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard !socket.isCancelled else { return }
        epoll_ctl(poller, EPOLL_CTL_DEL, socket.descriptor, nil)
        socket.cancel()
    }

    private func linger() {
        for _ in 0..<Limits.roundsPerTurn {
            let count = epoll_wait(poller, events, Self.eventsMax, Limits.lingerMilliseconds)
            guard count > 0 else { break }
            for index in 0..<Int(count) {
                // A handler may unwatch its own socket, never another one, so the pointers of a round stay valid.
                let socket = Unmanaged<WatchedSocket>.fromOpaque(events[index].data.ptr.unsafelyUnwrapped)
                socket._withUnsafeGuaranteedRef { $0.handler.onReadable() }
            }
        }
        for observer in idleObservers { observer.workerIsIdle(slot) }
    }
}

/// A socket with its Dispatch source; owned by its worker's queue.
final class WatchedSocket {
    let descriptor: Int32
    let source: any DispatchSourceRead
    private(set) var handler: any SocketHandler
    private(set) var isCancelled = false
    private(set) var isReading = true
    /// Sources on the descriptor; it is closed when the last one's cancel handler has run.
    private var sources = 1
    private var writeSource: (any DispatchSourceWrite)?
    private let queue: DispatchQueue

    fileprivate init(_ descriptor: Int32, _ handler: any SocketHandler, _ queue: DispatchQueue) {
        self.descriptor = descriptor
        self.handler = handler
        self.queue = queue
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setCancelHandler { self.release() }
    }

    /// Calls back, once, when the peer has taken some of what was written.
    func whenWritable(_ body: @escaping () -> Void) {
        guard writeSource == nil, !isCancelled else { return }
        let source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
        writeSource = source
        sources += 1
        source.setCancelHandler { self.release() }
        source.setEventHandler { [unowned self] in
            stopWriteSource()
            if !isCancelled { body() }
        }
        source.activate()
    }

    fileprivate func setReading(_ isReading: Bool) {
        self.isReading = isReading
        isReading ? source.resume() : source.suspend()
    }

    fileprivate func cancel() {
        // A suspended source would never run its cancel handler.
        if !isReading { setReading(true) }
        isCancelled = true
        stopWriteSource()
        source.cancel()
    }

    private func stopWriteSource() {
        writeSource?.cancel()
        writeSource = nil
    }

    private func release() {
        sources -= 1
        if sources == 0 { close(descriptor) }
    }
}
