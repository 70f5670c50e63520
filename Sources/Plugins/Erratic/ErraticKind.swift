import Corefile
import PluginKit

/// # erratic
///
/// Answers every question alike, but not always: for trying out clients. A is 192.0.2.53 and AAAA 2001:db8::53, with
/// TTL 0; AXFR is a small zone, and other types are SERVFAIL.
///
/// ## Syntax
/// ```
/// erratic {
///     drop [AMOUNT]
///     truncate [AMOUNT]
///     delay [AMOUNT [DURATION]]
///     large
/// }
/// ```
/// - `drop` leaves one in AMOUNT queries without a reply, the first one to begin with.
/// - `truncate` sets TC in some replies. Which ones goes by the bits of a number, as in CoreDNS: of the queries counted
///   from 0 those that have no bit in common with AMOUNT. `truncate 1` is every second one, `truncate 2` two of four. A
///   zone transfer loses its last record instead.
/// - `delay` keeps one in AMOUNT queries waiting for DURATION, at most 10s; the default is `100ms`. Where too many
///   queries wait already it is answered at once.
/// - `large` repeats the A record thirty times.
///
/// AMOUNT is 2 unless given, 0 never. Without any of the first three, one in two queries is dropped.
///
/// `ready` sees the plugin as ready from its third query to the fifth, and as not ready before and after.
///
/// ## Example
/// ```corefile
/// example.org {
///     erratic {
///         drop 3
///         delay 5 50ms
///     }
/// }
/// ```
enum ErraticKind: PluginKind {
    static let name = "erratic"

    static func setUp(_ setup: inout Setup) {
        var options = ErraticOptions()
        var hasOptions = false
        let directive = setup.onlyDirective()
        guard directive.hasArguments(0...0, usage: "erratic", &setup.diagnostics) else { return }
        for line in directive.block ?? [] {
            hasOptions = read(line, into: &options, &setup.diagnostics) || hasOptions
        }
        if !hasOptions { options.drop = ErraticOptions.usualAmount }
        setup.link(ErraticPlugin(options))
    }

    /// Tells whether the line is about which queries fare badly.
    private static func read(
        _ line: Directive, into options: inout ErraticOptions, _ diagnostics: inout Diagnostics
    ) -> Bool {
        guard line.hasNoBlock(&diagnostics) else { return false }
        switch line.name.text {
        case "drop":
            guard line.hasArguments(0...1, usage: "drop [AMOUNT]", &diagnostics) else { return false }
            options.drop = amount(line, &diagnostics)
        case "truncate":
            guard line.hasArguments(0...1, usage: "truncate [AMOUNT]", &diagnostics) else { return false }
            options.truncate = amount(line, &diagnostics)
        case "delay":
            guard line.hasArguments(0...2, usage: "delay [AMOUNT [DURATION]]", &diagnostics) else { return false }
            options.delay = amount(line, &diagnostics)
            if line.arguments.count > 1 { readPause(line.arguments[1], into: &options, &diagnostics) }
        case "large":
            _ = line.hasArguments(0...0, usage: "large", &diagnostics)
            options.isLarge = true
            return false
        default:
            line.reportUnknownProperty(among: ["drop", "truncate", "delay", "large"], &diagnostics)
        }
        return true
    }

    private static func amount(_ line: Directive, _ diagnostics: inout Diagnostics) -> UInt64 {
        guard let word = line.arguments.first else { return ErraticOptions.usualAmount }
        return UInt64(word.integer("the amount", in: 0...Int(Int32.max), &diagnostics) ?? 0)
    }

    private static func readPause(
        _ word: Word, into options: inout ErraticOptions, _ diagnostics: inout Diagnostics
    ) {
        guard let pause = word.duration(&diagnostics) else { return }
        guard .zero...ErraticOptions.pauseMax ~= pause else {
            return diagnostics.error(at: word, "a delay is from 0 to 10s long, not \(word.quoted)")
        }
        options.pause = pause
    }
}

/// Which queries fare badly, and how.
struct ErraticOptions: Sendable {
    static let usualAmount: UInt64 = 2
    static let pauseMax = Duration.seconds(10)

    var drop: UInt64 = 0
    var truncate: UInt64 = 0
    var delay: UInt64 = 0
    var pause = Duration.milliseconds(100)
    var isLarge = false
}
