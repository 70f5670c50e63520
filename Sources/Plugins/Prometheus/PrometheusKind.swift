import AdminHTTP
import Corefile
import PluginKit
import Telemetry

/// # prometheus
///
/// Counts queries and serves all metrics of the process over HTTP.
///
/// ## Syntax
/// ```
/// prometheus [ADDRESS] {
///     runtime_metrics
/// }
/// ```
/// `ADDRESS` is `HOST:PORT` or `:PORT`, `localhost:9153` when it is left out; the path is `/metrics`. Server blocks
/// with the same address share one listener, and every listener shows the metrics of the whole process. Only blocks
/// with this word are counted. Names, labels and buckets are CoreDNS's:
///
/// - `coredns_dns_requests_total{server, zone, view, proto, family, type}`
/// - `coredns_dns_request_duration_seconds{server, zone, view}`
/// - `coredns_dns_request_size_bytes{server, zone, view, proto}` and `coredns_dns_response_size_bytes`, the latter
///   before compression
/// - `coredns_dns_do_requests_total{server, zone, view}`
/// - `coredns_dns_responses_total{server, zone, view, rcode, plugin}`, where `plugin` is the one that answered, and
///   empty for the server itself
/// - `coredns_plugin_enabled{server, zone, view, name}`, `coredns_build_info`, `coredns_panics_total`, `process_…`,
///   and what other plugins count
///
/// The path `/debug/top` tells in JSON which names and clients had most queries in the last minute or two: estimates,
/// for one query in 64 is looked at. Of each there are up to 50, as
/// `{"names":[{"name":"example.org.","queries":6400,"error":64}],"clients":[{"client":"10.0.0.1",…}],…}`, where
/// `error` is how much too high `queries` may be.
///
/// The path `/debug/explain?name=web.shop&namespace=default&type=A` tells in JSON how the server answers a name that a
/// pod of the namespace asks for, and why, as `clusterdns explain` does: it tells names of Services and endpoints, so
/// whoever may read metrics may read those. `namespace` is `default` and `type` A and AAAA unless given; `type` may
/// stand there up to four times. Other servers are not asked.
///
/// `server` is the listener, as in `dns://:53`. Queries that no block took have the zone `dropped`. `runtime_metrics`
/// is CoreDNS's word for more metrics of the Go runtime; it is accepted and changes nothing.
///
/// ## Examples
/// ```corefile
/// . {
///     prometheus
///     whoami
/// }
/// ```
/// Reachable from other machines, as Kubernetes' own manifests have it:
/// ```corefile
/// cluster.local:5300 {
///     prometheus :9153
///     whoami
/// }
/// ```
enum PrometheusKind: PluginKind {
    /// The word in the Corefile.
    static let name = "prometheus"
    private static let usage = "prometheus [HOST:PORT]"
    private static let standardAddress = ListenAddress(host: "localhost", port: 9153)

    /// Adds the counting link and the listener.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        for option in line.block ?? [] { read(option, &setup) }
        guard let address = setup.listenAddress(line, standard: standardAddress, usage: usage) else { return }
        for kind in Registry.kinds {
            (kind as? any CountingFromStart.Type)?.registerMetrics(in: setup.metrics)
        }
        let metrics = setup.metrics
        let counters = setup.shared.object("") { QueryCounters(metrics) }
        let top = setup.lasting.object("") { TopTalkers(workers: metrics.workers) }
        let paths = PrometheusPlugin.Paths(
            metrics: MountedPath("/metrics", on: address, of: setup.adminServer),
            top: MountedPath("/debug/top", on: address, of: setup.adminServer),
            explain: MountedPath("/debug/explain", on: address, of: setup.adminServer))
        setup.link(PrometheusPlugin(counters, metrics, top, ExplainReport(setup), paths))
    }

    private static func read(_ option: Directive, _ setup: inout Setup) {
        switch option.name.text {
        case "runtime_metrics":
            _ = option.hasArguments(0...0, usage: "runtime_metrics", &setup.diagnostics)
            _ = option.hasNoBlock(&setup.diagnostics)
        case "tls":
            setup.diagnostics.error(at: option.name, "metrics over TLS are not built into clusterdns")
        default:
            option.reportUnknownProperty(among: ["runtime_metrics", "tls"], &setup.diagnostics)
        }
    }
}
