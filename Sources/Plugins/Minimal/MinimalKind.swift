import Corefile
import PluginKit

/// # minimal
///
/// Makes replies smaller: positive answers lose their authority and additional sections. Denials, delegations and
/// errors keep theirs, because clients need them.
///
/// ## Syntax
/// ```
/// minimal
/// ```
///
/// ## Example
/// ```corefile
/// example.org {
///     minimal
///     whoami
/// }
/// ```
enum MinimalKind: PluginKind {
    static let name = "minimal"

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasArguments(0...0, usage: "minimal", &setup.diagnostics),
            directive.hasNoBlock(&setup.diagnostics)
        else { return }
        setup.link(MinimalPlugin())
    }
}
