import AdminHTTP
import Corefile
import PluginKit
import Telemetry

/// # health
///
/// Tells over HTTP that the process lives, and holds back its end for a while.
///
/// ## Syntax
/// ```
/// health [ADDRESS] {
///     lameduck DURATION
/// }
/// ```
/// `ADDRESS` is `HOST:PORT` or `:PORT`; `:8080` when it is left out. `/health` answers 200 and `OK` as long as the
/// process runs. After SIGTERM everything is still answered for the lameduck time (0 when it is left out), so that
/// clients can move on; `ready` fails from the start of that time.
///
/// Once a second the server asks itself. The time that takes is the metric `coredns_health_request_duration_seconds`,
/// failures are `coredns_health_request_failures_total`, and more than a second is logged as a warning.
///
/// ## Examples
/// ```corefile
/// . {
///     health
///     whoami
/// }
/// ```
/// As Kubernetes' own manifests have it, on an address of this machine only:
/// ```corefile
/// . {
///     health 127.0.0.1:8080 {
///         lameduck 5s
///     }
///     whoami
/// }
/// ```
enum HealthKind: PluginKind, CountingFromStart {
    /// The word in the Corefile.
    static let name = "health"
    private static let usage = "health [HOST:PORT]"
    private static let standardAddress = ListenAddress(host: "", port: 8080)

    /// Adds the listener and the wish for a lameduck time.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        var lameduck = Duration.zero
        for option in line.block ?? [] { read(option, &lameduck, &setup) }
        guard let address = setup.listenAddress(line, standard: standardAddress, usage: usage) else { return }
        let path = MountedPath("/health", on: address, of: setup.adminServer)
        setup.add(HealthPart(path, HealthMetrics(setup.metrics), lameduck: lameduck, sink: setup.logSink))
    }

    private static func read(_ option: Directive, _ lameduck: inout Duration, _ setup: inout Setup) {
        guard option.name.text == "lameduck" else {
            return option.reportUnknownProperty(among: ["lameduck"], &setup.diagnostics)
        }
        guard option.hasNoBlock(&setup.diagnostics),
            option.hasArguments(1...1, usage: "lameduck DURATION", &setup.diagnostics),
            let duration = option.arguments[0].duration(&setup.diagnostics)
        else { return }
        guard duration >= .zero else {
            return setup.diagnostics.error(at: option.arguments[0], "lameduck cannot be negative")
        }
        lameduck = duration
    }

    /// The metrics of the self-check.
    static func registerMetrics(in registry: MetricsRegistry) { _ = HealthMetrics(registry) }
}

/// What the self-check counts.
struct HealthMetrics: Sendable {
    let duration: Histogram<SlimTimeBuckets>
    let failures: Counter

    init(_ registry: MetricsRegistry) {
        duration = registry.histograms(
            "coredns_health_request_duration_seconds",
            help: "Time that the server needs to answer its own health check.",
            buckets: SlimTimeBuckets.self
        ).histogram()
        failures = registry.counter(
            "coredns_health_request_failures_total", help: "Health checks of its own that the server failed.")
    }
}
