import CLinux
public import DNSMessage
import Glibc
import Sockets

/// What went wrong on the client's side of a test.
public struct ClientError: Error, CustomStringConvertible, Sendable {
    /// The call and its reason.
    public let description: String

    init(_ call: String) { description = "\(call): \(SystemError(code: errno))" }

    /// Makes a call's error a sentence.
    static func naming<Result>(
        _ call: String, _ body: () throws(SystemError) -> Result
    ) throws(ClientError) -> Result {
        do throws(SystemError) {
            return try body()
        } catch { throw ClientError(reason: "\(call): \(error)") }
    }

    /// A reason of the test's own.
    public init(reason: String) { description = reason }
}

/// A blocking socket that waits for nothing longer than it is told.
struct ClientSocket: ~Copyable {
    let descriptor: Int32

    init(_ kind: __socket_type, to server: SocketAddress, from local: SocketAddress?) throws(ClientError) {
        descriptor = (try? Syscall.open(kind, server.address.family, waits: true)) ?? -1
        guard descriptor >= 0 else { throw ClientError("socket") }
        guard let local else { return }
        let own = descriptor
        try ClientError.naming("bind \(local)") { () throws(SystemError) in try Syscall.bind(own, to: local) }
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

    func connect(to server: SocketAddress) throws(ClientError) {
        try ClientError.naming("connect \(server)") { () throws(SystemError) in
            try Syscall.connect(descriptor, to: KernelAddress(server))
        }
    }

    func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
        try? Syscall.setOption(descriptor, level, name, value)
    }

    /// This side's address.
    var localAddress: SocketAddress { Syscall.localAddress(descriptor) ?? .loopback(0) }
}

extension SocketAddress {
    /// 127.0.0.1, where tests happen.
    public static func loopback(_ port: UInt16) -> SocketAddress {
        SocketAddress(IPAddress(v4: 0x7F00_0001), port: port)
    }
}
