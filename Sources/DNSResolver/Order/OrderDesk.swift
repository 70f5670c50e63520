import DNSMessage
import EventLoop
import Upstream

/// Puts addresses in order for one look-up after the other; lets go of the sockets that this takes when nobody has
/// looked anything up for a while. On the resolver's queue.
final class OrderDesk: TimerHandler {
    private let loop: EventLoop
    private var probe: SourceProbe?
    private var lastUse: UInt64 = 0

    init(_ loop: EventLoop) { self.loop = loop }

    func sorted(_ addresses: [IPAddress]) -> [IPAddress] {
        guard addresses.count > 1 else { return addresses }
        lastUse = EventLoop.now
        if let probe { return AddressOrder.sorted(addresses, probe) }
        let probe = SourceProbe()
        self.probe = probe
        loop.schedule(at: lastUse &+ Limits.socketRest, self)
        return AddressOrder.sorted(addresses, probe)
    }

    func onTimer(_ token: TimerToken) {
        let end = lastUse &+ Limits.socketRest
        if EventLoop.now < end { loop.schedule(at: end, self) } else { probe = nil }
    }
}
