import Corefile
import PluginKit

/// # header
///
/// Sets or clears flags in the header of queries and of responses.
///
/// ## Syntax
/// ```
/// header {
///     query|response set|clear FLAG...
/// }
/// ```
/// FLAG is `aa` (authoritative answer), `ra` (recursion available) or `rd` (recursion desired). Of several lines about
/// a flag the last counts. `query` lines change the query for the plugins further down, and RD also in the reply, which
/// repeats it. `response` lines change the answers of plugins; a bare failure, that no plugin wrote, stays as it is.
/// Without the first word, a line is about responses; that is how old versions wrote it, and gives a warning.
///
/// ## Example
/// ```corefile
/// example.org {
///     header {
///         query clear rd
///         response set ra
///         response clear aa
///     }
///     whoami
/// }
/// ```
enum HeaderKind: PluginKind {
    static let name = "header"

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        guard directive.hasArguments(0...0, usage: "header { query|response set|clear FLAG... }", &setup.diagnostics)
        else { return }
        guard let lines = directive.block, !lines.isEmpty else {
            setup.diagnostics.error(
                at: directive.name, "'header' needs a block with at least one rule",
                hint: "such as 'response set ra'")
            return
        }
        var queries = FlagChange()
        var responses = FlagChange()
        for line in lines {
            guard let rule = HeaderRule(line, &setup.diagnostics) else { continue }
            switch rule.selector {
            case .query: queries.append(rule)
            case .response: responses.append(rule)
            }
        }
        setup.link(HeaderPlugin(queries: queries, responses: responses))
    }
}
