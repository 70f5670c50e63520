import EventLoop
import Sockets

/// A socket in a worker's loop; the worker keeps it until it is closed. Owned by the worker's queue.
final class WatchedSocket: EventHandler {
    let descriptor: Int32
    let handler: any SocketHandler
    private(set) var isClosed = false
    private(set) var isReading = true
    /// Called once when the peer has taken some of what was written.
    private var onWritable: (() -> Void)?
    private let loop: EventLoop
    private var interest: Interest

    init(_ descriptor: Int32, _ handler: any SocketHandler, _ loop: EventLoop) {
        self.descriptor = descriptor
        self.handler = handler
        self.loop = loop
        interest = Interest(in: descriptor)
        updateInterest()
    }

    func onReady(_ readiness: Readiness) {
        if let onWritable, !readiness.isDisjoint(with: [.writing, .broken]) {
            self.onWritable = nil
            updateInterest()
            onWritable()
        }
        guard isReading, !isClosed, !readiness.isDisjoint(with: [.reading, .broken]) else { return }
        handler.onReadable()
    }

    /// Calls back, once, when the peer has taken some of what was written.
    func whenWritable(_ body: @escaping () -> Void) {
        guard !isClosed else { return }
        onWritable = body
        updateInterest()
    }

    /// Whether what the peer sends is taken, or left in the kernel.
    func setReading(_ isReading: Bool) {
        guard self.isReading != isReading, !isClosed else { return }
        self.isReading = isReading
        updateInterest()
    }

    /// Nobody connects any more, even where a process that was just started has the socket for an instant longer.
    func stopListening() { Syscall.stopListening(descriptor) }

    /// Nothing is called back any more.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        onWritable = nil
        interest.change(to: [], in: loop, self)
        Syscall.close(descriptor)
    }

    private func updateInterest() {
        var wanted: Readiness = isReading ? .reading : []
        if onWritable != nil { wanted.insert(.writing) }
        interest.change(to: wanted, in: loop, self)
    }
}
