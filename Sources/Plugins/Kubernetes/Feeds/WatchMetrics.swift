import ClusterIndex
import KubernetesWatch
import Synchronization
import Telemetry

/// The metrics of one feed. Only numbers; what they are for is told by their help.
final class WatchMetrics {
    // Guard of `@unchecked Sendable`: all of it is atomic or immutable.
    private final class Resource: @unchecked Sendable {
        let lastFresh = Atomic<UInt64>(0)
        let isSynced = Atomic(false)
        let relists: Counter
        let restarts: Counter
        let decodeErrors: Counter

        init(_ families: Families, _ labels: [String]) {
            relists = families.relists.counter(labels)
            restarts = families.restarts.counter(labels)
            decodeErrors = families.decodeErrors.counter(labels)
        }

        /// Since the last word of the API server that proves what is known of the resource to be its present state.
        var age: Duration {
            .nanoseconds(MonotonicClock.nowNanoseconds() &- lastFresh.load(ordering: .relaxed))
        }
    }

    fileprivate struct Families {
        let relists, restarts, decodeErrors, failures: CounterFamily
        let age, synced: GaugeFamily
        let programming: HistogramFamily<ProgrammingBuckets>
        let requests: CounterFamily
        let requestDuration: HistogramFamily<ClientBuckets>
    }

    private let families: Families
    private let host: String
    private let resources: [WatchedResource: Resource]
    private var observations: [(GaugeFamily, GaugeFamily.Observation)] = []

    init(_ registry: MetricsRegistry, host: String, _ watched: [WatchedResource]) {
        let families = Families(registry)
        self.families = families
        self.host = host
        resources = Dictionary(
            uniqueKeysWithValues: watched.map { ($0, Resource(families, [host, $0.rawValue])) })
    }

    /// `HOST:PORT` of a server's address, as client metrics name it.
    static func host(of server: String) -> String {
        let withoutScheme = server.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first
        return withoutScheme.map(String.init) ?? server
    }

    func begin() {
        for (name, resource) in resources {
            resource.lastFresh.store(MonotonicClock.nowNanoseconds(), ordering: .relaxed)
            resource.isSynced.store(false, ordering: .relaxed)
            let labels = [host, name.rawValue]
            observations.append((families.age, families.age.observe(labels) { resource.age / .seconds(1) }))
            let synced = families.synced.observe(labels) { resource.isSynced.load(ordering: .relaxed) ? 1 : 0 }
            observations.append((families.synced, synced))
        }
    }

    func end() {
        for (family, observation) in observations { family.remove(observation) }
        observations = []
    }

    /// Everything is as old as a snapshot; returns what that is.
    func noteSnapshot(_ age: Duration) -> Set<WatchedResource> {
        let moment = MonotonicClock.nowNanoseconds() &- UInt64(max(0, age / .nanoseconds(1)))
        for resource in resources.values { resource.lastFresh.store(moment, ordering: .relaxed) }
        return Set(resources.keys)
    }

    func age(_ resource: WatchedResource) -> Duration { resources[resource]?.age ?? .zero }

    func note(_ resource: WatchedResource, _ report: WatchReport) {
        guard let counted = resources[resource] else { return }
        switch report {
        case .synced:
            counted.isSynced.store(true, ordering: .relaxed)
            counted.lastFresh.store(MonotonicClock.nowNanoseconds(), ordering: .relaxed)
        case .fresh: counted.lastFresh.store(MonotonicClock.nowNanoseconds(), ordering: .relaxed)
        case .relisting: counted.relists.add()
        case .resumed: counted.restarts.add()
        case .recovered: break
        case .failed(let failure, _):
            families.failures.counter([host, resource.rawValue, failure.kind.rawValue]).add()
        case .unusable: counted.decodeErrors.add()
        case .requested(let verb, let code, let duration): noteRequest(verb, code, duration)
        }
    }

    /// As Kubernetes clients in Go count: a request without an answer has the code `<error>`, and how long a watch
    /// takes is no duration of a request.
    private func noteRequest(_ verb: String, _ code: Int, _ duration: Duration) {
        families.requests.counter([code == 0 ? "<error>" : "\(code)", "GET", host]).add()
        guard verb != "watch" else { return }
        families.requestDuration.histogram(["GET", host]).observe(UInt64(max(0, duration / .nanoseconds(1))))
    }

    func observeProgramming(_ service: IndexChange.ProgrammedService, seconds: Double) {
        families.programming.histogram([service.rawValue]).observe(UInt64(min(seconds, 1e9) * 1e9))
    }
}

extension WatchMetrics.Families {
    fileprivate init(_ registry: MetricsRegistry) {
        let labels = ["host", "resource"]
        func counters(_ name: String, _ help: String, _ labels: [String] = ["host", "resource"]) -> CounterFamily {
            registry.counters(name, help: help, labels: labels)
        }
        relists = counters(
            "coredns_kubernetes_relists_total",
            "Times that a resource was listed from the API server, the first included.")
        restarts = counters(
            "coredns_kubernetes_watch_restarts_total", "Watches that went on where the one before ended.")
        decodeErrors = counters(
            "coredns_kubernetes_decode_errors_total", "Objects from the API server that could not be used.")
        failures = counters(
            "coredns_kubernetes_watch_failures_total", "Failed attempts to list or watch, by reason.",
            labels + ["reason"])
        age = registry.gauges(
            "coredns_kubernetes_resource_age_seconds",
            help: "Time since the API server last confirmed what is known of a resource.", labels: labels)
        synced = registry.gauges(
            "coredns_kubernetes_resource_synced", help: "Whether a resource has been listed in full since the start.",
            labels: labels)
        programming = registry.histograms(
            "coredns_kubernetes_dns_programming_duration_seconds",
            help: "Time from a change of a service's endpoints to the answers that show it.", labels: ["service_kind"],
            buckets: ProgrammingBuckets.self)
        requests = counters(
            "coredns_kubernetes_rest_client_requests_total",
            "Requests to the API server by status code, method and host.",
            ["code", "method", "host"])
        requestDuration = registry.histograms(
            "coredns_kubernetes_rest_client_request_duration_seconds",
            help: "Time of requests to the API server, watches not counted.", labels: ["verb", "host"],
            buckets: ClientBuckets.self)
    }
}
