import Corefile
import PluginKit
import Telemetry

/// # reload
///
/// Notices that the Corefile has changed and goes over to it.
///
/// ## Syntax
/// ```
/// reload [INTERVAL [JITTER]]
/// ```
/// The Corefile and everything that it imports are read every `INTERVAL` (30s; at least 2s), which is longer or shorter
/// by a random time of up to half of `JITTER` (15s; at least 1s, or 0; never more than half of the interval), so that
/// the servers of a cluster do not all reload at once. A change in their directories, such as the swap of a ConfigMap,
/// is noticed sooner. What counts is the configuration, not the text: comments and white space change nothing.
///
/// A reload is all or nothing. Sockets stay open and no query is lost; with a Corefile that cannot be served
/// the last good one goes on, and the log says why. So it does while the Kubernetes API has not told everything to
/// a `kubernetes` with new options; that is tried again every interval. An empty Corefile is taken for one that is
/// being written. A Corefile on standard input cannot change, but what it imports can.
///
/// SIGUSR1 reloads too, with or without this word. Several blocks with this word share it, with the shortest interval.
///
/// `coredns_reload_failed_total` counts what failed, `coredns_reload_version_info` has the hash of what is served since
/// the first reload.
///
/// ## Examples
/// ```corefile
/// . {
///     reload
///     whoami
/// }
/// ```
/// ```corefile
/// . {
///     reload 10s 5s
///     whoami
/// }
/// ```
enum ReloadKind: PluginKind, CountingFromStart {
    /// The word in the Corefile.
    static let name = "reload"
    private static let usage = "reload [INTERVAL [JITTER]]"

    /// Adds the watch over the Corefile.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        guard line.hasNoBlock(&setup.diagnostics), line.hasArguments(0...2, usage: usage, &setup.diagnostics),
            let pace = pace(line, &setup)
        else { return }
        let (corefile, metrics, sink) = (setup.corefile, ReloadMetrics(setup.metrics), setup.logSink)
        let part = setup.shared.object(name) { ReloadPart(corefile, metrics, sink) }
        part.keep(pace)
        setup.add(part)
    }

    private static func pace(_ line: Directive, _ setup: inout Setup) -> ReloadPace? {
        var pace = ReloadPace()
        if let word = line.arguments.first {
            guard let interval = word.duration(&setup.diagnostics) else { return nil }
            guard interval >= ReloadPace.intervalMin else {
                setup.diagnostics.error(at: word, "interval value must be greater or equal to 2s")
                return nil
            }
            pace.interval = interval
        }
        if line.arguments.count > 1 {
            let word = line.arguments[1]
            guard let jitter = word.duration(&setup.diagnostics) else { return nil }
            guard jitter == .zero || jitter >= ReloadPace.jitterMin else {
                setup.diagnostics.error(at: word, "jitter value must be greater or equal to 1s")
                return nil
            }
            pace.jitter = jitter
        }
        pace.jitter = min(pace.jitter, pace.interval / 2)
        return pace
    }

    /// What is exported before the first reload.
    static func registerMetrics(in registry: MetricsRegistry) { _ = ReloadMetrics(registry) }
}

/// How often the Corefile is looked at.
struct ReloadPace: Equatable, Sendable {
    static let intervalMin = Duration.seconds(2)
    static let jitterMin = Duration.seconds(1)

    var interval = Duration.seconds(30)
    var jitter = Duration.seconds(15)

    /// The interval of one server, drawn once.
    func drawn() -> Duration {
        let half = jitter.nanosecondsClamped / 2
        return interval + .nanoseconds(Int64.random(in: -half...half))
    }
}

/// What reloads count.
struct ReloadMetrics: Sendable {
    let failures: Counter
    let version: GaugeFamily

    init(_ registry: MetricsRegistry) {
        failures = registry.counter(
            "coredns_reload_failed_total", help: "Corefiles that could not be gone over to.")
        version = registry.gauges(
            "coredns_reload_version_info", help: "The hash of the configuration that is served since the last reload.",
            labels: ["hash", "value"])
    }
}

extension Duration {
    /// About 292 years at most.
    var nanosecondsClamped: Int64 {
        let (seconds, attoseconds) = components
        let whole = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !whole.overflow else { return .max }
        return whole.partialValue.addingReportingOverflow(attoseconds / 1_000_000_000).partialValue
    }
}
