import CLinux
import DNSMessage
import Glibc

/// The system calls of this target, each in one place; a result below zero is `-errno`.
enum Syscall {
    /// A socket that does not wait and is inherited by nobody, bound to an address where one is given.
    static func open(_ kind: __socket_type, to peer: KernelAddress, from source: IPAddress?) -> Int32 {
        let flags = Int32(kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(peer.family, flags, 0)
        guard descriptor >= 0 else { return -errno }
        guard let source else { return descriptor }
        // The port comes with each connect, anew.
        set(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, 1)
        let local = KernelAddress(SocketAddress(source, port: 0))
        guard local.withBytes({ clinux_bind(descriptor, $0, local.length) }) == 0 else {
            let code = errno
            close(descriptor)
            return -code
        }
        return descriptor
    }

    static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    static func connect(_ descriptor: Int32, to peer: KernelAddress) -> Int32 {
        for _ in 0..<retriesMax {
            let result = peer.withBytes { clinux_connect(descriptor, $0, peer.length) }
            if result == 0 { return 0 }
            if errno != EINTR { return -errno }
        }
        return -EINTR
    }

    /// Takes the peer from a UDP socket, and its port with it: the next `connect` draws another one.
    static func disconnect(_ descriptor: Int32) -> Bool {
        var none = sockaddr()
        none.sa_family = sa_family_t(AF_UNSPEC)
        return withUnsafeBytes(of: &none) {
            clinux_connect(descriptor, $0.baseAddress, socklen_t(MemoryLayout<sockaddr>.size)) == 0
        }
    }

    static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        for _ in 0..<retriesMax {
            let count = CLinux.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return count }
            if errno != EINTR { return Int(-errno) }
        }
        return Int(-EINTR)
    }

    static func receive(_ descriptor: Int32, _ room: UnsafeMutableRawBufferPointer) -> Int {
        for _ in 0..<retriesMax {
            let count = recv(descriptor, room.baseAddress, room.count, 0)
            if count >= 0 { return count }
            if errno != EINTR { return Int(-errno) }
        }
        return Int(-EINTR)
    }

    /// What became of a connection attempt.
    static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
    }

    /// Where a socket sends from; nil if the kernel does not tell.
    static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        var storage = sockaddr_in6()
        return withUnsafeMutableBytes(of: &storage) { bytes in
            var length = socklen_t(bytes.count)
            guard let base = bytes.baseAddress, clinux_local_address(descriptor, base, &length) == 0 else { return nil }
            let raw = UnsafeRawPointer(base)
            let isV4 = Int32(raw.loadUnaligned(as: sa_family_t.self)) == AF_INET
            let address = isV4 ? IPAddress(v4: raw.bigEndian32(4)) : IPAddress(v6At: raw + 8)
            return SocketAddress(address, port: raw.bigEndian16(2))
        }
    }

    static func close(_ descriptor: Int32) { _ = CLinux.close(descriptor) }

    /// Times a call is made again after a signal.
    private static let retriesMax = 8
}
