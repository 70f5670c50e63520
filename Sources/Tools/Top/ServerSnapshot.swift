/// What a server has counted since its start, and how it is, at one moment.
struct ServerSnapshot: Equatable {
    /// Beginnings of the metrics that are read.
    static let prefixes = [
        "coredns_dns_request", "coredns_dns_responses_total", "coredns_cache_",
        "coredns_proxy_request_duration_seconds_",
        "coredns_proxy_healthcheck_failures_total", "clusterdns_forward_upstream_", "coredns_kubernetes_resource_",
        "coredns_build_info", "process_",
    ]

    /// An upstream of `forward`.
    struct Upstream: Equatable {
        var answers = 0.0
        /// Of these, SERVFAIL and REFUSED.
        var failures = 0.0
        /// Time that it took in all, in seconds.
        var seconds = 0.0
        /// Smoothed, in seconds; nil for a server that does not tell.
        var roundTrip: Double?
        var errorRatio: Double?
        var failedChecks = 0.0
        /// Left out since it leads back to the server.
        var isQuarantined = false
    }

    /// Monotonic, in nanoseconds.
    var time: UInt64 = 0
    var counts = ServerCounts()
    var state = ServerState()
    var upstreams: [String: Upstream] = [:]
    /// Nil for a server that does not tell.
    var cpuSeconds: Double?

    /// Reads what `/metrics` says.
    init(metrics: [UInt8], time: UInt64) {
        self.time = time
        for sample in MetricsText.samples(metrics, prefixes: Self.prefixes) where sample.value.isFinite {
            counts.add(sample)
            state.add(sample)
            if sample.name == "process_cpu_seconds_total" { cpuSeconds = sample.value }
            addUpstream(sample)
        }
    }

    private mutating func addUpstream(_ sample: MetricsText.Sample) {
        guard let address = sample.labels["to"] else { return }
        var upstream = upstreams[address] ?? Upstream()
        switch sample.name {
        case "coredns_proxy_request_duration_seconds_count":
            upstream.answers += sample.value
            if ["SERVFAIL", "REFUSED"].contains(sample.labels["rcode"]) { upstream.failures += sample.value }
        case "coredns_proxy_request_duration_seconds_sum": upstream.seconds += sample.value
        case "coredns_proxy_healthcheck_failures_total": upstream.failedChecks += sample.value
        case "clusterdns_forward_upstream_round_trip_seconds": upstream.roundTrip = sample.value
        case "clusterdns_forward_upstream_error_ratio": upstream.errorRatio = sample.value
        case "clusterdns_forward_upstream_quarantined": upstream.isQuarantined = sample.value > 0
        default: return
        }
        upstreams[address] = upstream
    }
}
