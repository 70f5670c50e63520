import Corefile
import PluginKit

/// # any
///
/// Answers questions of type ANY with one HINFO record instead of all that there is, which is of use to attackers only
/// (RFC 8482 §4.2).
///
/// ## Syntax
/// ```
/// any
/// ```
///
/// ## Example
/// ```corefile
/// example.org {
///     any
///     whoami
/// }
/// ```
enum AnyKind: PluginKind {
    static let name = "any"

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasArguments(0...0, usage: "any", &setup.diagnostics),
            directive.hasNoBlock(&setup.diagnostics)
        else { return }
        setup.link(AnyPlugin())
    }
}
