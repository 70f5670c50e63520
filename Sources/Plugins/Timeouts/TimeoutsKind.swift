import Corefile
import PluginKit

/// # timeouts
///
/// Says how long TCP connections may take, and how many queries each may carry.
///
/// ## Syntax
/// ```
/// timeouts {
///     read DURATION
///     write DURATION
///     idle DURATION
///     maxtcpqueries N
/// }
/// ```
/// A `DURATION` is 1s to 24h; a bare number counts seconds. Where several blocks share an address, the first of them
/// that has this word counts.
///
/// - `read`: for the first message of a connection, and for the rest of a message once begun; 3s.
/// - `write`: until the client has taken all of what it asked for; 5s.
/// - `idle`: between messages; 10s.
/// - `maxtcpqueries`: after so many queries the connection is closed; -1 is without limit, as it is without the line.
///
/// ## Examples
/// ```corefile
/// . {
///     timeouts {
///         read 2s
///         idle 20s
///         maxtcpqueries 1000
///     }
///     whoami
/// }
/// ```
enum TimeoutsKind: PluginKind {
    /// The word in the Corefile.
    static let name = "timeouts"
    private static let properties = ["read", "write", "idle", "maxtcpqueries"]
    private static let range = Duration.seconds(1)...Duration.seconds(24 * 3600)

    /// Sets the options of the block's connections.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        guard line.hasArguments(0...0, usage: "timeouts { … }", &setup.diagnostics) else { return }
        guard let lines = line.block, !lines.isEmpty else {
            setup.diagnostics.error(
                at: line.name, "'timeouts' with no timeouts specified", hint: "usage: timeouts { idle DURATION }")
            return
        }
        for option in lines { read(option, &setup) }
    }

    private static func read(_ option: Directive, _ setup: inout Setup) {
        guard properties.contains(option.name.text) else {
            return option.reportUnknownProperty(among: properties, &setup.diagnostics)
        }
        let value = option.name.text == "maxtcpqueries" ? "N" : "DURATION"
        guard option.hasNoBlock(&setup.diagnostics),
            option.hasArguments(1...1, usage: "\(option.name.text) \(value)", &setup.diagnostics)
        else { return }
        switch option.name.text {
        case "read": setup.options.streams.readTimeout = duration(option, &setup)
        case "write": setup.options.streams.writeTimeout = duration(option, &setup)
        case "idle": setup.options.streams.idleTimeout = duration(option, &setup)
        default: setup.options.streams.queriesMax = queriesMax(option, &setup)
        }
    }

    private static func duration(_ option: Directive, _ setup: inout Setup) -> Duration? {
        let word = option.arguments[0]
        let seconds = word.text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(word.text) : nil
        guard let duration = seconds.map({ .seconds($0) }) ?? word.duration(&setup.diagnostics) else { return nil }
        guard range.contains(duration) else {
            setup.diagnostics.error(
                at: word, "timeout provided for '\(option.name.text)' must be between 1 second and 24 hours")
            return nil
        }
        return duration
    }

    private static func queriesMax(_ option: Directive, _ setup: inout Setup) -> Int? {
        let word = option.arguments[0]
        guard let number = Int(word.text), number == -1 || number > 0 else {
            setup.diagnostics.error(at: word, "maxtcpqueries must be -1 or a number greater than 0: \(word.quoted)")
            return nil
        }
        return number == -1 ? nil : number
    }
}
