import Corefile
import DNSMessage
import PluginKit
import Telemetry

/// # log
///
/// Writes a line to standard output for each query that the server block answers.
///
/// ## Syntax
/// ```
/// log [NAMES...] [FORMAT] {
///     class CLASSES...
///     format json [LABELS...]
/// }
/// ```
/// `NAMES` are zones; only queries for names in them are logged, and all queries when none is given. The line may occur
/// several times: the first one with a zone that the name is in decides alone. `FORMAT` is the last of at least two
/// arguments and contains a brace; write `log . FORMAT` for all names.
///
/// `CLASSES` select by the outcome: `success` (data, or a referral), `denial` (no such name, or no such data), `error`
/// (everything else), and `all`, which is the default.
///
/// `format json` writes a JSON object a line instead, without a level in front: `remote`, `port`, `local`, `proto`,
/// `id`, `opcode`, `type`, `class`, `name`, `size`, `do`, `bufsize`, `rcode`, `rflags`, `rsize` and `duration`, which
/// mean what the fields below mean, and metadata under `LABELS`, such as `kubernetes/namespace`.
///
/// A format is text with these fields, whatever else stands in braces stays as it is:
///
/// - `{type}`, `{class}`, `{name}` (lower case): the question
/// - `{proto}` (`udp` or `tcp`), `{remote}`, `{port}`: how and from where it came; `{local}`: the address that was
///   asked
/// - `{size}`: bytes of the query; `{rsize}`: bytes of the answer, before compression and cutting
/// - `{rcode}`, and `-` when no answer was sent; `{duration}` in seconds
/// - `{>id}`, `{>opcode}`, `{>do}`, `{>bufsize}` (the size the client takes): from the query's header and OPT record
/// - `{>rflags}`: the flags of the answer, as in `qr,aa,rd`
/// - `{/LABEL}`: metadata, and `-` when there is none
/// - `{common}`: `{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags}
///   {rsize} {duration}`, which is also the default; `{combined}`: the same and ` "{>opcode}"`
///
/// ## Examples
/// ```corefile
/// . {
///     log
///     whoami
/// }
/// ```
/// Only failures, and those of one zone in a format of their own:
/// ```corefile
/// . {
///     log example.org "{remote} asked for {name} {type}: {rcode}" {
///         class denial error
///     }
///     log . {
///         class error
///     }
///     whoami
/// }
/// ```
enum LogKind: PluginKind {
    /// The word in the Corefile.
    static let name = "log"

    /// Adds the link, with a rule for each name of each line.
    static func setUp(_ setup: inout Setup) {
        var rules: [LogRule] = []
        for line in setup.directives { rules += read(line, &setup) }
        let (metrics, sink) = (setup.metrics, setup.logSink)
        let lines = setup.lasting.object("") { QueryLog(workers: metrics.workers, sink: sink) }
        setup.link(LogPlugin(rules, lines, isSizeLimited: setup.block.words.contains("bufsize")))
    }

    private static func read(_ line: Directive, _ setup: inout Setup) -> [LogRule] {
        var names = line.arguments[...]
        var format = LogFormat.standard
        if names.count >= 2, let last = names.last, last.text.contains("{") {
            format = LogFormat(last.text)
            names.removeLast()
        } else if let only = names.first, names.count == 1, only.text.contains("{") {
            setup.diagnostics.warning(
                at: only, "\(only.quoted) is taken as a name, because a format needs a name before it",
                hint: "write: log . \(only.quoted)")
        }
        var classes: LogClasses = []
        for option in line.block ?? [] {
            switch option.name.text {
            case "class": classes.formUnion(readClasses(option, &setup))
            case "format": format = readFormat(option, &setup) ?? format
            default: option.reportUnknownProperty(among: ["class", "format"], &setup.diagnostics)
            }
        }
        if classes.isEmpty { classes = .all }
        let zones = names.isEmpty ? [Name.root] : setup.zones(names)
        return zones.map { LogRule(zone: $0, classes: classes, format: format) }
    }

    private static func readFormat(_ option: Directive, _ setup: inout Setup) -> LogFormat? {
        guard option.hasNoBlock(&setup.diagnostics),
            option.hasArguments(1..., usage: "format json [LABELS...]", &setup.diagnostics)
        else { return nil }
        guard option.arguments[0].text == "json" else {
            setup.diagnostics.error(
                at: option.arguments[0], "unknown format \(option.arguments[0].quoted)",
                hint: "there is 'json'; a format of fields is an argument of log, as in: log . FORMAT")
            return nil
        }
        for word in option.arguments.dropFirst() where MetadataLabel(word.text) == nil {
            setup.diagnostics.error(
                at: word, "\(word.quoted) is no label of metadata", hint: "such as kubernetes/namespace")
        }
        return .json(option.arguments.dropFirst().map(\.text))
    }

    private static func readClasses(_ option: Directive, _ setup: inout Setup) -> LogClasses {
        var classes: LogClasses = []
        guard option.hasNoBlock(&setup.diagnostics),
            option.hasArguments(1..., usage: "class all|success|denial|error ...", &setup.diagnostics)
        else { return classes }
        for word in option.arguments {
            if let known = LogClasses.named[word.text] {
                classes.formUnion(known)
            } else {
                setup.diagnostics.error(
                    at: word, "invalid class \(word.quoted)", didYouMean: word.text, among: LogClasses.named.keys)
            }
        }
        return classes
    }
}
