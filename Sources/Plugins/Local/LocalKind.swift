import Corefile
import PluginKit
import Telemetry

/// # local
///
/// Answers for names of the machine itself, so that nobody else is asked for them (RFC 6761 §6.3, RFC 6303 §4.1):
/// `localhost` and all names below it are 127.0.0.1 and ::1, `1.0.0.127.in-addr.arpa` is `localhost`, and everything
/// else in `0.in-addr.arpa`, `127.in-addr.arpa` and `255.in-addr.arpa` does not exist. So are names that begin with
/// `localhost.`, which clients make of `localhost` and a search domain. TTLs are a week.
///
/// ## Syntax
/// ```
/// local {
///     localhost_prefix on|off
/// }
/// ```
/// - `localhost_prefix off` passes on names that begin with `localhost.`; the default is `on`.
///
/// ## Metrics
/// - `coredns_local_localhost_requests_total` counts queries below or with the prefix `localhost`.
///
/// ## Example
/// ```corefile
/// . {
///     local
///     whoami
/// }
/// example.org {
///     local {
///         localhost_prefix off
///     }
///     whoami
/// }
/// ```
enum LocalKind: PluginKind, CountingFromStart {
    static let name = "local"

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasArguments(0...0, usage: "local", &setup.diagnostics) else { return }
        var takesPrefix = true
        for line in directive.block ?? [] {
            guard line.name.text == "localhost_prefix" else {
                line.reportUnknownProperty(among: ["localhost_prefix"], &setup.diagnostics)
                continue
            }
            takesPrefix = isOn(line, &setup.diagnostics) ?? takesPrefix
        }
        setup.link(LocalPlugin(takesPrefix: takesPrefix, counter: counter(setup.metrics)))
    }

    private static func isOn(_ line: Directive, _ diagnostics: inout Diagnostics) -> Bool? {
        guard line.hasArguments(1...1, usage: "localhost_prefix on|off", &diagnostics),
            line.hasNoBlock(&diagnostics)
        else { return nil }
        switch line.arguments[0].text {
        case "on": return true
        case "off": return false
        default:
            diagnostics.error(
                at: line.arguments[0], "localhost_prefix is on or off, not \(line.arguments[0].quoted)")
            return nil
        }
    }

    static func registerMetrics(in registry: MetricsRegistry) { _ = counter(registry) }

    private static func counter(_ registry: MetricsRegistry) -> Counter {
        registry.counter(
            "coredns_local_localhost_requests_total", help: "Counter of localhost.<domain> requests.")
    }
}
