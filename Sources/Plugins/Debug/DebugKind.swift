import Corefile
import PluginKit

/// # debug
///
/// Writes `[DEBUG]` lines to the log, in all server blocks. CoreDNS's other use of the word, not to recover from a
/// fault of its own, has no counterpart: here such a fault always ends the process.
///
/// ## Syntax
/// ```
/// debug
/// ```
///
/// ## Example
/// ```corefile
/// example.org {
///     debug
///     whoami
/// }
/// ```
enum DebugKind: PluginKind {
    static let name = "debug"

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasArguments(0...0, usage: "debug", &setup.diagnostics),
            directive.hasNoBlock(&setup.diagnostics)
        else { return }
        setup.add(DebugSwitch(setup.logSink))
    }
}
