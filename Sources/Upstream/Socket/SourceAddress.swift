import CLinux
package import DNSMessage
import Glibc

/// Where the kernel would send from.
package enum SourceAddress {
    /// Ports do not matter; a connected UDP socket sends nothing by itself.
    private static let port: UInt16 = 53

    /// For each destination the source address; nil where there is no way to it.
    package static func toward(_ destinations: [IPAddress]) -> [IPAddress?] {
        var descriptors: [Int32: Int32] = [:]
        defer { for descriptor in descriptors.values where descriptor >= 0 { Syscall.close(descriptor) } }
        return destinations.map { destination in
            let peer = KernelAddress(SocketAddress(destination, port: port))
            let descriptor = descriptors[peer.family] ?? Syscall.open(SOCK_DGRAM, to: peer, from: nil)
            descriptors[peer.family] = descriptor
            guard descriptor >= 0, Syscall.connect(descriptor, to: peer) == 0 else { return nil }
            // Else the next connect would keep the source of this one.
            defer { _ = Syscall.disconnect(descriptor) }
            return Syscall.localAddress(descriptor)?.address
        }
    }
}
