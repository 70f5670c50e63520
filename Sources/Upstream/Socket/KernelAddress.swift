import CLinux
import DNSMessage

/// An address as the kernel takes it.
struct KernelAddress {
    private var storage = sockaddr_in6()
    let length: socklen_t
    let family: Int32

    init(_ address: SocketAddress) {
        let ip = address.address
        guard ip.family == .v4 else {
            (length, family) = (socklen_t(MemoryLayout<sockaddr_in6>.size), AF_INET6)
            storage.sin6_family = sa_family_t(AF_INET6)
            storage.sin6_port = address.port.bigEndian
            storage.sin6_scope_id = address.scope
            withUnsafeMutableBytes(of: &storage.sin6_addr) { target in
                if let base = target.baseAddress { _ = ip.store(to: base) }
            }
            return
        }
        (length, family) = (socklen_t(MemoryLayout<sockaddr_in>.size), AF_INET)
        var v4 = sockaddr_in()
        v4.sin_family = sa_family_t(AF_INET)
        v4.sin_port = address.port.bigEndian
        v4.sin_addr.s_addr = ip.v4.bigEndian
        withUnsafeMutableBytes(of: &storage) { target in
            withUnsafeBytes(of: &v4) { target.copyMemory(from: $0) }
        }
    }

    func withBytes<Result>(_ body: (UnsafeRawPointer?) -> Result) -> Result {
        withUnsafeBytes(of: storage) { body($0.baseAddress) }
    }
}
