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
        let source = MetadataSource(zones: ZoneSet(setup.zones(line.arguments)))
        // `view` asks before the chain is entered, and finds the source of its block by this name.
        setup.link(MetadataPlugin(setup.shared.object("metadata of block \(setup.block.index)") { source }))
    }
}
