import CLinux
import DNSMessage
import Sockets

extension Syscall {
    /// A socket for one peer, which does not wait and sends from an address where one is given.
    static func open(
        _ kind: __socket_type, to peer: KernelAddress, from source: IPAddress?
    ) throws(SystemError) -> Int32 {
        let descriptor = try open(kind, peer.family)
        guard let source else { return descriptor }
        // The port comes with each connect, anew.
        try? setOption(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT)
        do throws(SystemError) {
            try bind(descriptor, to: SocketAddress(source, port: 0))
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }
}
