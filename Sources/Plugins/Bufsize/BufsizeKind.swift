import Corefile
import PluginKit

/// # bufsize
///
/// Sets the largest reply that this server sends over UDP, in bytes. Larger replies are cut, and the client asks again
/// over TCP. The size is told to clients in the OPT record, and a client's own size is lowered to it before the query
/// goes on, so that other servers that are asked hear of it too.
///
/// ## Syntax
/// ```
/// bufsize [SIZE]
/// ```
/// SIZE is between 512 and 4096. The default, with the plugin and without it, is 1232, which passes every usual path in
/// one piece.
///
/// ## Example
/// ```corefile
/// example.org {
///     bufsize 4096
///     whoami
/// }
/// ```
enum BufsizeKind: PluginKind {
    static let name = "bufsize"

    private static let sizes = 512...4096

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasArguments(0...1, usage: "bufsize [SIZE]", &setup.diagnostics),
            directive.hasNoBlock(&setup.diagnostics)
        else { return }
        var size = Query.defaultUDPSize
        if let word = directive.arguments.first {
            guard let number = word.integer("bufsize", in: sizes, &setup.diagnostics) else { return }
            size = number
        }
        setup.options.udpSize = size
        setup.link(BufsizePlugin(size: UInt16(size)))
    }
}
