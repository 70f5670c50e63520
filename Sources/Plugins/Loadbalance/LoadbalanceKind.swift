import Corefile
import DNSMessage
import Logging
import PluginKit
import Telemetry

/// # loadbalance
///
/// Spreads load over the addresses of a name by the order in which replies list them. In every section CNAMEs come
/// first, then other records in their own order, then A and AAAA records shuffled, then MX records shuffled. A reply
/// that has to be cut is shuffled before, so that every address has its turn.
///
/// ## Syntax
/// ```
/// loadbalance [round_robin | weighted FILE] {
///     reload DURATION
///     prefer CIDR...
/// }
/// ```
/// - `round_robin` is the policy above, and the default.
/// - `weighted` puts one address in front, by chance and by the weights in `FILE`; the order of the others stays. It is
///   for answers to A, AAAA and SRV questions. A relative path is taken from the directory of `root`.
/// - `reload` is how often the file is looked at, `30s` by default; `0s` is never. A file that has a mistake changes
///   nothing, and is told in the log.
/// - `prefer` puts addresses inside these networks in front, in the order of the networks. It may be repeated.
///
/// The file has a name on a line, and below it the addresses, each with a weight from 1 to 255. An address that is not
/// named has the weight 1. Lines that begin with `#` are comments:
/// ```
/// www.example.org
/// 192.0.2.1 3
/// 192.0.2.2 1
/// ```
///
/// ## Examples
/// ```corefile
/// example.org {
///     loadbalance
///     whoami
/// }
/// example.net {
///     loadbalance round_robin {
///         prefer 10.0.0.0/8 fd00::/8
///     }
///     whoami
/// }
/// www.example.com {
///     loadbalance weighted /etc/clusterdns/weights {
///         reload 10s
///     }
///     whoami
/// }
/// ```
enum LoadbalanceKind: PluginKind {
    static let name = "loadbalance"

    private static let usage = "loadbalance [round_robin | weighted FILE] { reload DURATION; prefer CIDR... }"
    /// Networks of all `prefer` lines together; each is looked for among all addresses of a reply.
    private static let preferredMax = 64
    private static let usualReload = Duration.seconds(30)
    private static let policies = ["round_robin", "weighted"]

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard checkPolicy(directive, &setup.diagnostics) else { return }
        let isWeighted = directive.arguments.first?.text == "weighted"
        var preferred: [AddressPrefix] = []
        var reload = usualReload
        for line in directive.block ?? [] {
            if isWeighted, line.name.text == "reload" {
                reload = readReload(line, &setup.diagnostics) ?? reload
                continue
            }
            guard line.name.text == "prefer" else {
                line.reportUnknownProperty(
                    among: isWeighted ? ["prefer", "reload"] : ["prefer"], &setup.diagnostics)
                continue
            }
            guard line.hasArguments(1..., usage: "prefer CIDR...", &setup.diagnostics),
                line.hasNoBlock(&setup.diagnostics)
            else { continue }
            preferred += line.arguments.compactMap { prefix($0, &setup.diagnostics) }
        }
        guard preferred.count <= preferredMax else {
            setup.diagnostics.error(
                at: directive.name, "more than \(preferredMax) preferred networks: \(preferred.count)")
            return
        }
        guard isWeighted else { return setup.link(LoadbalancePlugin(preferred: preferred)) }
        let log = Logger(plugin: name, sink: setup.logSink)
        let feed = WeightsFeed(
            setup.path(directive.arguments[1]), reload: reload, log: log, workers: setup.metrics.workers)
        setup.link(LoadbalancePlugin(preferred: preferred, weights: feed.weights))
        setup.add(feed)
    }

    private static func readReload(_ line: Directive, _ diagnostics: inout Diagnostics) -> Duration? {
        guard line.hasArguments(1...1, usage: "reload DURATION", &diagnostics), line.hasNoBlock(&diagnostics),
            let reload = line.arguments[0].duration(&diagnostics)
        else { return nil }
        if reload < .zero { diagnostics.error(at: line.arguments[0], "the duration must not be negative") }
        return reload
    }

    private static func checkPolicy(_ directive: Directive, _ diagnostics: inout Diagnostics) -> Bool {
        guard let policy = directive.arguments.first else { return true }
        switch policy.text {
        case "round_robin":
            return directive.hasArguments(1...1, usage: usage, &diagnostics)
        case "weighted":
            if directive.arguments.count == 1 {
                diagnostics.error(at: policy, "missing weight file argument", hint: usage)
                return false
            }
            return directive.hasArguments(2...2, usage: usage, &diagnostics)
        default:
            diagnostics.error(
                at: policy, "unknown policy: \(policy.text)", didYouMean: policy.text, among: policies)
        }
        return false
    }

    private static func prefix(_ word: Word, _ diagnostics: inout Diagnostics) -> AddressPrefix? {
        if let prefix = AddressPrefix(word.text) { return prefix }
        let address = IPAddress(word.text)
        diagnostics.error(
            at: word, "invalid CIDR \(word.quoted)",
            hint: address.map { "did you mean '\($0)/\($0.family == .v4 ? 32 : 128)'?" }
                ?? "a network is written like 10.0.0.0/8 or fd00::/8")
        return nil
    }
}
