/// What a server counts: from its start on, or within a second.
struct ServerCounts: Equatable {
    var queries = 0.0
    /// Queries by their type and by what they came over.
    var types: [String: Double] = [:]
    var transports: [String: Double] = [:]
    /// Answers by their response code and by the plugin that gave them.
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

    /// Adds a sample, if it is one of these counts.
    mutating func add(_ sample: MetricsText.Sample) {
        let (labels, value) = (sample.labels, sample.value)
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
        default: break
        }
    }

    /// What has come since an earlier moment, a second.
    func perSecond(since earlier: ServerCounts, _ elapsed: Double) -> ServerCounts {
        joined(with: earlier) { max(0, $0 - $1) / elapsed }
    }

    /// Two servers as if they were one.
    static func + (a: ServerCounts, b: ServerCounts) -> ServerCounts { a.joined(with: b, +) }

    /// Every count together with the same one of `other`; one that is not there is 0.
    private func joined(with other: ServerCounts, _ join: (Double, Double) -> Double) -> ServerCounts {
        var joined = self
        func numbers(_ count: WritableKeyPath<ServerCounts, Double>) {
            joined[keyPath: count] = join(self[keyPath: count], other[keyPath: count])
        }
        func groups<Key>(_ counts: WritableKeyPath<ServerCounts, [Key: Double]>) {
            for key in Set(self[keyPath: counts].keys).union(other[keyPath: counts].keys) {
                joined[keyPath: counts][key] = join(self[keyPath: counts][key] ?? 0, other[keyPath: counts][key] ?? 0)
            }
        }
        for count in [\Self.queries, \.seconds, \.timed, \.cacheHits, \.cacheMisses, \.staleAnswers] { numbers(count) }
        for counts in [\Self.types, \.transports, \.codes, \.plugins] { groups(counts) }
        groups(\.within)
        return joined
    }
}
