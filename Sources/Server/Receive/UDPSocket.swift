import CLinux
import DNSMessage
import PluginKit

/// A worker's UDP socket: takes a batch of packets, answers each, sends the replies as a batch.
/// Owned by the worker's queue; all memory is allocated once.
final class UDPSocket: SocketHandler {
    private let descriptor: Int32
    private let listener: WorkerListener
    private let resolver: QueryResolver
    private let localAddress: SocketAddress
    private let packets: PacketBatch
    private let replies: ReplyBatch
    /// Whether the last packets came as a batch, so that the next ones are close.
    private(set) var isBusy = false

    init(_ descriptor: Int32, _ listener: WorkerListener, _ resolver: QueryResolver) {
        self.descriptor = descriptor
        self.listener = listener
        let address = listener.address
        self.resolver = resolver
        let wildcard = IPAddress(high: 0, low: 0)
        localAddress = SocketAddress(address.address ?? wildcard, port: address.port, scope: address.scope)
        packets = PacketBatch(tellsDestination: address.isWildcard)
        replies = ReplyBatch()
    }

    func onReadable() {
        // A full batch means that more is waiting; an endless stream must not keep the worker from its other sockets.
        for _ in 0..<4 {
            if receive(waits: false) < Limits.batch { return }
        }
    }

    /// Takes a batch and answers it; with `waits` the call stays in the kernel for a moment if there is nothing yet.
    @discardableResult
    func receive(waits: Bool) -> Int {
        let count = packets.receive(descriptor, waits: waits)
        isBusy = count >= Limits.busyBatch
        guard count > 0 else { return 0 }
        answer(count)
        replies.send(descriptor)
        packets.rearm(count)
        return count
    }

    private func answer(_ count: Int) {
        let router = listener.router
        let now = clinux_monotonic_nanoseconds()
        for index in 0..<count {
            let reply = resolver.reply(
                to: packets.bytes(index), through: router, from: packets.source(index),
                at: localAddress, over: .udp, receivedAt: now)
            guard let reply else { continue }
            replies.add(reply, to: packets.address(index), from: packets.replyControl(index))
        }
    }
}
