import CLinux
import Corefile
import Dispatch
import Glibc
import Instance
import Locking
import Logging
import PluginKit
import Plugins
import Server
import Synchronization
import Telemetry
import Tools

/// The life of the server process: start, reload, drain, stop, as signals and the command line say.
///
/// Signals are heard on one queue, which never waits; the work that they cause is done on another, step by step.
final class ServerRun: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: `phase`, `isInterrupted` and `signals` are touched on `queue` only, `instance` on
    // `work` only; the rest is immutable, a lock or an atomic.
    private enum Phase { case starting, serving, ending }

    private let options: ClusterDNS
    private let queue = DispatchQueue(label: "clusterdns.signals")
    let work = DispatchQueue(label: "clusterdns.main")
    private let sink = LogSink.standardOutput
    let log: Logger
    private let shortages: LimitedLogger
    private let openFilesMax: Int
    private let metrics = MetricsRegistry(workers: DNSServer.defaultWorkerCount)
    private let lasting = SharedObjects()
    let source: Lock<CorefileSource>
    var instance: Instance?
    /// Set when the process is told to end.
    let isEnding = Atomic<Bool>(false)
    private let hasPidfile = Atomic<Bool>(false)
    private var phase = Phase.starting
    private var isInterrupted = false
    private var signals: [any DispatchSourceSignal] = []

    init(_ options: ClusterDNS) {
        self.options = options
        log = Logger(server: sink)
        shortages = LimitedLogger(log, linesMax: 2)
        openFilesMax = ProcessLimits.raiseOpenFiles()
        source = Lock(CorefileSource(options.conf))
    }

    /// Serves until a signal ends the process.
    func run() -> Never {
        ProcessLimits.shareOneHeap()
        queue.sync { watchSignals() }
        work.async { [self] in start() }
        // Not `dispatchMain`: it ends the main thread, which valgrind cannot follow.
        while true { pause() }
    }

    // MARK: Start

    private func start() {
        BuildInfo(version: Version.number, revision: "").register(in: metrics)
        ProcessMetrics.register(in: metrics)
        let configuration = firstConfiguration()
        do {
            let instance = try Instance(configuration)
            self.instance = instance
            writePidfile()
            queue.sync { phase = .serving }
            guard !options.quiet else { return }
            (instance.startLines + Version.lines).forEach { sink.write(line: $0) }
        } catch {
            fail([error.description])
        }
    }

    private func firstConfiguration() -> Configuration {
        do throws(CorefileSource.Failure) {
            let (text, file) = try readSource()
            let (configuration, diagnostics) = Configuration.load(text: text, file: file, setting)
            guard let configuration else { fail(diagnostics.rendered()) }
            diagnostics.rendered().forEach { Terminal.write($0, to: .error) }
            return configuration
        } catch {
            fail(["loading Corefile via flag: \(error.description)"])
        }
    }

    var setting: Configuration.Setting {
        var setting = Configuration.Setting(
            kinds: Registry.kinds, notBuilt: Registry.notBuilt, defaultPort: options.port,
            host: .current(version: Version.number), metrics: metrics, logSink: sink)
        setting.lasting = lasting
        // Clients over TCP leave room for upstreams, the API server and probes.
        setting.streams.connectionsMax = min(setting.streams.connectionsMax, openFilesMax / 2)
        setting.streams.onShortage = { [shortages, openFilesMax] error in
            let sentence = "cannot accept TCP connections: \(String(cString: strerror(error)))"
            shortages.log(.error, key: sentence, "\(sentence); the process may have \(openFilesMax) files open")
        }
        setting.keeper = self
        setting.host.endInError = { [self] in leave(1) }
        return setting
    }

    private func writePidfile() {
        guard let path = options.pidfile else { return }
        let text = "\(getpid())\n"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { fail(["cannot write pidfile \(path): \(String(cString: strerror(errno)))"]) }
        _ = text.withCString { write(descriptor, $0, strlen($0)) }
        close(descriptor)
        hasPidfile.store(true, ordering: .releasing)
    }

    private func fail(_ lines: [String]) -> Never {
        sink.flush()
        lines.forEach { Terminal.write($0, to: .error) }
        leave(1)
    }

    // MARK: Signals

    private func watchSignals() {
        block([SIGTERM, SIGINT, SIGQUIT, SIGUSR1])
        watch(SIGTERM) { $0.terminate() }
        watch(SIGINT) { $0.interrupt() }
        watch(SIGQUIT) { $0.quit() }
        watch(SIGUSR1) { $0.reload() }
        for ignored in [SIGHUP, SIGPIPE, SIGUSR2] { signal(ignored, SIG_IGN) }
    }

    /// What comes before Dispatch listens would be lost, or end the process. Blocked it waits, in this thread as in
    /// those that Dispatch makes.
    private func block(_ numbers: [Int32]) {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    private func watch(_ number: Int32, _ handler: @escaping @Sendable (ServerRun) -> Void) {
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        source.setEventHandler { [unowned self] in handler(self) }
        source.activate()
        signals.append(source)
    }

    private func terminate() {
        guard phase != .ending else { return }
        log.info("SIGTERM: Shutting down servers then terminating")
        end()
    }

    private func interrupt() {
        if isInterrupted {
            log.info("SIGINT: Force quit")
            leave(2)
        }
        isInterrupted = true
        log.info("SIGINT: Shutting down")
        if phase != .ending { end() }
    }

    private func quit() {
        log.info("SIGQUIT: Quitting process immediately")
        leave(0)
    }

    // MARK: Reload

    private func reload() {
        guard phase == .serving else { return }
        log.info("SIGUSR1: Reloading")
        reload { [log] outcome in
            switch outcome {
            case .done, .failed: break
            case .unreadable(let reason): log.error("SIGUSR1: \(reason)")
            case .notYet: log.error("SIGUSR1: may be sent again; the plugin reload tries by itself")
            }
        }
    }

    // MARK: End

    /// Goes on answering until nobody asks any more, or for as long as the plan has it; then ends the process.
    private func end() {
        // Nothing answers yet and nobody waits for the start, which may take seconds.
        if phase == .starting { leave(0) }
        phase = .ending
        isEnding.store(true, ordering: .releasing)
        work.async { [self] in
            guard let instance else { leave(0) }
            finish(instance, instance.drain(), since: MonotonicClock.nowNanoseconds())
        }
    }

    private func finish(_ instance: Instance, _ plan: DrainPlan, since start: UInt64) {
        let now = MonotonicClock.nowNanoseconds()
        if plan.isOver(now: now, since: start, instance.activity) {
            instance.stop()
            leave(0)
        }
        if plan.isKnown(now: now, since: start) { instance.drainConnections() }
        work.asyncAfter(deadline: .now() + .milliseconds(DrainPlan.lookMilliseconds)) { [self] in
            finish(instance, plan, since: start)
        }
    }

    /// Ends the process now.
    private func leave(_ code: Int32) -> Never {
        if hasPidfile.load(ordering: .acquiring), let path = options.pidfile { unlink(path) }
        sink.flush()
        exit(code)
    }
}

/// What the system allows this process.
enum ProcessLimits {
    /// Takes as many descriptors as are allowed: the number that programs start with stems from `select`, which
    /// nothing here uses, and would bound the TCP connections. Returns how many these are.
    static func raiseOpenFiles() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return Int.max }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_max)
    }

    /// Lets all threads allocate from one heap. A queue's work wanders from thread to thread; were each to have a heap
    /// of its own, what one update frees would be of no use to the next, which runs on another thread. Queries do not
    /// allocate, so nobody waits for the heap. Before there are other threads.
    static func shareOneHeap() { mallopt(M_ARENA_MAX, 1) }

    /// Takes the right to bind port 53 where the program may have it. Capabilities belong to threads, which hand them
    /// down: before there are other threads.
    static func raiseBindCapability() { clinux_raise_bind_capability() }
}
