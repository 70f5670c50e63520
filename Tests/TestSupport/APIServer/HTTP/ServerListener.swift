import CLinux
import Dispatch
import Glibc

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
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        clinux_local_address(holder, &address, &length)
        self.port = UInt16(bigEndian: address.sin_port)
    }

    deinit { Glibc.close(holder) }

    private static func bound(port: UInt16) throws(ClientError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, kind, 0)
        guard descriptor >= 0 else { throw ClientError("socket") }
        for option in [SO_REUSEADDR, SO_REUSEPORT] {
            var yes: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, option, &yes, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        guard clinux_bind(descriptor, &address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 else {
            let error = ClientError("bind 127.0.0.1:\(port)")
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
        let flags = Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        while source != nil {
            let descriptor = clinux_accept(listening, nil, nil, flags)
            guard descriptor >= 0 else { return }
            var yes: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
            accepted?(descriptor)
        }
    }

    /// Refuses connections from now on.
    func close() {
        guard let source else { return }
        // Dispatch closes the descriptor later; connections are to be refused at once.
        shutdown(Int32(source.handle), Int32(SHUT_RDWR))
        source.cancel()
        self.source = nil
    }
}
