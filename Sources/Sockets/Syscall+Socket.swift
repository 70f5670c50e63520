package import CLinux
package import DNSMessage
import Glibc

extension Syscall {
    /// A socket that is inherited by nobody.
    package static func open(
        _ kind: __socket_type, _ family: IPAddress.Family, waits: Bool = false
    ) throws(SystemError) -> Int32 {
        let flags = kind.rawValue | SOCK_CLOEXEC.rawValue | (waits ? 0 : SOCK_NONBLOCK.rawValue)
        return try check { socket(family == .v4 ? AF_INET : AF_INET6, Int32(flags), 0) }
    }

    /// Sets an option whose value is a number.
    package static func setOption(
        _ descriptor: Int32, _ level: Int32, _ name: Int32, _ value: Int32 = 1
    ) throws(SystemError) {
        var value = value
        try check { setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size)) }
    }

    /// Sets an option whose value is a time: SO_RCVTIMEO, SO_SNDTIMEO.
    package static func setOption(_ descriptor: Int32, _ name: Int32, milliseconds: Int) throws(SystemError) {
        var time = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        try check { setsockopt(descriptor, SOL_SOCKET, name, &time, socklen_t(MemoryLayout<timeval>.size)) }
    }

    /// Gives a socket its own address.
    package static func bind(_ descriptor: Int32, to address: SocketAddress) throws(SystemError) {
        try check { KernelAddress(address).pass { clinux_bind(descriptor, $0, $1) } }
    }

    /// Connects; a stream that does not wait throws EINPROGRESS.
    package static func connect(_ descriptor: Int32, to peer: KernelAddress) throws(SystemError) {
        try check { peer.pass { clinux_connect(descriptor, $0, $1) } }
    }

    /// Takes the peer from a UDP socket, and its port with it: the next `connect` draws another one.
    package static func disconnect(_ descriptor: Int32) -> Bool {
        var none = sockaddr()
        none.sa_family = sa_family_t(AF_UNSPEC)
        return clinux_connect(descriptor, &none, socklen_t(MemoryLayout<sockaddr>.size)) == 0
    }

    /// What became of a connection attempt; 0 is success.
    package static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
    }

    /// The next connection, which does not wait either, and who has made it.
    package static func accept(_ listener: Int32) -> (Transfer, client: SocketAddress) {
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return KernelAddress.fill { address, length in
            transfer { Int(clinux_accept(listener, address, &length, flags)) }
        }
    }

    /// Nobody connects any more, even where a process that was just started has the socket for an instant longer.
    package static func stopListening(_ listener: Int32) { _ = shutdown(listener, Int32(SHUT_RDWR)) }

    /// The peer reads to the end; what it sends still comes.
    package static func finishSending(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// This side's address; nil if the kernel does not tell.
    package static func localAddress(_ descriptor: Int32) -> SocketAddress? {
        let (result, address) = KernelAddress.fill { clinux_local_address(descriptor, $0, &$1) }
        return result == 0 ? address : nil
    }

    /// Sends what the kernel takes.
    package static func send(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Transfer {
        transfer { CLinux.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL)) }
    }

    /// Receives a packet, or what there is of a stream.
    package static func receive(_ descriptor: Int32, into room: UnsafeMutableRawBufferPointer) -> Transfer {
        transfer { recv(descriptor, room.baseAddress, room.count, 0) }
    }

    /// Closes a descriptor; there is nothing to be done about a failure.
    package static func close(_ descriptor: Int32) { _ = CLinux.close(descriptor) }
}
