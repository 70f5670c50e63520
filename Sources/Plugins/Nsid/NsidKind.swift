import Corefile
import PluginKit

/// # nsid
///
/// Tells a client that asks for it which server answered (RFC 5001). A query without the NSID option gets none, and
/// none is answered without this plugin.
///
/// ## Syntax
/// ```
/// nsid [DATA...]
/// ```
/// The words of DATA, joined by blanks, are the identifier, up to 512 bytes; without DATA it is the host name.
///
/// ## Examples
/// ```corefile
/// example.org {
///     nsid
///     whoami
/// }
/// example.net {
///     nsid replica one
///     whoami
/// }
/// ```
enum NsidKind: PluginKind {
    static let name = "nsid"

    /// Longest identifier in bytes: it must leave room in a reply for the answer.
    private static let identifierMax = 512

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasNoBlock(&setup.diagnostics) else { return }
        let words = directive.arguments.map(\.text)
        let identifier = words.isEmpty ? setup.host.hostName : words.joined(separator: " ")
        guard identifier.utf8.count <= identifierMax else {
            setup.diagnostics.error(
                at: directive.lastWord,
                "nsid is too long: \(identifier.utf8.count) bytes, \(identifierMax) at most")
            return
        }
        setup.link(NsidPlugin(identifier: Array(identifier.utf8)))
    }
}
