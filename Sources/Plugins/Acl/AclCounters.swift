import PluginKit
import Telemetry

/// The metrics of `acl`.
struct AclCounters: Sendable {
    private let allowed: CounterFamily
    private let blocked: CounterFamily
    private let filtered: CounterFamily
    private let dropped: CounterFamily

    init(_ metrics: MetricsRegistry) {
        let labels = ["server", "zone", "view"]
        allowed = metrics.counters(
            "coredns_acl_allowed_requests_total", help: "Counter of DNS requests being allowed.",
            labels: ["server", "view"])
        blocked = metrics.counters(
            "coredns_acl_blocked_requests_total", help: "Counter of DNS requests being blocked.", labels: labels)
        filtered = metrics.counters(
            "coredns_acl_filtered_requests_total", help: "Counter of DNS requests being filtered.", labels: labels)
        dropped = metrics.counters(
            "coredns_acl_dropped_requests_total", help: "Counter of DNS requests being dropped.", labels: labels)
    }

    fileprivate func counter(_ action: AclPolicy.Action, _ site: Site, _ zone: String) -> Counter {
        switch action {
        case .allow: allowed.counter([site.server, site.view])
        case .block: blocked.counter([site.server, zone, site.view])
        case .filter: filtered.counter([site.server, zone, site.view])
        case .drop: dropped.counter([site.server, zone, site.view])
        }
    }
}

/// The counters that a block needs, by site, rule and zone, in plain memory. Empty before the start.
struct AclSites {
    private static let actions: [AclPolicy.Action] = [.block, .filter, .drop]

    private let counters: UnsafeMutableBufferPointer<Counter>
    /// For each site the index of its first counter, that of `allow`; -1 for sites of other blocks.
    private let starts: UnsafeMutableBufferPointer<Int>
    /// For each rule how many zones the rules before it have.
    private let zonesBefore: UnsafeMutableBufferPointer<Int>

    init() {
        counters = UnsafeMutableBufferPointer(start: nil, count: 0)
        starts = UnsafeMutableBufferPointer(start: nil, count: 0)
        zonesBefore = UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    init(_ sites: [Site], block: Int, _ zones: [[String]], _ families: AclCounters) {
        var counters: [Counter] = []
        starts = .allocate(capacity: sites.count)
        for (index, site) in sites.enumerated() {
            starts.initializeElement(at: index, to: site.block == block ? counters.count : -1)
            guard site.block == block else { continue }
            counters.append(families.counter(.allow, site, ""))
            for zone in zones.joined() { counters += Self.actions.map { families.counter($0, site, zone) } }
        }
        self.counters = .allocate(capacity: counters.count)
        _ = self.counters.initialize(from: counters)
        zonesBefore = .allocate(capacity: zones.count)
        for index in zones.indices {
            zonesBefore.initializeElement(at: index, to: zones[..<index].reduce(0) { $0 + $1.count })
        }
    }

    func deallocate() {
        counters.deallocate()
        starts.deallocate()
        zonesBefore.deallocate()
    }

    func countAllowed(_ query: inout Query) {
        guard let start = start(query.site) else { return }
        counters[start].add(by: query.worker)
    }

    func count(_ action: AclPolicy.Action, _ query: inout Query, rule: Int, zone: Int) {
        guard let start = start(query.site) else { return }
        let offset =
            switch action {
            case .allow, .block: 0
            case .filter: 1
            case .drop: 2
            }
        counters[start + 1 + (zonesBefore[rule] + zone) * 3 + offset].add(by: query.worker)
    }

    private func start(_ site: Int) -> Int? {
        guard site < starts.count, starts[site] >= 0 else { return nil }
        return starts[site]
    }
}
