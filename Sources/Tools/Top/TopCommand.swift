import ArgumentParser
import Glibc

/// `clusterdns top`: what a running server is busy with.
struct TopCommand: ParsableCommand {
    private static let nobodyExitCode: Int32 = 1
    private static let secondsRange = 0.2...3_600.0
    private static let serversMax = 64
    /// Of output that goes to no terminal.
    private static let plainWidth = 100

    static let configuration = CommandConfiguration(
        commandName: "top", _superCommandName: "clusterdns",
        abstract: "Show what a running server is busy with, live in the terminal.",
        discussion: """
            Queries a second and their types, response codes, time taken, the cache,
            upstreams, the names and clients seen most: from /metrics and /debug/top of
            servers with 'prometheus' in their Corefile. Several servers are shown as one.
            CoreDNS is understood too, but has no /debug/top.

            The key q quits. A server that does not answer is tried again. Without a
            terminal, and with --once, one sample is printed: what happens within one
            interval.

            Names and clients are estimates: one of 64 queries is looked at.

            A server in a cluster is reached by
              kubectl -n kube-system port-forward deployment/coredns 9153

            Exit codes: 0 it was ended, or a sample was printed; 1 no server answers, with
            --once or --json; 2 a wrong command line.
            """)

    @Argument(
        help: ArgumentHelp(
            "Where a server has its metrics: a host, host:port or URL. Port 9153 otherwise.", valueName: "address"))
    var addresses: [String] = [MetricsAddress.standard]

    @Option(name: .customLong("interval"), help: ArgumentHelp("Seconds between samples.", valueName: "seconds"))
    var seconds = 1.0

    @Flag(name: .customLong("once"), help: "Print one sample, and exit.")
    var isOnce = false

    @Flag(name: .customLong("json"), help: "Print one sample as JSON, and exit.")
    var isJSON = false

    func validate() throws {
        guard Self.secondsRange.contains(seconds) else {
            throw ValidationError("--interval is between 0.2 and 3600 seconds, not \(seconds)")
        }
        guard addresses.count <= Self.serversMax else {
            throw ValidationError("at most \(Self.serversMax) servers at a time, not \(addresses.count)")
        }
        do {
            _ = try addresses.map { try MetricsAddress($0) }
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() throws {
        var seen: Set<MetricsAddress> = []
        let servers = try addresses.map { try MetricsAddress($0) }.filter { seen.insert($0).inserted }
        let milliseconds = Int(seconds * 1_000)
        guard isOnce || isJSON || !TerminalWindow.isInteractive else {
            let code = LiveTop(servers, milliseconds: milliseconds).run()
            if code != 0 { throw ExitCode(code) }
            return
        }
        let watch = TopSample.take(servers, milliseconds: milliseconds)
        if isJSON {
            Terminal.write(TopJSON.value(watch).text)
        } else {
            let width = isatty(STDOUT_FILENO) == 1 ? TerminalWindow.size.width : Self.plainWidth
            let screen = TopScreen(
                rates: watch.rates, servers: watch.servers, now: Double(time(nil)), width: width, height: nil)
            screen.lines.forEach { Terminal.write($0.text) }
        }
        if watch.rates == nil { throw ExitCode(Self.nobodyExitCode) }
    }
}
