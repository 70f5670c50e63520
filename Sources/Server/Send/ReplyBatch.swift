import CLinux
import Sockets

/// Memory for one `sendmmsg`: replies packed one behind the other.
final class ReplyBatch {
    private let headers: UnsafeMutablePointer<mmsghdr>
    private let vectors: UnsafeMutablePointer<iovec>
    private let arena: UnsafeMutableRawPointer
    private var used = 0
    private(set) var count = 0
    /// Copies of peers that do not stay; made when first needed.
    private lazy var peers = (0..<Limits.batch).map { _ in DatagramPeer() }

    init() {
        headers = .allocate(capacity: Limits.batch)
        headers.initialize(repeating: mmsghdr(), count: Limits.batch)
        vectors = .allocate(capacity: Limits.batch)
        vectors.initialize(repeating: iovec(), count: Limits.batch)
        arena = .allocate(byteCount: Limits.batch * Limits.udpReplyMax, alignment: 64)
        for index in 0..<Limits.batch {
            headers[index].msg_hdr.msg_iov = vectors + index
            headers[index].msg_hdr.msg_iovlen = 1
        }
    }

    deinit {
        headers.deallocate()
        vectors.deallocate()
        arena.deallocate()
    }

    /// Queues a copy of a reply. The peer's address and the control message must stay until `send`.
    func add(
        _ reply: UnsafeRawBufferPointer, to peer: (UnsafeMutableRawPointer, socklen_t),
        from control: UnsafeRawBufferPointer
    ) {
        guard let source = reply.baseAddress, count < Limits.batch, reply.count <= Limits.udpReplyMax else { return }
        (arena + used).copyMemory(from: source, byteCount: reply.count)
        vectors[count] = iovec(iov_base: arena + used, iov_len: reply.count)
        headers[count].msg_hdr.msg_name = peer.0
        headers[count].msg_hdr.msg_namelen = peer.1
        headers[count].msg_hdr.msg_control = UnsafeMutableRawPointer(mutating: control.baseAddress)
        headers[count].msg_hdr.msg_controllen = control.count
        used += reply.count
        count += 1
    }

    /// The same for a peer that may be another's before `send`.
    func add(_ reply: UnsafeRawBufferPointer, toCopyOf peer: DatagramPeer) {
        guard count < Limits.batch else { return }
        let copy = peers[count]
        copy.remember(peer.address, peer.control)
        add(reply, to: copy.address, from: copy.control)
    }

    /// Whether no more fits.
    var isFull: Bool { count == Limits.batch }

    /// Sends what is queued. A reply that the kernel refuses is passed over; a full buffer is waited for a moment,
    /// and what still does not fit is lost, as a packet on the wire may be.
    func send(_ socket: Int32) {
        var sent = 0
        var attempts = 0
        while sent < count {
            let transfer = Syscall.transfer {
                Int(sendmmsg(socket, headers + sent, UInt32(count - sent), Int32(MSG_DONTWAIT)))
            }
            switch transfer {
            case .done(let number): sent += number
            case .failed: sent += 1
            case .wouldBlock:
                attempts += 1
                guard attempts < Limits.sendAttemptsMax else { sent = count; break }
                var waiting = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, 1)
            }
        }
        used = 0
        count = 0
    }
}
