import CLinux
import DNSMessage
import PluginKit

/// A worker's listening TCP socket. Owned by the worker's queue.
final class TCPListener: SocketHandler {
    private let descriptor: Int32
    private let router: Router
    private let connections: ConnectionTable

    init(_ descriptor: Int32, _ router: Router, _ connections: ConnectionTable) {
        self.descriptor = descriptor
        self.router = router
        self.connections = connections
    }

    func onReadable() {
        for _ in 0..<Limits.acceptsPerTurn {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
            let transfer = Syscall.transfer { Int(clinux_accept(descriptor, &storage, &length, flags)) }
            guard case .done(let socket) = transfer else { return }
            let client = withUnsafeBytes(of: &storage) { SocketStorage.read($0.baseAddress.unsafelyUnwrapped) }
            connections.add(Int32(socket), from: client, router)
        }
    }
}
