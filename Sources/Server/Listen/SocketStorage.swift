import CLinux
import DNSMessage
import PluginKit

/// A `sockaddr` of either family, and its reading.
struct SocketStorage {
    private var storage = sockaddr_storage()
    private var length: socklen_t

    init(_ key: SocketAddress) {
        length = 0
        length = withUnsafeMutableBytes(of: &storage) { SocketStorage.store(key, to: $0.baseAddress.unsafelyUnwrapped) }
    }

    /// Binds a socket to the address.
    mutating func bind(_ socket: Int32) -> Int32 { clinux_bind(socket, &storage, length) }

    private static func store(_ key: SocketAddress, to target: UnsafeMutableRawPointer) -> socklen_t {
        if key.address.family == .v4 {
            var ip = sockaddr_in()
            ip.sin_family = sa_family_t(AF_INET)
            ip.sin_port = key.port.bigEndian
            ip.sin_addr.s_addr = key.address.v4.bigEndian
            target.storeBytes(of: ip, as: sockaddr_in.self)
            return socklen_t(MemoryLayout<sockaddr_in>.size)
        }
        var ip = sockaddr_in6()
        ip.sin6_family = sa_family_t(AF_INET6)
        ip.sin6_port = key.port.bigEndian
        ip.sin6_scope_id = key.scope
        _ = withUnsafeMutableBytes(of: &ip.sin6_addr) { key.address.store(to: $0.baseAddress.unsafelyUnwrapped) }
        target.storeBytes(of: ip, as: sockaddr_in6.self)
        return socklen_t(MemoryLayout<sockaddr_in6>.size)
    }

    /// Reads what the kernel wrote; IPv4-mapped addresses come out as IPv4.
    @inline(__always)
    static func read(_ raw: UnsafeRawPointer) -> SocketAddress {
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
