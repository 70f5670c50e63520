import Corefile
import DNSMessage
import PluginKit

/// # chaos
///
/// Tells about the server itself: answers questions of class CH and type TXT for `version.bind`, `version.server`,
/// `authors.bind`, `hostname.bind` and `id.server`, as in `dig CH TXT version.bind`.
///
/// ## Syntax
/// ```
/// chaos [VERSION] [AUTHORS...]
/// ```
/// - VERSION is the answer to `version.bind` and `version.server`; by default the name and version of this program.
/// - AUTHORS are the answers to `authors.bind`, sorted, each once; by default `clusterdns authors`.
/// - `hostname.bind` and `id.server` answer the host name.
///
/// What is longer than 255 bytes is cut.
///
/// ## Examples
/// ```corefile
/// example.org {
///     chaos
///     whoami
/// }
/// example.net {
///     chaos names-1.2.3 "Ada Lovelace" "Grace Hopper"
///     whoami
/// }
/// ```
enum ChaosKind: PluginKind {
    static let name = "chaos"

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasNoBlock(&setup.diagnostics) else { return }
        let words = directive.arguments.map(\.text)
        let version = [words.first ?? "clusterdns-\(setup.host.version)"]
        let authors = words.count > 1 ? Set(words.dropFirst()).sorted() : ["clusterdns authors"]
        let host = [setup.host.hostName]
        let answers: [(Name, [String])] = [
            ("version.bind", version), ("version.server", version), ("authors.bind", authors), ("hostname.bind", host),
            ("id.server", host),
        ]
        setup.link(ChaosPlugin(answers.map { ChaosPlugin.Answer(name: $0, texts: $1.map { Array($0.utf8) }) }))
    }
}
