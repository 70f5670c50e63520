import Corefile
import DNSMessage
import Logging
import Patterns
import PluginKit
import Telemetry

/// # auto
///
/// Serves every zone whose file is in a directory; files may come, change and go while the server runs.
///
/// ## Syntax
/// ```
/// auto [ZONE...] {
///     directory DIRECTORY [PATTERN TEMPLATE]
///     reload DURATION
///     upstream
/// }
/// ```
/// - ZONE... are the zones that names are answered in; the default is the zones of the server block.
/// - `directory` names the directory, relative to that of `root`; directories in it are looked into as well. A file is
///   a zone when its name matches PATTERN, a regular expression as Go has them, and TEMPLATE is the zone's name, with
///   `{1}` for what the first group matched. The default is `db\.(.*) {1}`: `db.example.org` is the zone `example.org`.
/// - `reload` is how often directory and files are looked at; the default is `1m`, `0` looks once. A zone is replaced
///   when the serial of its SOA record is another one.
/// - `upstream` is accepted and has no effect.
///
/// Files are those of `file`, and so are answers. One with mistakes is told in the log and not served, or goes on being
/// served as it was.
///
/// ## Examples
/// ```corefile
/// org {
///     auto org {
///         directory /etc/zones db\.(.*) {1}
///         reload 30s
///     }
/// }
/// ```
enum AutoKind: PluginKind {
    static let name = "auto"
    private static let properties = ["directory", "reload", "upstream"]

    static func setUp(_ setup: inout Setup) {
        let directive = setup.onlyDirective()
        let origins = setup.zones(directive.arguments[...])
        var directory: ZoneDirectory?
        var reload = Duration.seconds(60)
        for option in directive.block ?? [] {
            guard option.hasNoBlock(&setup.diagnostics) else { continue }
            switch option.name.text {
            case "directory": directory = read(option, &setup)
            case "reload": reload = FileKind.interval(option, &setup.diagnostics) ?? reload
            case "upstream": break
            default: option.reportUnknownProperty(among: properties, &setup.diagnostics)
            }
        }
        let plugin = ZonePlugin([], origins: origins, setup)
        setup.link(plugin)
        guard let directory else { return }
        let (log, fileLog) = (
            Logger(plugin: name, sink: setup.logSink), Logger(plugin: FileKind.name, sink: setup.logSink)
        )
        setup.add(AutoFeed(directory, every: reload, into: plugin, log: log, fileLog: fileLog))
    }

    private static func read(_ option: Directive, _ setup: inout Setup) -> ZoneDirectory? {
        let words = option.arguments
        guard option.hasArguments(1...3, usage: "directory DIRECTORY [PATTERN TEMPLATE]", &setup.diagnostics) else {
            return nil
        }
        guard words.count != 2 else {
            setup.diagnostics.error(
                at: words[1], "a pattern needs a template", hint: "usage: directory DIRECTORY PATTERN TEMPLATE")
            return nil
        }
        let path = setup.path(words[0])
        guard let pattern = pattern(words.count == 3 ? words[1] : nil, &setup.diagnostics) else { return nil }
        return ZoneDirectory(path: path, pattern: pattern, template: words.count == 3 ? words[2].text : "{1}")
    }

    private static func pattern(_ word: Word?, _ diagnostics: inout Diagnostics) -> GoPattern? {
        do throws(GoPatternError) {
            return try GoPattern(word?.text ?? #"db\.(.*)"#)
        } catch {
            if let word { diagnostics.error(at: word, "\(word.quoted) is no regular expression: \(error)") }
            return nil
        }
    }
}
