import Corefile
import DNSMessage
import PluginKit

/// # metadata
///
/// Lets other plugins tell what they know of a query: `log` in `{/LABEL}`, `template` in `.Meta "LABEL"`,
/// `rewrite edns0` in `{LABEL}`, `view` in `metadata('LABEL')`.
///
/// ## Syntax
/// ```
/// metadata [ZONES...]
/// ```
/// `ZONES` are the zones in which queries have metadata; the default is those of the server block. A value is worked
/// out only when somebody asks for it, so that the word by itself costs nothing.
///
/// ## Labels
/// - `kubernetes/service`, `kubernetes/namespace`, `kubernetes/kind` (`svc` or `pod`), `kubernetes/endpoint`,
///   `kubernetes/port-name`, `kubernetes/protocol`: what the name says, taken apart; `kubernetes/parse-error` for a
///   name in the zones of `kubernetes` that is no name of the cluster
/// - `forward/upstream`: the upstream that answered, as ADDRESS:PORT
/// - `view/name`: the view of the server block
///
/// ## Examples
/// ```corefile
/// . {
///     metadata
///     log . "{name} {rcode} of view {/view/name}"
///     whoami
/// }
/// ```
enum MetadataKind: PluginKind {
    /// The word in the Corefile.
    static let name = "metadata"

    /// Adds the link.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        _ = line.hasNoBlock(&setup.diagnostics)
        let zones = setup.zones(line.arguments)
        setup.link(MetadataPlugin(source(setup, zones: zones)))
    }

    /// The source of a block; the first to ask for it says which zones it is for. `view` asks before the chain.
    static func source(_ setup: Setup, zones: [Name]) -> MetadataSource {
        setup.shared.object("of block \(setup.block.index)") { MetadataSource(zones: ZoneSet(zones)) }
    }
}
