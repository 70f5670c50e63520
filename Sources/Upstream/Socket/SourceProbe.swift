import CLinux
package import DNSMessage
import Sockets

/// Tells where the kernel would send from. Its sockets are kept until it goes: to open one costs more than to ask. For
/// one thread at a time.
package final class SourceProbe {
    /// Ports do not matter; a connected UDP socket sends nothing by itself.
    private static let port: UInt16 = 53

    private var descriptors: [IPAddress.Family: Int32] = [:]

    /// No socket yet.
    package init() {}

    deinit { for descriptor in descriptors.values { Syscall.close(descriptor) } }

    /// For each destination the source address; nil where there is no way to it.
    package func sources(toward destinations: [IPAddress]) -> [IPAddress?] { destinations.map(source) }

    private func source(toward destination: IPAddress) -> IPAddress? {
        let peer = KernelAddress(SocketAddress(destination, port: Self.port))
        guard let descriptor = descriptor(for: peer.family),
            (try? Syscall.connect(descriptor, to: peer)) != nil
        else { return nil }
        // Else the next connect would keep the source of this one.
        defer { _ = Syscall.disconnect(descriptor) }
        return Syscall.localAddress(descriptor)?.address
    }

    private func descriptor(for family: IPAddress.Family) -> Int32? {
        if let descriptor = descriptors[family] { return descriptor }
        let descriptor = try? Syscall.open(SOCK_DGRAM, family)
        descriptors[family] = descriptor
        return descriptor
    }
}
