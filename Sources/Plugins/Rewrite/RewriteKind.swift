import Corefile
import DNSMessage
import PluginKit

/// # rewrite
///
/// Rewrites queries before the plugins further in see them, and their responses so that clients find what they asked
/// for: the question is always the client's again.
///
/// ## Syntax
/// ```
/// rewrite [continue|stop] FIELD [MATCH] FROM TO...
/// rewrite [continue|stop] {
///     FIELD [MATCH] FROM TO...
///     answer ...
/// }
/// ```
/// Rules are tried in the order of the Corefile. The first that fits is the last one, unless it says `continue`. FIELD
/// is one of:
/// - `name [MATCH] FROM TO [answer ...]...`: the name asked for. MATCH is how FROM is compared: `exact` (the default,
///   the whole name), `prefix`, `suffix`, `substring` or `regex`, a regular expression in Go's syntax. Names are
///   compared in lower case and with their final dot, and FROM and TO of all but `regex` get one; in TO `{1}` is what
///   the first group of the expression took.
/// - `type FROM TO` and `class FROM TO`: the type or class asked for.
/// - `ttl [MATCH] NAME SECONDS|MIN-MAX|-MAX|MIN-`: the TTLs of responses for such names.
/// - `rcode [MATCH] NAME FROM TO`: the response code, if it is FROM.
/// - `cname [MATCH] FROM TO`: the target of a CNAME in the answer; the records of TO take the place of what followed.
/// - `edns0 local ACTION CODE DATA`, `edns0 nsid ACTION`, `edns0 subnet ACTION V4BITS V6BITS`: EDNS options for
///   upstreams. ACTION is `set` (in place of what the client sent), `append`, `replace` (only what the client sent) or
///   `unset` (with CODE only, or nothing). DATA is text, `0x` and hexadecimal digits, one of `{qname}` `{qtype}`
///   `{client_ip}` `{client_port}` `{protocol}` `{server_ip}` `{server_port}`, or metadata such as `{view/name}`.
///   `revert` at the end is accepted: replies never have options of requests.
///
/// An answer holds the names that were asked for inside of the server, unless:
/// - the match is `exact`: those are turned back by themselves.
/// - `answer auto`: so are those of the other matches. A `suffix` is turned back wherever it stands, others where the
///   name of the question stands, or what ends with it.
/// - `answer name REGEXP TO` and `answer value REGEXP TO` rewrite owners, and names in the data of CNAME, DNAME, SOA,
///   SRV, MX, NAPTR, NS and PTR records.
///
/// Rules for answers run in reverse order. A query whose name is not legal any more is SERVFAIL, with a line of
/// `errors`.
///
/// ## Examples
/// ```corefile
/// . {
///     rewrite name suffix .svc.example.org .svc.cluster.local answer auto
///     rewrite stop {
///         name regex (.*)[.]coredns[.]rocks {1}.default.svc.cluster.local
///         answer name (.*)[.]default[.]svc[.]cluster[.]local {1}.coredns.rocks
///     }
///     rewrite continue ttl regex (.*)[.]slow[.]example 30-300
///     rewrite type ANY HINFO
///     whoami
/// }
/// ```
enum RewriteKind: PluginKind {
    static let name = "rewrite"

    static func setUp(_ setup: inout Setup) {
        var rules: [RewriteRule] = []
        for directive in setup.directives {
            if let rule = RewriteRule(directive, &setup.diagnostics) { rules.append(rule) }
        }
        let isForeign = rules.contains { $0.class.map { $0 != .internet } ?? false }
        setup.link(isForeign ? ForeignRewritePlugin(rules) : RewritePlugin(rules))
    }
}
