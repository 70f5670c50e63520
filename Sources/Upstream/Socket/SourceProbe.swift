import CLinux
package import DNSMessage
import Glibc

/// Tells where the kernel would send from. Its sockets are kept until it goes: to open one costs more than to ask. For
/// one thread at a time.
package final class SourceProbe {
    /// Ports do not matter; a connected UDP socket sends nothing by itself.
    private static let port: UInt16 = 53

    /// By family.
    private var descriptors: [Int32: Int32] = [:]

    /// No socket yet.
    package init() {}

    deinit { for descriptor in descriptors.values { Syscall.close(descriptor) } }

    /// For each destination the source address; nil where there is no way to it.
    package func sources(toward destinations: [IPAddress]) -> [IPAddress?] { destinations.map(source) }

    private func source(toward destination: IPAddress) -> IPAddress? {
        let peer = KernelAddress(SocketAddress(destination, port: Self.port))
        guard let descriptor = descriptor(for: peer), Syscall.connect(descriptor, to: peer) == 0 else { return nil }
        // Else the next connect would keep the source of this one.
        defer { _ = Syscall.disconnect(descriptor) }
        return Syscall.localAddress(descriptor)?.address
    }

    private func descriptor(for peer: KernelAddress) -> Int32? {
        if let descriptor = descriptors[peer.family] { return descriptor }
        let descriptor = Syscall.open(SOCK_DGRAM, to: peer, from: nil)
        guard descriptor >= 0 else { return nil }
        descriptors[peer.family] = descriptor
        return descriptor
    }
}
