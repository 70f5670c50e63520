import Corefile
import PluginKit

/// # cancel
///
/// In CoreDNS, ends the handling of a query that takes longer than a time. Here no plugin makes a query wait: what is
/// answered from memory is answered at once, and plugins that ask other servers bound their waiting themselves. So the
/// line is checked, and the plugin is counted in `coredns_plugin_enabled`, but nothing is left to end.
///
/// ## Syntax
/// ```
/// cancel [DURATION]
/// ```
/// DURATION must be above 0; without it CoreDNS takes 5001ms.
///
/// ## Example
/// ```corefile
/// example.org {
///     cancel 2s
///     whoami
/// }
/// ```
enum CancelKind: PluginKind {
    static let name = "cancel"

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasArguments(0...1, usage: "cancel [DURATION]", &setup.diagnostics),
            directive.hasNoBlock(&setup.diagnostics)
        else { return }
        if let word = directive.arguments.first {
            guard let duration = word.duration(&setup.diagnostics) else { return }
            guard duration > .zero else {
                setup.diagnostics.error(at: word, "invalid duration: \(word.quoted) is not above 0")
                return
            }
        }
        setup.link(CancelPlugin())
    }
}
