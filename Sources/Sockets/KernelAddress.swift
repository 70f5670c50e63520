public import CLinux
public import DNSMessage

/// An address and port as the kernel takes them, and as it gives them: a `sockaddr` of either family.
public struct KernelAddress {
    private var storage = sockaddr_in6()
    private let length: socklen_t

    /// The kernel's form of an address.
    package init(_ address: SocketAddress) {
        let ip = address.address
        guard ip.family == .v4 else {
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            storage.sin6_family = sa_family_t(AF_INET6)
            storage.sin6_port = address.port.bigEndian
            storage.sin6_scope_id = address.scope
            withUnsafeMutableBytes(of: &storage.sin6_addr) { target in
                if let base = target.baseAddress { _ = ip.store(to: base) }
            }
            return
        }
        length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var v4 = sockaddr_in()
        v4.sin_family = sa_family_t(AF_INET)
        v4.sin_port = address.port.bigEndian
        v4.sin_addr.s_addr = ip.v4.bigEndian
        withUnsafeMutableBytes(of: &storage) { target in
            withUnsafeBytes(of: &v4) { target.copyMemory(from: $0) }
        }
    }

    /// The family of a socket for it.
    package var family: IPAddress.Family { Int32(storage.sin6_family) == AF_INET ? .v4 : .v6 }

    /// Calls with the address and its length.
    package func pass<Result>(to call: (UnsafePointer<sockaddr>?, socklen_t) -> Result) -> Result {
        withUnsafeBytes(of: storage) { call($0.assumingMemoryBound(to: sockaddr.self).baseAddress, length) }
    }

    /// Calls, for a socket of IPv4 or IPv6, with room for an address; tells what the kernel wrote there.
    package static func fill<Result>(
        by call: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Result
    ) -> (Result, SocketAddress) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { (call($0, &length), read($0)) }
        }
    }

    /// Reads a `sockaddr` of any family; nil where that is neither IPv4 nor IPv6.
    package static func find(in socket: UnsafePointer<sockaddr>) -> SocketAddress? {
        switch Int32(socket.pointee.sa_family) {
        case AF_INET, AF_INET6: read(socket)
        default: nil
        }
    }

    /// Reads what the kernel wrote for a socket of IPv4 or IPv6; IPv4-mapped addresses come out as IPv4.
    @inlinable @inline(__always)
    public static func read(_ raw: UnsafeRawPointer) -> SocketAddress {
        // Both families keep their number in the first two bytes and the port in the next two.
        let family = raw.loadUnaligned(as: sa_family_t.self)
        let port = raw.bigEndian16(2)
        if family == sa_family_t(AF_INET) {
            return SocketAddress(IPAddress(v4: raw.bigEndian32(4)), port: port)
        }
        let address = IPAddress(v6At: raw + 8).unmapped
        return SocketAddress(address, port: port, scope: raw.loadUnaligned(fromByteOffset: 24, as: UInt32.self))
    }
}
