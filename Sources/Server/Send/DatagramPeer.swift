import CLinux
import Sockets

/// Where a reply over UDP goes, and from which of our addresses: a copy of what the kernel told of the request.
final class DatagramPeer {
    private static let addressLength = MemoryLayout<sockaddr_in6>.size
    private let memory = UnsafeMutableRawPointer.allocate(
        byteCount: 32 + Int(CLINUX_CONTROL_LENGTH), alignment: 8)
    private var addressCount: socklen_t = 0
    private var controlCount = 0

    deinit { memory.deallocate() }

    private var controlMemory: UnsafeMutableRawPointer { memory + 32 }

    /// The peer's socket address.
    var address: (UnsafeMutableRawPointer, socklen_t) { (memory, addressCount) }

    /// The control message that names our address; empty if the socket has but one.
    var control: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: controlCount > 0 ? controlMemory : nil, count: controlCount)
    }

    func remember(_ address: (UnsafeMutableRawPointer, socklen_t), _ control: UnsafeRawBufferPointer) {
        addressCount = min(address.1, socklen_t(Self.addressLength))
        memory.copyMemory(from: address.0, byteCount: Int(addressCount))
        controlCount = min(control.count, Int(CLINUX_CONTROL_LENGTH))
        if let source = control.baseAddress { controlMemory.copyMemory(from: source, byteCount: controlCount) }
    }

    /// Sends one datagram; one that the kernel does not take is lost, as a packet on the wire may be.
    func send(_ bytes: UnsafeRawBufferPointer, on socket: Int32) {
        var vector = iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        withUnsafeMutablePointer(to: &vector) { vector in
            var header = msghdr()
            header.msg_iov = vector
            header.msg_iovlen = 1
            header.msg_name = memory
            header.msg_namelen = addressCount
            header.msg_control = controlCount > 0 ? controlMemory : nil
            header.msg_controllen = controlCount
            for _ in 0..<Limits.sendAttemptsMax {
                guard case .wouldBlock = Syscall.transfer({ sendmsg(socket, &header, Int32(MSG_DONTWAIT)) }) else {
                    return
                }
                var waiting = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, 1)
            }
        }
    }
}
