import AdminHTTP
import Corefile
import PluginKit

/// # ready
///
/// Tells over HTTP whether queries can be answered.
///
/// ## Syntax
/// ```
/// ready [ADDRESS] {
///     monitor until-ready|continuously
/// }
/// ```
/// `ADDRESS` is `HOST:PORT` or `:PORT`; `:8181` when it is left out. `/ready` answers 200 and `OK` when every plugin
/// that takes part is ready, such as `kubernetes` once it knows the cluster. Until then it answers 503 and the names of
/// those that are not, and each such answer is logged. After SIGTERM it answers 503 and `Shutting down` at once, while
/// queries are still answered for the time that `health` was given.
///
/// A plugin that was ready once counts as ready from then on (`until-ready`), unless `monitor continuously` wants it
/// asked each time.
///
/// ## Examples
/// ```corefile
/// . {
///     ready
///     whoami
/// }
/// ```
/// ```corefile
/// . {
///     ready localhost:8091 {
///         monitor continuously
///     }
///     whoami
/// }
/// ```
enum ReadyKind: PluginKind {
    /// The word in the Corefile.
    static let name = "ready"
    private static let usage = "ready [HOST:PORT]"
    private static let standardAddress = ListenAddress(host: "", port: 8181)

    /// Adds the listener.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        var monitor = Monitor.untilReady
        for option in line.block ?? [] { read(option, &monitor, &setup) }
        guard let address = setup.listenAddress(line, standard: standardAddress, usage: usage) else { return }
        let path = MountedPath("/ready", on: address, of: setup.adminServer)
        setup.add(ReadyPart(path, monitor, sink: setup.logSink))
    }

    private static func read(_ option: Directive, _ monitor: inout Monitor, _ setup: inout Setup) {
        guard option.name.text == "monitor" else {
            return option.reportUnknownProperty(among: ["monitor"], &setup.diagnostics)
        }
        let words = Monitor.allCases.map(\.rawValue)
        guard option.hasNoBlock(&setup.diagnostics),
            option.hasArguments(1...1, usage: "monitor \(words.joined(separator: "|"))", &setup.diagnostics)
        else { return }
        let word = option.arguments[0]
        guard let choice = Monitor(rawValue: word.text) else {
            return setup.diagnostics.error(
                at: word, "invalid monitor type \(word.quoted)", didYouMean: word.text, among: words)
        }
        monitor = choice
    }
}

/// How long a plugin is watched.
enum Monitor: String, CaseIterable {
    case untilReady = "until-ready"
    case continuously
}
