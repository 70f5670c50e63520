import CLinux
import DNSMessage
import PluginKit

/// A worker's UDP socket: takes a batch of packets, answers each, sends the replies as a batch.
/// Owned by the worker's queue; all memory is allocated once.
final class UDPSocket: SocketHandler, LateReplyReceiver {
    private let descriptor: Int32
    private let listener: WorkerListener
    private unowned let worker: Worker
    private let localAddress: SocketAddress
    private let packets: PacketBatch
    private let replies: ReplyBatch
    /// Late replies of the turn at hand.
    private lazy var lateReplies = ReplyBatch()
    /// Whether the last packets came as a batch, so that the next ones are close.
    private(set) var isBusy = false
    private var fairShare = FairShare()
    private unowned var socket: WatchedSocket?
    /// Queries that wait.
    private var owed = 0
    private var isRetired = false

    init(_ descriptor: Int32, _ listener: WorkerListener, _ worker: Worker) {
        self.descriptor = descriptor
        self.listener = listener
        self.worker = worker
        localAddress = listener.address.socketAddress
        packets = PacketBatch(tellsDestination: listener.address.isWildcard)
        replies = ReplyBatch()
    }

    deinit { fairShare.deallocate() }

    func start(_ socket: WatchedSocket) { self.socket = socket }

    /// Takes nothing any more, and is closed when the last late reply is sent.
    func retire() {
        guard let socket, !isRetired else { return }
        isRetired = true
        owed == 0 ? worker.unwatch(socket) : socket.setReading(false)
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
        let overflow = fairShare.note(count) { clinux_dropped_packets(descriptor) }
        if overflow > 0 { listener.overload?.overflowed(by: overflow, on: worker.slot) }
        answer(count)
        replies.send(descriptor)
        packets.rearm(count)
        return count
    }

    private func answer(_ count: Int) {
        let router = listener.router
        let now = clinux_monotonic_nanoseconds()
        let walks = worker.walks
        worker.lastQueryAt = now
        let isShared = fairShare.isNeeded(count)
        var withheld = 0
        if isShared { fairShare.begin(count) { packets.source($0).address } }
        for index in 0..<count {
            if isShared, !fairShare.admits(packets.source(index).address) {
                withheld += 1
                continue
            }
            let arrival = Arrival(
                bytes: packets.bytes(index), router: .passUnretained(router), client: packets.source(index),
                server: localAddress, transport: .udp, receivedAt: now)
            switch walks.resolve(arrival) {
            case .reply(let reply): replies.add(reply, to: packets.address(index), from: packets.replyControl(index))
            case .silence: continue
            case .later(let walk):
                owed += 1
                walk.peer.remember(packets.address(index), packets.replyControl(index))
                walk.wait(for: self)
            }
        }
        if withheld > 0 { listener.overload?.withheld(withheld, on: worker.slot) }
    }

    /// At once, or with others when the turn ends.
    private func send(_ reply: UnsafeRawBufferPointer, _ peer: DatagramPeer) {
        guard worker.isInTurn else { return peer.send(reply, on: descriptor) }
        if lateReplies.count == 0 { worker.sendLater(self) }
        lateReplies.add(reply, toCopyOf: peer)
        if lateReplies.isFull { lateReplies.send(descriptor) }
    }

    /// Sends what has been kept in this turn.
    func sendLate() {
        if lateReplies.count > 0 { lateReplies.send(descriptor) }
    }

    func takeLate(_ reply: UnsafeRawBufferPointer?, _ walk: Walk) {
        owed -= 1
        if let reply { send(reply, walk.peer) }
        if isRetired, owed == 0 { sendLate() }
        if isRetired, owed == 0, let socket { worker.unwatch(socket) }
    }
}
