import DNSMessage
import EventLoop
import PluginKit
import Synchronization
import Upstream

/// A `forward` as set up; all workers share it.
final class ForwardSetting: Sendable {
    /// Makes a client of an upstream for a worker, on its queue.
    typealias ClientMaker = @Sendable (UpstreamServer, EventLoop) -> any UpstreamClient

    let zones: ZoneSet
    let exceptions: ZoneSet
    let servers: [UpstreamServer]
    let options: ForwardOptions
    let metrics: ForwardMetrics
    let makeClient: ClientMaker
    /// Questions under way, all workers together; counted only where there is a limit.
    private let underWay = Atomic<Int>(0)

    init(
        zones: [Name], exceptions: [Name] = [], _ servers: [UpstreamServer], _ options: ForwardOptions,
        _ metrics: ForwardMetrics, makeClient: @escaping ClientMaker
    ) {
        self.zones = ZoneSet(zones)
        self.exceptions = ZoneSet(exceptions)
        self.servers = servers
        self.options = options
        self.metrics = metrics
        self.makeClient = makeClient
    }

    /// Whether a name is forwarded; the zone itself always is.
    func takes(_ name: NameView) -> Bool {
        guard let zone = zones.closest(name) else { return false }
        return exceptions.zones.isEmpty || exceptions.closest(name) == nil
            || zones.zones[zone].wire.count == name.length
    }

    /// Whether one more question may be under way.
    func admit() -> Bool {
        guard options.concurrentMax > 0 else { return true }
        if underWay.add(1, ordering: .relaxed).newValue <= options.concurrentMax { return true }
        underWay.subtract(1, ordering: .relaxed)
        return false
    }

    /// A question that was admitted is done.
    func discharge() {
        if options.concurrentMax > 0 { underWay.subtract(1, ordering: .relaxed) }
    }
}
