import CLinux
import DNSMessage
import Dispatch
import Glibc
import Sockets

// Touched only on the queue of its server.
/// The port of the server: open, or closed so that connections are refused, and nobody else's all the while.
final class ServerListener: @unchecked Sendable {
    private static let backlog: Int32 = 256

    let port: UInt16
    private let queue: DispatchQueue
    /// Bound but not listening: keeps the port ours while nobody listens.
    private let holder: Int32
    private var source: (any DispatchSourceRead)?
    private var accepted: ((Int32) -> Void)?

    /// Port 0 takes any.
    init(port: UInt16, queue: DispatchQueue) throws(ClientError) {
        self.queue = queue
        holder = try Self.bound(port: port)
        self.port = Syscall.localAddress(holder)?.port ?? port
    }

    deinit { Glibc.close(holder) }

    private static func bound(port: UInt16) throws(ClientError) -> Int32 {
        let descriptor = try ClientError.naming("socket") { () throws(SystemError) in
            try Syscall.open(SOCK_STREAM, .v4)
        }
        do throws(ClientError) {
            try ClientError.naming("bind 127.0.0.1:\(port)") { () throws(SystemError) in
                for option in [SO_REUSEADDR, SO_REUSEPORT] { try Syscall.setOption(descriptor, SOL_SOCKET, option) }
                try Syscall.bind(descriptor, to: .loopback(port))
            }
        } catch {
            Glibc.close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Accepts connections from now on.
    func open(_ accepted: @escaping (Int32) -> Void) throws(ClientError) {
        guard source == nil else { return }
        let descriptor = try Self.bound(port: port)
        guard listen(descriptor, Self.backlog) == 0 else {
            let error = ClientError("listen")
            Glibc.close(descriptor)
            throw error
        }
        self.accepted = accepted
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { [weak self] in self?.accept(descriptor) }
        source.setCancelHandler { Glibc.close(descriptor) }
        source.resume()
        self.source = source
    }

    private func accept(_ listening: Int32) {
        while source != nil, case .done(let descriptor) = Syscall.accept(listening).0 {
            try? Syscall.setOption(Int32(descriptor), Int32(IPPROTO_TCP), TCP_NODELAY)
            accepted?(Int32(descriptor))
        }
    }

    /// Refuses connections from now on.
    func close() {
        guard let source else { return }
        // Dispatch closes the descriptor later; connections are to be refused at once.
        Syscall.stopListening(Int32(source.handle))
        source.cancel()
        self.source = nil
    }
}
