import CLinux
import DNSMessage
import PluginKit
import Sockets

/// Memory for one `recvmmsg`: packets, their source addresses and, on wildcard sockets, where they were sent to.
///
/// A packet's first bytes lie close to those of the others; the rest of a long one goes to memory of its own, which
/// the kernel backs only when it is first used, so that 64 KB a packet costs nothing until somebody sends that much.
final class PacketBatch {
    private static let addressStride = 32
    private static let controlStride = Int(CLINUX_CONTROL_LENGTH)
    private static let tailStride = Limits.packetMax + 1 - Limits.packetHeadLength

    private let headers: UnsafeMutablePointer<mmsghdr>
    private let vectors: UnsafeMutablePointer<iovec>
    private let heads: UnsafeMutableRawPointer
    private let tails: UnsafeMutableRawPointer
    private let addresses: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer
    private let joined: UnsafeMutableRawPointer
    private let tellsDestination: Bool

    init(tellsDestination: Bool) {
        self.tellsDestination = tellsDestination
        headers = .allocate(capacity: Limits.batch)
        vectors = .allocate(capacity: 2 * Limits.batch)
        heads = .allocate(byteCount: Limits.batch * Limits.packetHeadLength, alignment: 64)
        tails = .allocate(byteCount: Limits.batch * Self.tailStride, alignment: 4096)
        addresses = .allocate(byteCount: Limits.batch * Self.addressStride, alignment: 64)
        controls = .allocate(byteCount: Limits.batch * Self.controlStride, alignment: 64)
        joined = .allocate(byteCount: Limits.packetMax + 1, alignment: 64)
        headers.initialize(repeating: mmsghdr(), count: Limits.batch)
        controls.initializeMemory(as: UInt8.self, repeating: 0, count: Limits.batch * Self.controlStride)
        addresses.initializeMemory(as: UInt8.self, repeating: 0, count: Limits.batch * Self.addressStride)
        for index in 0..<Limits.batch { prepare(index) }
    }

    deinit {
        headers.deallocate()
        vectors.deallocate()
        for memory in [heads, tails, addresses, controls, joined] { memory.deallocate() }
    }

    private func prepare(_ index: Int) {
        vectors[2 * index] = iovec(
            iov_base: heads + index * Limits.packetHeadLength, iov_len: Limits.packetHeadLength)
        vectors[2 * index + 1] = iovec(iov_base: tails + index * Self.tailStride, iov_len: Self.tailStride)
        headers[index].msg_hdr.msg_iov = vectors + 2 * index
        headers[index].msg_hdr.msg_iovlen = 2
        headers[index].msg_hdr.msg_name = addresses + index * Self.addressStride
        headers[index].msg_hdr.msg_namelen = socklen_t(Self.addressStride)
        guard tellsDestination else { return }
        headers[index].msg_hdr.msg_control = controls + index * Self.controlStride
        headers[index].msg_hdr.msg_controllen = Self.controlStride
    }

    /// Takes what there is; 0 if nothing is. With `waits` the kernel waits for the first packet, until the socket's
    /// time-out.
    func receive(_ socket: Int32, waits: Bool) -> Int {
        let flags = Int32(waits ? Int(MSG_WAITFORONE) : Int(MSG_DONTWAIT))
        let transfer = Syscall.transfer { Int(recvmmsg(socket, headers, UInt32(Limits.batch), flags, nil)) }
        // An error here is one that an earlier reply met (ICMP, say); the socket is as good as before.
        guard case .done(let count) = transfer else { return 0 }
        return count
    }

    /// The bytes of a packet, in one piece. Valid until the next packet is asked for.
    func bytes(_ index: Int) -> UnsafeRawBufferPointer {
        let length = Int(headers[index].msg_len)
        let head = heads + index * Limits.packetHeadLength
        if length <= Limits.packetHeadLength { return UnsafeRawBufferPointer(start: head, count: length) }
        joined.copyMemory(from: head, byteCount: Limits.packetHeadLength)
        (joined + Limits.packetHeadLength).copyMemory(
            from: tails + index * Self.tailStride, byteCount: length - Limits.packetHeadLength)
        return UnsafeRawBufferPointer(start: joined, count: length)
    }

    /// Who sent a packet.
    func source(_ index: Int) -> SocketAddress { KernelAddress.read(addresses + index * Self.addressStride) }

    /// The same as the kernel wrote it.
    func address(_ index: Int) -> (UnsafeMutableRawPointer, socklen_t) {
        let length = headers[index].msg_hdr.msg_namelen
        return (addresses + index * Self.addressStride, length)
    }

    /// A control message that makes the reply leave from the address that was asked; empty on bound sockets.
    func replyControl(_ index: Int) -> UnsafeRawBufferPointer {
        guard tellsDestination else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let control = controls + index * Self.controlStride
        var bytes: (UInt64, UInt64) = (0, 0)
        var interface: UInt32 = 0
        let length = withUnsafeMutableBytes(of: &bytes) { raw -> Int in
            let base = raw.baseAddress.unsafelyUnwrapped
            let family = clinux_destination(&headers[index].msg_hdr, base, &interface)
            guard family != 0 else { return 0 }
            // Only a link-local address needs its interface; elsewhere routing decides, as for any reply.
            let isLinkLocal = family == AF_INET6 && raw[0] == 0xFE && raw[1] & 0xC0 == 0x80
            return clinux_set_source(control, family, base, isLinkLocal ? interface : 0)
        }
        return UnsafeRawBufferPointer(start: control, count: length)
    }

    /// Makes the first `count` headers fit for the next round: the kernel shortened their lengths.
    func rearm(_ count: Int) {
        for index in 0..<count {
            headers[index].msg_hdr.msg_namelen = socklen_t(Self.addressStride)
            if tellsDestination { headers[index].msg_hdr.msg_controllen = Self.controlStride }
        }
    }
}
