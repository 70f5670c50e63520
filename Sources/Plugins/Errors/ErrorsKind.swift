import Corefile
import Logging
import Patterns
import PluginKit
import Telemetry

/// # errors
///
/// Logs why queries failed: a line for each, or one for many that are alike.
///
/// ## Syntax
/// ```
/// errors [stdout] {
///     consolidate DURATION REGEXP [warning|error|info|debug] [show_first]
///     limit LINES
///     stacktrace
/// }
/// ```
/// A line is `[ERROR] plugin/errors: CODE NAME TYPE: TEXT`, with the number of the response code. Without this word
/// failures are not logged.
///
/// `consolidate` counts errors whose `TEXT` matches a regular expression instead of logging each. When `DURATION` has
/// passed since the first of them, one line tells their number: `3 errors like 'REGEXP' occurred in last 30s`, at the
/// level given, `error` by default. With `show_first` the first one is logged as it is, and counted too; alone, it
/// needs no other line. There may be several such options; the first whose expression matches takes the error. The end
/// of the process writes what is still being counted.
///
/// `limit` is how many lines that tell the same `TEXT`, whatever names and ports they tell, are written in 10 seconds;
/// then one line counts the rest. The default is 20, so that a broken upstream does not fill the disk; `limit 0` writes
/// every line.
///
/// Expressions are written as in Go, without look-around, back-references and Unicode classes. `stdout` is where lines
/// go in any case. `stacktrace` is accepted and changes nothing: a trap prints its stack by itself.
///
/// ## Examples
/// ```corefile
/// . {
///     errors
///     whoami
/// }
/// ```
/// ```corefile
/// . {
///     errors {
///         consolidate 5m ".* i/o timeout$" warning
///         consolidate 30s "^plugin/(cache|forward)" error show_first
///     }
///     whoami
/// }
/// ```
enum ErrorsKind: PluginKind {
    /// The word in the Corefile.
    static let name = "errors"
    private static let options = ["consolidate", "limit", "stacktrace"]
    /// Lines of a kind in a window.
    private static let usualLinesMax = 20
    private static let linesMaxMax = 1_000_000
    /// Longest regular expression, in characters.
    private static let patternLengthMax = 10_000

    /// Adds the link.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        if line.hasArguments(0...1, usage: "errors [stdout]", &setup.diagnostics), let word = line.arguments.first,
            word.text != "stdout"
        {
            setup.diagnostics.error(
                at: word, "unknown output \(word.quoted)", didYouMean: word.text, among: ["stdout"])
        }
        let log = Logger(plugin: name, sink: setup.logSink)
        var consolidations: [Consolidation] = []
        var linesMax = usualLinesMax
        for option in line.block ?? [] {
            switch option.name.text {
            case "consolidate":
                guard let rule = consolidationRule(option, &setup) else { continue }
                consolidations.append(Consolidation(rule, log))
            case "limit":
                guard option.hasNoBlock(&setup.diagnostics),
                    option.hasArguments(1...1, usage: "limit LINES", &setup.diagnostics)
                else { continue }
                linesMax =
                    option.arguments[0].integer("the limit", in: 0...linesMaxMax, &setup.diagnostics) ?? linesMax
            case "stacktrace":
                _ = option.hasNoBlock(&setup.diagnostics)
                _ = option.hasArguments(0...0, usage: "stacktrace", &setup.diagnostics)
            default:
                option.reportUnknownProperty(among: options, &setup.diagnostics)
            }
        }
        setup.link(ErrorsPlugin(consolidations, log, linesMax: linesMax == 0 ? nil : linesMax))
    }

    private static func consolidationRule(_ option: Directive, _ setup: inout Setup) -> ConsolidationRule? {
        let usage = "consolidate DURATION REGEXP [LEVEL] [show_first]"
        guard option.hasNoBlock(&setup.diagnostics),
            option.hasArguments(2...4, usage: usage, &setup.diagnostics)
        else { return nil }
        let window = option.arguments[0].duration(&setup.diagnostics)
        if let window, window <= .zero {
            setup.diagnostics.error(at: option.arguments[0], "the duration must be longer than 0")
        }
        let pattern = pattern(option.arguments[1], &setup)
        let (level, showsFirst) = ending(option.arguments[2...], usage, &setup)
        guard let window, let pattern else { return nil }
        return ConsolidationRule(window: window, pattern: pattern, level: level, showsFirst: showsFirst)
    }

    private static func pattern(_ word: Word, _ setup: inout Setup) -> GoPattern? {
        guard word.text.count <= patternLengthMax else {
            setup.diagnostics.error(at: word, "the expression has more than \(patternLengthMax) characters")
            return nil
        }
        do throws(GoPatternError) {
            return try GoPattern(word.text)
        } catch {
            setup.diagnostics.error(at: word, "\(word.quoted) is no regular expression: \(error)")
            return nil
        }
    }

    /// What may stand behind the expression: a level, then `show_first`.
    private static func ending(
        _ words: ArraySlice<Word>, _ usage: String, _ setup: inout Setup
    ) -> (Logger.Level, showsFirst: Bool) {
        let levels: [String: Logger.Level] = ["warning": .warning, "error": .error, "info": .info, "debug": .debug]
        var rest = words
        var level = Logger.Level.error
        if let first = rest.first, let named = levels[first.text] {
            level = named
            rest.removeFirst()
        }
        let showsFirst = rest.first?.text == "show_first"
        if showsFirst { rest.removeFirst() }
        if let word = rest.first {
            setup.diagnostics.error(
                at: word, "unexpected \(word.quoted)", didYouMean: word.text, among: levels.keys + ["show_first"])
        }
        return (level, showsFirst)
    }
}
