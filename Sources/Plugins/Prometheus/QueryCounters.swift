import PluginKit
import Locking
import Telemetry

/// What is counted about queries, for all server blocks of a configuration.
final class QueryCounters: Sendable {
    private let families: QueryFamilies
    // Written under `isPrepared`, once, and read only afterwards.
    private nonisolated(unsafe) var prepared = UnsafeMutableBufferPointer<SiteCounters>(start: nil, count: 0)
    private let isPrepared = Lock(false)

    init(_ registry: MetricsRegistry) {
        families = QueryFamilies(registry)
    }

    deinit {
        prepared.deinitialize()
        prepared.deallocate()
    }

    /// Counters for each site; made when the first block asks.
    func sites(_ context: StartContext) -> UnsafeMutableBufferPointer<SiteCounters> {
        isPrepared.withLock { isPrepared in
            guard !isPrepared else { return prepared }
            isPrepared = true
            prepared = .allocate(capacity: context.sites.count)
            for (index, site) in context.sites.enumerated() {
                prepared.initializeElement(at: index, to: SiteCounters(site, context.pluginNames, families))
            }
            showPlugins(context.sites)
            return prepared
        }
    }

    private func showPlugins(_ sites: [Site]) {
        families.pluginEnabled.removeAll()
        for site in sites where site.plugins.contains(PrometheusKind.name) {
            for plugin in site.plugins {
                families.pluginEnabled.gauge([site.server, site.zone, site.view, plugin]).value = 1
            }
        }
    }
}

/// The families that count queries, under CoreDNS's names.
struct QueryFamilies: Sendable {
    let requests: CounterFamily
    let dnssecRequests: CounterFamily
    let responses: CounterFamily
    let durations: HistogramFamily<TimeBuckets>
    let requestSizes: HistogramFamily<SizeBuckets>
    let responseSizes: HistogramFamily<SizeBuckets>
    let pluginEnabled: GaugeFamily

    init(_ registry: MetricsRegistry) {
        let site = ["server", "zone", "view"]
        requests = registry.counters(
            "coredns_dns_requests_total", help: "Queries, by protocol, address family and type.",
            labels: site + ["proto", "family", "type"])
        dnssecRequests = registry.counters(
            "coredns_dns_do_requests_total", help: "Queries with the DO bit set.", labels: site)
        responses = registry.counters(
            "coredns_dns_responses_total", help: "Responses, by code and by the plugin that answered.",
            labels: site + ["rcode", "plugin"])
        durations = registry.histograms(
            "coredns_dns_request_duration_seconds", help: "Time from the arrival of a query to its answer.",
            labels: site, buckets: TimeBuckets.self)
        requestSizes = registry.histograms(
            "coredns_dns_request_size_bytes", help: "Size of queries.", labels: site + ["proto"],
            buckets: SizeBuckets.self)
        responseSizes = registry.histograms(
            "coredns_dns_response_size_bytes", help: "Size of responses before compression and cutting.",
            labels: site + ["proto"], buckets: SizeBuckets.self)
        pluginEnabled = registry.gauges(
            "coredns_plugin_enabled", help: "1 for each plugin that a server block's queries can meet.",
            labels: site + ["name"])
    }
}
