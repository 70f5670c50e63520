import CLinux
package import DNSMessage
import Sockets

/// Where the kernel would send from.
package enum SourceAddress {
    /// Ports do not matter; a connected UDP socket sends nothing by itself.
    private static let port: UInt16 = 53

    /// For each destination the source address; nil where there is no way to it.
    package static func toward(_ destinations: [IPAddress]) -> [IPAddress?] {
        var descriptors: [IPAddress.Family: Int32] = [:]
        defer { for descriptor in descriptors.values { Syscall.close(descriptor) } }
        return destinations.map { destination in
            let peer = KernelAddress(SocketAddress(destination, port: port))
            guard let descriptor = descriptors[peer.family] ?? (try? Syscall.open(SOCK_DGRAM, peer.family)) else {
                return nil
            }
            descriptors[peer.family] = descriptor
            guard (try? Syscall.connect(descriptor, to: peer)) != nil else { return nil }
            // Else the next connect would keep the source of this one.
            defer { _ = Syscall.disconnect(descriptor) }
            return Syscall.localAddress(descriptor)?.address
        }
    }
}
