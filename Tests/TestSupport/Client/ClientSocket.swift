import CLinux
public import DNSMessage
import Glibc

/// What went wrong on the client's side of a test.
public struct ClientError: Error, CustomStringConvertible, Sendable {
    /// The call and its reason.
    public let description: String

    init(_ call: String) { description = "\(call): \(String(cString: strerror(errno)))" }

    /// A reason of the test's own.
    public init(reason: String) { description = reason }
}

/// A blocking socket that waits for nothing longer than it is told.
struct ClientSocket: ~Copyable {
    let descriptor: Int32

    init(_ kind: __socket_type, to server: SocketAddress, from local: SocketAddress?) throws(ClientError) {
        let family = server.address.family == .v4 ? AF_INET : AF_INET6
        descriptor = socket(family, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ClientError("socket") }
        guard let local else { return }
        guard local.withSockaddr({ bind(descriptor, $0, $1) }) == 0 else { throw ClientError("bind \(local)") }
    }

    deinit { close(descriptor) }

    /// Sets how long the calls after this one wait.
    func setTimeout(_ timeout: Duration) {
        let (seconds, attoseconds) = timeout.components
        let microseconds = max(Int(attoseconds / 1_000_000_000_000), seconds == 0 ? 1 : 0)
        var time = timeval(tv_sec: Int(seconds), tv_usec: microseconds)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

extension SocketAddress {
    /// 127.0.0.1, where tests happen.
    public static func loopback(_ port: UInt16) -> SocketAddress {
        SocketAddress(IPAddress(v4: 0x7F00_0001), port: port)
    }

    /// Calls `body` with the address as the kernel takes it.
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if address.family == .v4 {
            var ip = sockaddr_in()
            ip.sin_family = sa_family_t(AF_INET)
            ip.sin_port = port.bigEndian
            ip.sin_addr.s_addr = address.v4.bigEndian
            return withUnsafeBytes(of: &ip) { body($0.assumingMemoryBound(to: sockaddr.self).baseAddress!, 16) }
        }
        var ip = sockaddr_in6()
        ip.sin6_family = sa_family_t(AF_INET6)
        ip.sin6_port = port.bigEndian
        ip.sin6_scope_id = scope
        _ = withUnsafeMutableBytes(of: &ip.sin6_addr) { address.store(to: $0.baseAddress!) }
        return withUnsafeBytes(of: &ip) { body($0.assumingMemoryBound(to: sockaddr.self).baseAddress!, 28) }
    }

    /// Reads what the kernel wrote.
    init(_ storage: inout sockaddr_storage) {
        self = withUnsafeBytes(of: &storage) { raw in
            let base = raw.baseAddress!
            if Int32(raw.load(as: sa_family_t.self)) == AF_INET {
                return SocketAddress(IPAddress(v4: base.bigEndian32(4)), port: base.bigEndian16(2))
            }
            return SocketAddress(IPAddress(v6At: base + 8), port: base.bigEndian16(2))
        }
    }

    /// The address that a socket has on this side.
    init(ofSocket descriptor: Int32) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &storage) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        self.init(&storage)
    }
}
