import Glibc
import Corefile
import Dispatch
import Instance
import Logging
import PluginKit
import Plugins
import Server
import Telemetry

/// The life of the server process: configuration, start, signals, end.
final class ServerRun: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: mutable state is touched on `queue` only.
    private let options: ClusterDNS
    private let queue = DispatchQueue(label: "clusterdns.main")
    private let sink = LogSink.standardOutput
    private let log: Logger
    private var instance: Instance?
    private var signals: [any DispatchSourceSignal] = []
    private var isInterrupted = false
    private var isTerminating = false

    init(_ options: ClusterDNS) {
        self.options = options
        log = Logger(server: sink)
    }

    /// Serves until a signal ends the process.
    func run() -> Never {
        queue.async { [self] in
            watchSignals()
            start()
        }
        // Not `dispatchMain`: it ends the main thread, which valgrind cannot follow.
        while true { pause() }
    }

    // MARK: Start

    private func start() {
        let configuration = configure()
        writePidfile()
        do {
            let instance = try Instance(configuration)
            self.instance = instance
            guard !options.quiet else { return }
            (instance.startLines + Version.lines).forEach { Terminal.write($0) }
        } catch {
            fail([error.description])
        }
    }

    private func configure() -> Configuration {
        let (text, file) = corefile()
        let metrics = MetricsRegistry(workers: DNSServer.defaultWorkerCount)
        BuildInfo(version: Version.number, revision: "").register(in: metrics)
        ProcessMetrics.register(in: metrics)
        let setting = Configuration.Setting(
            kinds: Registry.kinds, notBuilt: Registry.notBuilt, defaultPort: options.port,
            host: .current(version: Version.number), metrics: metrics, logSink: sink)
        let (configuration, diagnostics) = Configuration.load(text: text, file: file, setting)
        guard let configuration else { fail(diagnostics.rendered()) }
        diagnostics.rendered().forEach { Terminal.write($0, to: .error) }
        return configuration
    }

    /// The text to serve and the name that messages give it.
    private func corefile() -> (text: String, file: String) {
        if options.conf == "stdin" { return (readStandardInput(), "stdin") }
        let path = options.conf ?? "Corefile"
        do {
            return (String(decoding: try DiskFiles().read(path), as: UTF8.self), path)
        } catch {
            if options.conf == nil, error == .notFound { return ("", path) }
            fail(["loading Corefile via flag: open \(path): \(error)"])
        }
    }

    private func readStandardInput() -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < Self.standardInputMax {
            let count = buffer.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Longest Corefile on standard input, in bytes.
    private static let standardInputMax = 16 << 20

    private func writePidfile() {
        guard let path = options.pidfile else { return }
        let text = "\(getpid())\n"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { fail(["cannot write pidfile \(path): \(String(cString: strerror(errno)))"]) }
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
        close(descriptor)
    }

    private func fail(_ lines: [String]) -> Never {
        sink.flush()
        lines.forEach { Terminal.write($0, to: .error) }
        exit(1)
    }

    // MARK: Signals

    private func watchSignals() {
        watch(SIGTERM) { $0.terminate() }
        watch(SIGINT) { $0.interrupt() }
        watch(SIGQUIT) { $0.quit() }
        for ignored in [SIGHUP, SIGPIPE, SIGUSR2] { signal(ignored, SIG_IGN) }
        watch(SIGUSR1) { $0.log.warning("SIGUSR1: this version cannot reload; restart it to change its configuration") }
    }

    private func watch(_ number: Int32, _ handler: @escaping @Sendable (ServerRun) -> Void) {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { [unowned self] in handler(self) }
        source.activate()
        signals.append(source)
    }

    private func terminate() {
        guard !isTerminating else { return }
        isTerminating = true
        log.info("SIGTERM: Shutting down servers then terminating")
        end()
    }

    private func interrupt() {
        if isInterrupted {
            log.info("SIGINT: Force quit")
            sink.flush()
            exit(2)
        }
        isInterrupted = true
        log.info("SIGINT: Shutting down")
        end()
    }

    private func quit() {
        log.info("SIGQUIT: Quitting process immediately")
        sink.flush()
        exit(0)
    }

    /// Goes on answering for as long as a plugin wants (`health` calls it lameduck), then ends the process.
    private func end() {
        let grace = instance?.drain() ?? .zero
        let (seconds, attoseconds) = grace.components
        let nanoseconds = Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
        queue.asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [self] in
            instance?.stop()
            if let path = options.pidfile { unlink(path) }
            sink.flush()
            exit(0)
        }
    }
}
