import Corefile
import YAML

/// What a server has counted since its start, at one moment.
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

    /// A name or a client with about how many queries in the last minute or two.
    struct Talker: Equatable {
        let name: String
        let queries: Int
    }

    /// Names and clients that are taken over, and how many queries each may have: no sum of them runs over.
    private static let talkersMax = 1_000
    private static let talkerQueriesMax = 1 << 40

    /// Monotonic, in nanoseconds.
    var time: UInt64 = 0
    var queries = 0.0
    var types: [String: Double] = [:]
    var transports: [String: Double] = [:]
    var codes: [String: Double] = [:]
    var plugins: [String: Double] = [:]
    /// Time that answers took in all, in seconds, and how many there were.
    var seconds = 0.0
    var timed = 0.0
    /// Answers that took no longer than so many seconds.
    var within: [Double: Double] = [:]
    var cacheHits = 0.0
    var cacheMisses = 0.0
    var staleAnswers = 0.0
    var cacheEntries = 0.0
    var upstreams: [String: Upstream] = [:]
    var cpuSeconds: Double?
    var residentBytes: Double?
    var startTime: Double?
    var version: String?
    /// Resources of Kubernetes that are not listed yet.
    var unlisted: [String] = []
    /// Seconds since something was heard of the resource that is silent for longest.
    var resourceAge: Double?
    /// Nil for a server that does not tell.
    var names: [Talker]?
    var clients: [Talker]?

    /// Reads what `/metrics` says.
    init(metrics: [UInt8], time: UInt64) {
        self.time = time
        for sample in MetricsText.samples(metrics, prefixes: Self.prefixes) { add(sample) }
    }

    private mutating func add(_ sample: MetricsText.Sample) {
        let (labels, value) = (sample.labels, sample.value)
        guard value.isFinite else { return }
        switch sample.name {
        case "coredns_dns_requests_total":
            queries += value
            types[labels["type"] ?? "", default: 0] += value
            transports[labels["proto"] ?? "", default: 0] += value
        case "coredns_dns_responses_total":
            codes[labels["rcode"] ?? "", default: 0] += value
            plugins[labels["plugin"] ?? "", default: 0] += value
        case "coredns_dns_request_duration_seconds_sum": seconds += value
        case "coredns_dns_request_duration_seconds_count": timed += value
        case "coredns_dns_request_duration_seconds_bucket":
            if let limit = Double(labels["le"] ?? ""), !limit.isNaN { within[limit, default: 0] += value }
        case "coredns_cache_hits_total": cacheHits += value
        case "coredns_cache_misses_total": cacheMisses += value
        case "coredns_cache_served_stale_total": staleAnswers += value
        case "coredns_cache_entries": cacheEntries += value
        case "process_cpu_seconds_total": cpuSeconds = value
        case "process_resident_memory_bytes": residentBytes = value
        case "process_start_time_seconds": startTime = value
        case "coredns_build_info": version = labels["version"]
        case "coredns_kubernetes_resource_synced":
            if value == 0, let resource = labels["resource"] { unlisted.append(resource) }
        case "coredns_kubernetes_resource_age_seconds": resourceAge = max(resourceAge ?? 0, value)
        default: addUpstream(sample)
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

    /// Adds what `/debug/top` says; a text of another form changes nothing.
    mutating func add(top: [UInt8]) {
        guard let root = try? NodeTree.document(of: top) else { return }
        names = Self.talkers(root, "names", "name")
        clients = Self.talkers(root, "clients", "client")
    }

    private static func talkers(_ root: Field, _ list: StaticString, _ key: StaticString) -> [Talker]? {
        guard let elements = try? root.elements(of: list) else { return nil }
        return elements.prefix(talkersMax).compactMap { element in
            guard let name = try? element.string(of: key), let count = try? element.member("queries"),
                let queries = Int(count.tree.string(count.node)), (0...talkerQueriesMax).contains(queries)
            else { return nil }
            return Talker(name: name.printable(), queries: queries)
        }
    }
}
