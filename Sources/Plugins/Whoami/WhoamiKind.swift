import Corefile
import PluginKit

/// # whoami
///
/// Tells clients how the server sees them: every reply has, in its additional section, an A or AAAA record with the
/// client's address and an SRV record with its port, `_udp` or `_tcp` in front of the name. Without any Corefile this
/// is what the server does.
///
/// ## Syntax
/// ```
/// whoami
/// ```
///
/// ## Example
/// ```corefile
/// example.org {
///     whoami
/// }
/// ```
enum WhoamiKind: PluginKind {
    static let name = "whoami"

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasArguments(0...0, usage: "whoami", &setup.diagnostics),
            directive.hasNoBlock(&setup.diagnostics)
        else { return }
        setup.link(WhoamiPlugin())
    }
}
