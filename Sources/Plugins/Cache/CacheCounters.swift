import DNSMessage
import PluginKit
import Telemetry

/// The metrics of `cache`, under CoreDNS's names.
struct CacheCounters: Sendable {
    private let requests: CounterFamily
    private let misses: CounterFamily
    private let hits: CounterFamily
    private let prefetches: CounterFamily
    private let drops: CounterFamily
    private let stale: CounterFamily
    private let evictions: CounterFamily
    private let entries: GaugeFamily

    init(_ metrics: MetricsRegistry) {
        let labels = ["server", "zones", "view"]
        let typed = ["server", "type", "zones", "view"]
        requests = metrics.counters(
            "coredns_cache_requests_total", help: "The count of cache requests.", labels: labels)
        misses = metrics.counters(
            "coredns_cache_misses_total",
            help: "The count of cache misses. Deprecated, derive misses from cache hits/requests counters.",
            labels: labels)
        hits = metrics.counters("coredns_cache_hits_total", help: "The count of cache hits.", labels: typed)
        prefetches = metrics.counters(
            "coredns_cache_prefetch_total", help: "Answers that were fetched anew before or after their end.",
            labels: labels)
        drops = metrics.counters(
            "coredns_cache_drops_total", help: "Answers that do not fit their question and are not cached.",
            labels: labels)
        stale = metrics.counters(
            "coredns_cache_served_stale_total", help: "Requests answered from entries past their TTL.",
            labels: labels)
        evictions = metrics.counters(
            "coredns_cache_evictions_total", help: "Entries that made room for others.", labels: typed)
        entries = metrics.gauges("coredns_cache_entries", help: "The number of elements in the cache.", labels: typed)
    }

    /// The counters of one site.
    func counters(_ site: Site, zones: String) -> SiteCacheCounters {
        let labels = [site.server, zones, site.view]
        let success = [site.server, "success", zones, site.view]
        let denial = [site.server, "denial", zones, site.view]
        return SiteCacheCounters(
            requests: requests.counter(labels), misses: misses.counter(labels), hits: hits.counter(success),
            denialHits: hits.counter(denial), prefetches: prefetches.counter(labels), drops: drops.counter(labels),
            stale: stale.counter(labels), evictions: evictions.counter(success),
            denialEvictions: evictions.counter(denial))
    }

    /// Shows how many entries the store has, for every site's labels. Returns what undoes it.
    func observe(_ sites: [Site], zones: String, _ store: AnswerStore) -> @Sendable () -> Void {
        var observations: [GaugeFamily.Observation] = []
        for site in sites {
            observations += [
                entries.observe([site.server, "success", zones, site.view]) { Double(store.table.counts.success) },
                entries.observe([site.server, "denial", zones, site.view]) { Double(store.table.counts.denial) },
            ]
        }
        return { [entries, observations] in for observation in observations { entries.remove(observation) } }
    }
}

/// What is counted at one site.
struct SiteCacheCounters {
    let requests: Counter
    let misses: Counter
    let hits: Counter
    let denialHits: Counter
    let prefetches: Counter
    let drops: Counter
    let stale: Counter
    let evictions: Counter
    let denialEvictions: Counter
}

/// Counters by site, in plain memory. Empty before the start.
struct CacheSites {
    private let counters: UnsafeMutableBufferPointer<SiteCacheCounters>
    /// For each site the index of its counters; -1 for sites of other blocks.
    private let indices: UnsafeMutableBufferPointer<Int>

    init() {
        counters = UnsafeMutableBufferPointer(start: nil, count: 0)
        indices = UnsafeMutableBufferPointer(start: nil, count: 0)
    }

    init(_ sites: [Site], block: Int, zones: String, _ families: CacheCounters) {
        let own = sites.indices.filter { sites[$0].block == block }
        counters = .allocate(capacity: own.count)
        indices = .allocate(capacity: sites.count)
        indices.initialize(repeating: -1)
        for (index, site) in own.enumerated() {
            counters.initializeElement(at: index, to: families.counters(sites[site], zones: zones))
            indices[site] = index
        }
    }

    func deallocate() {
        counters.deinitialize()
        counters.deallocate()
        indices.deallocate()
    }

    /// The counters of a query's site; nil in tests of a plugin that was not started.
    @inline(__always)
    func counters(of site: Int) -> UnsafeMutablePointer<SiteCacheCounters>? {
        guard site < indices.count, indices[site] >= 0 else { return nil }
        return counters.baseAddress.map { $0 + indices[site] }
    }
}
