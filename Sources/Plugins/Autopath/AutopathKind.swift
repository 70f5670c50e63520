import Corefile
import DNSMessage
import Logging
import PluginKit
import Telemetry

/// # autopath
///
/// Walks the search path for its clients: a name that does not exist below the first search domain is looked for below
/// the others at once, so that the client needs one query in place of many.
///
/// ## Syntax
/// ```
/// autopath [ZONE...] RESOLV-CONF|@kubernetes
/// ```
/// - ZONE... are the zones in which it works; the default is those of the server block.
/// - `@kubernetes` is the search path of pods: for a name such as `www.example.com.NAMESPACE.svc.cluster.local` that is
///   `NAMESPACE.svc.cluster.local`, `svc.cluster.local`, `cluster.local`, the search domains of this server's own
///   `/etc/resolv.conf`, and at last the name as it is. The namespace is the one in the name: the block needs a
///   `kubernetes`, and that no `pods verified`. All clients of a namespace get the same answer from every replica.
/// - RESOLV-CONF is a file in the manner of resolv.conf(5), whose search domains are the path.
///
/// Files are read again when they change. A name exists if it has records of any type: what counts is NXDOMAIN, so that
/// A and AAAA end at the same place. What is found gets a CNAME in front, from the name asked for. If nothing is found,
/// the answer is that for the first search domain; so is every answer that exists there. A search that fails on the
/// way fails as a whole.
///
/// ## Metrics
/// - `coredns_autopath_success_total{server}` counts queries for names under a first search domain that were found.
///
/// ## Example
/// ```corefile
/// . {
///     autopath @kubernetes
///     kubernetes cluster.local {
///         endpoint http://127.0.0.1:8080
///     }
///     whoami
/// }
/// ```
enum AutopathKind: PluginKind {
    static let name = "autopath"
    private static let usage = "autopath [ZONE...] RESOLV-CONF|@kubernetes"
    private static let ownFile = "/etc/resolv.conf"

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasNoBlock(&setup.diagnostics) else { return }
        guard let source = directive.arguments.last else {
            return setup.diagnostics.error(
                at: directive.name, "no resolv-conf specified", hint: "usage: \(usage)")
        }
        let zones = ZoneSet(setup.zones(directive.arguments.dropLast()))
        let plugin: AutopathPlugin
        let file: String
        let counters = setup.metrics.counters(
            "coredns_autopath_success_total", help: "Counter of requests that did autopath.", labels: ["server"])
        if source.text.hasPrefix("@") {
            guard isKubernetes(source, &setup) else { return }
            file = ownFile
            plugin = AutopathPlugin(
                zones, .cluster(ClusterZones.of(setup)), counters, workers: setup.metrics.workers)
        } else {
            file = setup.path(source)
            check(source, file, &setup.diagnostics)
            plugin = AutopathPlugin(zones, .file, counters, workers: setup.metrics.workers)
        }
        setup.link(plugin)
        setup.add(SearchFeed(file, into: plugin, log: Logger(plugin: name, sink: setup.logSink)))
    }

    private static func isKubernetes(_ word: Word, _ setup: inout Setup) -> Bool {
        guard word.text == "@\(KubernetesKind.name)" else {
            setup.diagnostics.error(
                at: word, "no plugin \(word.quoted) knows search paths", didYouMean: word.text,
                among: ["@\(KubernetesKind.name)"])
            return false
        }
        guard setup.block.words.contains(KubernetesKind.name) else {
            setup.diagnostics.error(at: word, "\(word.quoted) needs 'kubernetes' in the same server block")
            return false
        }
        return true
    }

    private static func check(_ word: Word, _ path: String, _ diagnostics: inout Diagnostics) {
        var file = SearchFile(path)
        guard case .failed(let reason) = file.look() else { return }
        diagnostics.error(at: word, "failed to read \(word.quoted): \(reason)")
    }
}
