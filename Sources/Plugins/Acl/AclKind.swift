import Corefile
import DNSMessage
import PluginKit
import Telemetry

/// # acl
///
/// Decides by the client's address and the type asked for who is answered.
///
/// ## Syntax
/// ```
/// acl [ZONE...] {
///     allow|block|filter|drop [type TYPE...] [net SOURCE...]
/// }
/// ```
/// - ZONE... are the zones that the rules are about; the default is the zones of the server block.
/// - `allow` lets the query through, `block` answers REFUSED with Extended DNS Error 15, `filter` answers NOERROR
///   without records and with Extended DNS Error 17, `drop` answers nothing.
/// - `type` names the types that the rule is about, `net` the clients, each an address or a prefix such as
///   `10.0.0.0/8`. `*` stands for all, and so does leaving it out.
///
/// The first rule that fits a query decides, and of several `acl` the first that has such a rule. A query that none
/// fits is let through. The client is who the packet came from; behind a NAT or another server that is not who asked
/// first.
///
/// ## Metrics
/// - `coredns_acl_blocked_requests_total{server,zone,view}`, `coredns_acl_filtered_requests_total{server,zone,view}`
///   and `coredns_acl_dropped_requests_total{server,zone,view}` count queries by what became of them; `zone` is that of
///   the rule.
/// - `coredns_acl_allowed_requests_total{server,view}` counts those that were let through.
///
/// ## Examples
/// Only two networks may ask, and nobody for TXT records:
/// ```corefile
/// . {
///     acl {
///         block type TXT
///         allow net 192.0.2.0/24 2001:db8::/32
///         block
///     }
///     whoami
/// }
/// ```
/// One subdomain is silent towards one client:
/// ```corefile
/// example.org {
///     acl intern.example.org {
///         drop net 198.51.100.7
///     }
///     whoami
/// }
/// ```
enum AclKind: PluginKind {
    static let name = "acl"

    static func setUp(_ setup: inout Setup) {
        var rules: [AclRule] = []
        for directive in setup.directives {
            let zones = setup.zones(directive.arguments)
            let policies = (directive.block ?? []).compactMap { AclPolicy($0, &setup.diagnostics) }
            if directive.block?.isEmpty ?? true {
                setup.diagnostics.warning(
                    at: directive.name, "'acl' without rules changes nothing", hint: "such as 'block net 10.0.0.0/8'")
            }
            rules.append(AclRule(zones: ZoneSet(zones), policies: policies))
        }
        setup.link(AclPlugin(rules, AclCounters(setup.metrics), block: setup.block.index))
    }
}

/// One `acl` of a block.
struct AclRule: Sendable {
    let zones: ZoneSet
    let policies: [AclPolicy]
}
