import CLinux
import Dispatch
import DNSMessage
import EventLoop
import PluginKit
import Sockets

/// A worker's listening TCP socket. Owned by the worker's queue.
final class TCPListener: SocketHandler, TimerHandler {
    private let descriptor: Int32
    private let listener: WorkerListener
    private let connections: ConnectionTable
    private weak var socket: WatchedSocket?

    init(_ descriptor: Int32, _ listener: WorkerListener, _ connections: ConnectionTable) {
        self.descriptor = descriptor
        self.listener = listener
        self.connections = connections
    }

    func start(_ socket: WatchedSocket) { self.socket = socket }

    func onReadable() {
        for _ in 0..<Limits.acceptsPerTurn {
            let (transfer, client) = Syscall.accept(descriptor)
            switch transfer {
            case .done(let accepted):
                connections.add(Int32(accepted), from: client, listener)
            case .wouldBlock: return
            case .failed(let error): return pauseIfExhausted(error)
            }
        }
    }

    /// Without descriptors or memory the waiting client stays where it is, and the socket would be readable for ever.
    private func pauseIfExhausted(_ error: SystemError) {
        guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.code), let socket else { return }
        connections.settings.onShortage(error.code)
        socket.setReading(false)
        connections.worker.loop.schedule(after: Limits.acceptPauseMilliseconds * 1_000_000, self)
    }

    func onTimer(_ token: TimerToken) { socket?.setReading(true) }
}
