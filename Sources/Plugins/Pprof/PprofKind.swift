import AdminHTTP
import Corefile
import Logging
import PluginKit
import Telemetry

/// # pprof
///
/// Is accepted for the sake of Corefiles that have it, and serves nothing: its profiles are those of Go's runtime.
///
/// ## Syntax
/// ```
/// pprof [ADDRESS] {
///     block [RATE]
/// }
/// ```
/// A line in the log says so at the start, and what there is instead: the binary has its symbols, so `perf record -g -p
/// PID` shows where time goes; memory, descriptors and threads are the metrics `process_*` of `prometheus`.
///
/// ## Examples
/// ```corefile
/// . {
///     pprof localhost:6060
///     whoami
/// }
/// ```
enum PprofKind: PluginKind {
    /// The word in the Corefile.
    static let name = "pprof"
    private static let usage = "pprof [HOST:PORT]"
    private static let standardAddress = ListenAddress(host: "localhost", port: 6053)

    /// Checks the line and adds the sentence for the log.
    static func setUp(_ setup: inout Setup) {
        let line = setup.onlyDirective()
        for option in line.block ?? [] { check(option, &setup) }
        guard let address = setup.listenAddress(line, standard: standardAddress, usage: usage) else { return }
        setup.add(PprofNotice(address, Logger(plugin: name, sink: setup.logSink)))
    }

    private static func check(_ option: Directive, _ setup: inout Setup) {
        guard option.name.text == "block" else {
            return option.reportUnknownProperty(among: ["block"], &setup.diagnostics)
        }
        guard option.hasNoBlock(&setup.diagnostics),
            option.hasArguments(0...1, usage: "block [RATE]", &setup.diagnostics),
            let word = option.arguments.first
        else { return }
        _ = word.integer("block rate", in: 1...Int.max, &setup.diagnostics)
    }
}

/// Says at the start that there are no profiles.
final class PprofNotice: Starting {
    private let address: ListenAddress
    private let log: Logger

    init(_ address: ListenAddress, _ log: Logger) {
        self.address = address
        self.log = log
    }

    func start(_ context: StartContext) throws(StartError) {
        log.info(
            """
            nothing is served on \(address): profiles of Go's runtime do not exist here. Use `perf record -g -p PID` \
            for time, and the metrics process_* for memory and descriptors
            """)
    }
}
