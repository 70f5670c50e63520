import Corefile
import Logging
import PluginKit
import Telemetry

/// # loop
///
/// Finds upstreams that lead back to this server, and keeps queries away from them.
///
/// ## Syntax
/// ```
/// loop [fatal]
/// ```
/// Each upstream of each `forward` of the block is sent a probe, a HINFO query for a random name, at the start and
/// every minute from then on. An upstream whose probe comes back to the block is quarantined: it gets no queries, the
/// log names it, and everything else, the names of the cluster above all, is answered as before. Quarantined upstreams
/// are probed every ten seconds, and released when they answer a probe without sending it here.
///
/// With `fatal` the process ends with exit code 1 instead, as CoreDNS does.
///
/// `coredns_loop_detected_total` counts probes that came back, by upstream; `coredns_loop_quarantined` is 1 for each
/// upstream that is quarantined.
///
/// ## Examples
/// ```corefile
/// . {
///     loop
///     whoami
/// }
/// ```
/// ```corefile
/// . {
///     loop fatal
///     whoami
/// }
/// ```
enum LoopKind: PluginKind {
    /// The word in the Corefile.
    static let name = "loop"
    private static let usage = "loop [fatal]"

    /// Adds the watch over the block's upstreams.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        guard line.hasNoBlock(&setup.diagnostics), line.hasArguments(0...1, usage: usage, &setup.diagnostics) else {
            return
        }
        if let word = line.arguments.first, word.text != "fatal" {
            return setup.diagnostics.error(
                at: word, "\(word.quoted) is no option of 'loop'", didYouMean: word.text, among: ["fatal"])
        }
        let upstreams = ForwardedUpstreams.shared(setup)
        let watch = LoopWatch(
            setup.block, upstreams, LoopMetrics(setup.metrics), Logger(plugin: name, sink: setup.logSink),
            endInError: line.arguments.isEmpty ? nil : setup.host.endInError)
        setup.link(LoopPlugin(watch))
        setup.add(watch)
    }
}

/// What probes count.
struct LoopMetrics: Sendable {
    let detected: CounterFamily
    let quarantined: GaugeFamily

    init(_ registry: MetricsRegistry) {
        detected = registry.counters(
            "coredns_loop_detected_total", help: "Probes that came back through an upstream.", labels: ["to"])
        quarantined = registry.gauges(
            "coredns_loop_quarantined", help: "Upstreams that are asked nothing since they lead back here.",
            labels: ["to"])
    }
}
