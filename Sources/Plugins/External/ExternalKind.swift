import Corefile
import DNSMessage
import PluginKit
import Telemetry

/// # k8s_external
///
/// Answers where a cluster's Services are reached from outside, as `SERVICE.NAMESPACE.ZONE`.
///
/// ## Syntax
/// ```
/// k8s_external [ZONE...] {
///     apex LABEL
///     ttl SECONDS
///     headless
///     fallthrough [ZONE...]
/// }
/// ```
/// - ZONE... are the zones to answer for; the default is the zones of the server block. PTR records point into the
///   first one; a reverse zone among them answers PTR questions.
/// - `apex` is the label of the zone's own names, as in `ns1.dns.example.org`; the default is `dns`.
/// - `ttl` is the TTL of addresses, from 0 to 3600; the default is 5. SRV and CNAME records have that of `kubernetes`.
/// - `headless` answers also headless services, and endpoints of services without an external address as
///   `ENDPOINT.SERVICE.NAMESPACE.ZONE`, by the addresses of their endpoints.
/// - `fallthrough` passes on names that do not exist, all or those in ZONE....
///
/// The objects are those of `kubernetes`, which the same block must have. A Service's names are those of
/// `spec.externalIPs` and of `status.loadBalancer.ingress`; a host name there becomes a CNAME record, where there is no
/// address. `_PORT._PROTOCOL.SERVICE.NAMESPACE.ZONE` has SRV records. Without any of these the name does not exist.
///
/// ## Examples
/// ```corefile
/// example.org {
///     k8s_external example.org {
///         ttl 30
///     }
///     kubernetes cluster.local {
///         manifests cluster.yaml
///     }
/// }
/// ```
enum ExternalKind: PluginKind {
    static let name = "k8s_external"
    private static let properties = ["apex", "ttl", "headless", "fallthrough"]

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        if !setup.block.words.contains(KubernetesKind.name) {
            setup.diagnostics.error(
                at: directive.name, "k8s_external needs 'kubernetes' in the same server block",
                hint: "it answers from the objects that 'kubernetes' knows")
        }
        var options = ExternalOptions()
        options.zones = setup.zones(directive.arguments[...])
        for line in directive.block ?? [] { read(line, into: &options, &setup) }
        let plugin = setup.shared.object(ExternalNames.key(setup)) { ExternalNames() }
        plugin.set(options, ownAddresses: Kubernetes.ownAddresses(setup), workers: setup.metrics.workers)
        setup.link(plugin)
    }

    private static func read(_ line: Directive, into options: inout ExternalOptions, _ setup: inout Setup) {
        guard line.hasNoBlock(&setup.diagnostics) else { return }
        switch line.name.text {
        case "apex":
            guard line.hasArguments(1...1, usage: "apex LABEL", &setup.diagnostics) else { return }
            let word = line.arguments[0]
            guard (try? Name(word.text))?.labelCount == 1 else {
                return setup.diagnostics.error(at: word, "\(word.quoted) is not one label of a domain name")
            }
            options.apex = word.text.hasSuffix(".") ? String(word.text.dropLast()) : word.text
        case "ttl":
            guard line.hasArguments(1...1, usage: "ttl SECONDS", &setup.diagnostics) else { return }
            let ttl = line.arguments[0].integer("ttl", in: 0...3600, &setup.diagnostics)
            options.ttl = ttl.map { UInt32($0) } ?? options.ttl
        case "headless":
            guard line.hasArguments(0...0, usage: "headless", &setup.diagnostics) else { return }
            options.answersHeadless = true
        case "fallthrough": options.fallthroughZones = setup.fallthroughZones(line)
        default: line.reportUnknownProperty(among: properties, &setup.diagnostics)
        }
    }
}
