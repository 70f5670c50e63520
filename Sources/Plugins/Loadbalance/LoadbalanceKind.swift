import Corefile
import DNSMessage
import PluginKit

/// # loadbalance
///
/// Spreads load over the addresses of a name by the order in which replies list them. In every section CNAMEs come
/// first, then other records in their own order, then A and AAAA records shuffled, then MX records shuffled. A reply
/// that has to be cut is shuffled before, so that every address has its turn.
///
/// ## Syntax
/// ```
/// loadbalance [round_robin] {
///     prefer CIDR...
/// }
/// ```
/// - `round_robin` is the policy, and the default. The policy `weighted` is not built yet.
/// - `prefer` puts addresses inside these networks in front, in the order of the networks. It may be repeated.
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
/// ```
enum LoadbalanceKind: PluginKind {
    static let name = "loadbalance"

    private static let usage = "loadbalance [round_robin] { prefer CIDR... }"
    /// Networks of all `prefer` lines together; each is looked for among all addresses of a reply.
    private static let preferredMax = 64

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard checkPolicy(directive, &setup.diagnostics) else { return }
        var preferred: [AddressPrefix] = []
        for line in directive.block ?? [] {
            guard line.name.text == "prefer" else {
                line.reportUnknownProperty(among: ["prefer"], &setup.diagnostics)
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
        setup.link(LoadbalancePlugin(preferred: preferred))
    }

    private static func checkPolicy(_ directive: Directive, _ diagnostics: inout Diagnostics) -> Bool {
        guard let policy = directive.arguments.first else { return true }
        switch policy.text {
        case "round_robin":
            return directive.hasArguments(1...1, usage: usage, &diagnostics)
        case "weighted":
            diagnostics.error(
                at: policy, "the policy 'weighted' is not built into clusterdns",
                hint: "'round_robin' gives every address the same share")
        default:
            diagnostics.error(
                at: policy, "unknown policy: \(policy.text)", didYouMean: policy.text, among: ["round_robin"])
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
