import DNSMessage
import Telemetry

/// What all `forward` together count.
struct ForwardMetrics: Sendable {
    let healthcheckBroken: Counter
    let rejects: Counter
    let coalesced: Counter
    let hedges: Counter
    let failovers: Counter

    init(_ registry: MetricsRegistry) {
        healthcheckBroken = registry.counter(
            "coredns_forward_healthcheck_broken_total",
            help: "Counter of the number of complete failures of the healthchecks.")
        rejects = registry.counter(
            "coredns_forward_max_concurrent_rejects_total",
            help: "Counter of the number of queries rejected because the concurrent queries were at maximum.")
        coalesced = registry.counter(
            "clusterdns_forward_coalesced_total",
            help: "Counter of queries that waited for the answer to an equal one instead of going upstream.")
        hedges = registry.counter(
            "clusterdns_forward_hedges_total",
            help: "Counter of queries sent to a second upstream because the first was slower than usual.")
        failovers = registry.counter(
            "clusterdns_forward_failovers_total",
            help: "Counter of queries sent to another upstream because of the response code of the first.")
    }
}

/// What one upstream counts.
struct UpstreamMetrics: Sendable {
    private let durations: HistogramFamily<TimeBuckets>
    private let address: String
    let healthcheckFailures: Counter
    let udp: ConnectionCounters
    let tcp: ConnectionCounters
    let tls: ConnectionCounters
    let quarantined: Gauge
    let roundTrip: Gauge
    let errorRatio: Gauge

    init(_ registry: MetricsRegistry, _ address: String) {
        self.address = address
        durations = registry.histograms(
            "coredns_proxy_request_duration_seconds",
            help: "Histogram of the time each request took.", labels: ["proxy_name", "to", "rcode"],
            buckets: TimeBuckets.self)
        healthcheckFailures = registry.counters(
            "coredns_proxy_healthcheck_failures_total",
            help: "Counter of the number of failed healthchecks.", labels: ["proxy_name", "to"]
        ).counter(["forward", address])
        udp = ConnectionCounters(registry, address, "udp")
        tcp = ConnectionCounters(registry, address, "tcp")
        tls = ConnectionCounters(registry, address, "tcp-tls")
        quarantined = registry.gauges(
            "clusterdns_forward_upstream_quarantined",
            help: "Whether the upstream is asked nothing, because it leads back to this server.", labels: ["to"]
        ).gauge([address])
        roundTrip = registry.gauges(
            "clusterdns_forward_upstream_round_trip_seconds",
            help: "Smoothed round trip of the upstream, as a worker saw it last.", labels: ["to"]
        ).gauge([address])
        errorRatio = registry.gauges(
            "clusterdns_forward_upstream_error_ratio",
            help: "Share of failures among the last queries to the upstream, as a worker saw it last.",
            labels: ["to"]
        ).gauge([address])
    }

    func duration(_ code: ResponseCode) -> Histogram<TimeBuckets> {
        durations.histogram(["forward", address, code.description])
    }
}

/// Queries that found a connection, and those that made one; over UDP each has a port of its own.
struct ConnectionCounters: Sendable {
    let hits: Counter
    let misses: Counter

    init(_ registry: MetricsRegistry, _ address: String, _ network: String) {
        let labels = ["proxy_name", "to", "proto"]
        let values = ["forward", address, network]
        hits = registry.counters(
            "coredns_proxy_conn_cache_hits_total",
            help: "Counter of connection cache hits per upstream and protocol.", labels: labels
        ).counter(values)
        misses = registry.counters(
            "coredns_proxy_conn_cache_misses_total",
            help: "Counter of connection cache misses per upstream and protocol.", labels: labels
        ).counter(values)
    }

    func add(_ isNew: Bool, by worker: WorkerSlot) { (isNew ? misses : hits).add(by: worker) }
}

/// The histograms of one upstream by response code, found once by each worker.
struct DurationHistograms {
    private static let codeCount = 24
    private let metrics: UpstreamMetrics
    private var known = [Histogram<TimeBuckets>?](repeating: nil, count: codeCount)

    init(_ metrics: UpstreamMetrics) { self.metrics = metrics }

    mutating func observe(_ time: UInt64, _ code: ResponseCode, by worker: WorkerSlot) {
        let index = Int(code.rawValue)
        guard index < Self.codeCount else { return metrics.duration(code).observe(time, by: worker) }
        if known[index] == nil { known[index] = metrics.duration(code) }
        known[index]?.observe(time, by: worker)
    }
}
