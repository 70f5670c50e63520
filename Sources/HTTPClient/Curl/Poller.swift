import CLinux
import Dispatch
import Glibc

/// Watches sockets, and a timer, for the queue.
///
/// The sockets are in an epoll set of our own and Dispatch watches that set alone. So a socket is forgotten the moment
/// libcurl says so, and may be closed right after, while a Dispatch source lets go only when its cancel handler runs.
final class Poller: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: after `init` everything happens on the queue.

    /// What became possible on a socket.
    struct Readiness {
        var reads = false
        var writes = false
        var hasFailed = false
    }

    private let descriptor: Int32
    private let source: any DispatchSourceRead
    private let timer: any DispatchSourceTimer

    init(queue: DispatchQueue) throws(HTTPFailure) {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else {
            throw HTTPFailure(.cutShort, "cannot watch sockets: \(String(cString: strerror(errno)))")
        }
        self.descriptor = descriptor
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setCancelHandler { close(descriptor) }
        timer = DispatchSource.makeTimerSource(queue: queue)
    }

    deinit {
        source.cancel()
        timer.cancel()
    }

    /// Begins to call `onReady` for each socket that something is possible on, and `onTimer`.
    func start(onReady: @escaping (Int32, Readiness) -> Void, onTimer: @escaping () -> Void) {
        source.setEventHandler { [weak self] in self?.poll(onReady) }
        timer.setEventHandler { onTimer() }
        timer.schedule(deadline: .distantFuture)
        source.activate()
        timer.activate()
    }

    private func poll(_ onReady: (Int32, Readiness) -> Void) {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Limits.socketsPerTurn) { events in
            let count = epoll_wait(descriptor, events.baseAddress, Int32(Limits.socketsPerTurn), 0)
            for index in 0..<max(Int(count), 0) {
                let bits = events[index].events
                let readiness = Readiness(
                    reads: bits & (EPOLLIN.rawValue | EPOLLHUP.rawValue) != 0, writes: bits & EPOLLOUT.rawValue != 0,
                    hasFailed: bits & EPOLLERR.rawValue != 0)
                onReady(events[index].data.fd, readiness)
            }
        }
    }

    /// Watches a socket from now on, or for something else than before.
    func watch(_ socket: Int32, reads: Bool, writes: Bool) {
        var event = epoll_event()
        event.events = (reads ? EPOLLIN.rawValue : 0) | (writes ? EPOLLOUT.rawValue : 0)
        event.data.fd = socket
        guard epoll_ctl(descriptor, EPOLL_CTL_MOD, socket, &event) != 0 else { return }
        epoll_ctl(descriptor, EPOLL_CTL_ADD, socket, &event)
    }

    func forget(_ socket: Int32) { epoll_ctl(descriptor, EPOLL_CTL_DEL, socket, nil) }

    /// Sets the one timer; nil stops it.
    func setTimer(milliseconds: Int?) {
        timer.schedule(
            deadline: milliseconds.map { .now() + .milliseconds($0) } ?? .distantFuture, leeway: .milliseconds(1))
    }
}
