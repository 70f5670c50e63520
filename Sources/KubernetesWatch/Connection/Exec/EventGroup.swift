import CLinux
import Dispatch
import Glibc

// Touched only on its queue.
/// Descriptors of which any being readable, or at its end, wakes one handler.
///
/// Dispatch watches the epoll instance and never the descriptors themselves: libdispatch takes a hang-up apart on two
/// threads at once and may crash (swift-corelibs-libdispatch, issue 949), and every pipe ends with one. An epoll
/// instance has none.
final class EventGroup {
    private let descriptor: Int32
    private let queue: DispatchQueue
    private var source: (any DispatchSourceRead)?

    /// Nil, and the reason in `errno`, where there is no descriptor left.
    init?(queue: DispatchQueue) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        self.queue = queue
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        if source == nil, descriptor >= 0 { close(descriptor) }
    }

    /// Begins; the handler is held until `cancel`.
    func start(_ handle: @escaping () -> Void) {
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler(handler: handle)
        // Dispatch has let go of it by then.
        source.setCancelHandler { [descriptor] in close(descriptor) }
        source.resume()
        self.source = source
    }

    func cancel() { source?.cancel() }

    /// It wakes the handler as long as there is something to read in it.
    func add(_ member: Int32) {
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        epoll_ctl(descriptor, EPOLL_CTL_ADD, member, &event)
    }

    /// Before a member is closed: a process that is being started may still hold a copy.
    func remove(_ member: Int32) {
        epoll_ctl(descriptor, EPOLL_CTL_DEL, member, nil)
    }
}
