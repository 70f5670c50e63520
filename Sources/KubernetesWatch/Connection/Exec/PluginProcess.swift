import CLinux
import Dispatch
import EventLoop
import Glibc
import YAML

// Touched only on its queue.
/// One run of a credential plugin; it lives until the process has ended and was waited for. The queue is never kept
/// waiting.
final class PluginProcess: EventHandler, TimerHandler {
    enum Outcome: Hashable {
        /// What it printed.
        case succeeded([UInt8])
        case exited(status: Int32, lastLine: String)
        case signalled(Int32, lastLine: String)
        case tooSlow(lastLine: String)
        case printedTooMuch
    }

    private let child: ChildProcess
    private let loop: EventLoop
    private let output: OutputPipe
    private let errors: OutputPipe
    private let handle: (Outcome) -> Void
    private var end: WatchToken?
    private var isTooSlow = false

    /// Starts a plugin and tells, later, what came of it.
    static func run(
        _ plugin: ExecPlugin, queue: DispatchQueue, timeLimit: Duration,
        _ handle: @escaping (Outcome) -> Void
    ) throws(ChildProcess.StartFault) {
        guard let loop = EventLoop(queue: queue) else { throw .failed(doing: "making an epoll", code: errno) }
        let child = try ChildProcess.start([plugin.command] + plugin.arguments, environment: environment(of: plugin))
        PluginProcess(child, loop, handle).start(timeLimit)
    }

    private init(_ child: ChildProcess, _ loop: EventLoop, _ handle: @escaping (Outcome) -> Void) {
        self.child = child
        self.loop = loop
        self.handle = handle
        output = OutputPipe(child.output, limit: ConnectionLimits.pluginOutputBytes, .isFault, in: loop)
        errors = OutputPipe(child.errors, limit: ConnectionLimits.pluginErrorBytes, .keepsEnd, in: loop)
    }

    private func start(_ timeLimit: Duration) {
        // The loop holds the process by these until it is closed, and the process the loop.
        output.tell(self)
        errors.tell(self)
        end = loop.watch(child.end, for: .reading, self)
        loop.schedule(after: timeLimit.nanoseconds, self)
    }

    func onTimer(_ token: TimerToken) {
        isTooSlow = true
        child.terminate()
    }

    func onReady(_ readiness: Readiness) {
        let exit = child.waitWithoutBlocking()
        // What was written before the end is in the pipes.
        output.read()
        errors.read()
        guard let exit else {
            if output.hasOverflown { child.terminate() }
            return
        }
        output.close()
        errors.close()
        if let end { loop.unwatch(end) }
        Glibc.close(child.end)
        loop.close()
        handle(outcome(of: exit))
    }

    private func outcome(of exit: ChildProcess.Exit) -> Outcome {
        if output.hasOverflown { return .printedTooMuch }
        switch exit {
        case .status(0), .unknown: return .succeeded(output.bytes)
        case .signal where isTooSlow: return .tooSlow(lastLine: errors.lastLine)
        case .signal(let signal): return .signalled(signal, lastLine: errors.lastLine)
        case .status(let status): return .exited(status: status, lastLine: errors.lastLine)
        }
    }

    /// Our own environment, what the plugin's user asks for, and what the plugin must know.
    private static func environment(of plugin: ExecPlugin) -> [String] {
        var variables = plugin.environment
        variables["KUBERNETES_EXEC_INFO"] = information(for: plugin)
        var environment = variables.map { "\($0.key)=\($0.value)" }
        guard var next = clinux_environment() else { return environment }
        while let variable = next.pointee {
            let text = String(cString: variable)
            if variables[String(text.prefix { $0 != "=" })] == nil { environment.append(text) }
            next += 1
        }
        return environment
    }

    /// An ExecCredential that asks.
    private static func information(for plugin: ExecPlugin) -> String {
        var spec = [("interactive", "false")]
        if !plugin.clusterInfo.isEmpty { spec.insert(("cluster", plugin.clusterInfo), at: 0) }
        return JSONOutput.object([
            ("kind", JSONOutput.string("ExecCredential")), ("apiVersion", JSONOutput.string(plugin.apiVersion)),
            ("spec", JSONOutput.object(spec)),
        ])
    }
}

extension PluginProcess.Outcome {
    /// What follows the name of the plugin in a sentence.
    var words: String {
        switch self {
        case .succeeded: "succeeded"
        case .exited(let status, let line): "ended with exit status \(status)" + Self.saying(line)
        case .signalled(let signal, let line): "was ended by signal \(signal)" + Self.saying(line)
        case .tooSlow(let line):
            "did not end within \(ConnectionLimits.pluginSeconds) seconds and was ended" + Self.saying(line)
        case .printedTooMuch: "printed more than \(ConnectionLimits.pluginOutputBytes >> 10) KiB and was ended"
        }
    }

    private static func saying(_ line: String) -> String { line.isEmpty ? "" : ": \(line)" }
}
