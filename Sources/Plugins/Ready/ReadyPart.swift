import AdminHTTP
import Logging
import PluginKit
import Locking
import Telemetry

/// Answers `/ready`.
final class ReadyPart: Sendable {
    /// Log lines about plugins that are not ready, a minute; whoever can reach the port must not fill the log.
    private static let linesMax = 60

    private struct State {
        var reporters: [any ReadinessReporting] = []
        /// Whether the sockets are open: plugins start before them.
        var isServing = false
        var isShuttingDown = false
    }

    private let path: MountedPath
    private let monitor: Monitor
    private let log: LimitedLogger
    private let state = Lock(State())

    init(_ path: MountedPath, _ monitor: Monitor, sink: LogSink) {
        self.path = path
        self.monitor = monitor
        log = LimitedLogger(Logger(plugin: ReadyKind.name, sink: sink), linesMax: Self.linesMax)
    }

    /// Where readiness is told; nil while it is not.
    var listening: ListenAddress? { path.listening }

    private enum Readiness {
        case ready
        case starting
        case waiting(names: [String])
        case shuttingDown
    }

    private func answer() -> HTTPResponse {
        switch readiness() {
        case .ready:
            return HTTPResponse(text: "OK")
        case .starting:
            return HTTPResponse(status: 503, text: "Starting")
        case .shuttingDown:
            return HTTPResponse(status: 503, text: "Shutting down")
        case .waiting(let names):
            let list = names.joined(separator: ",")
            log.log(.info, key: "Plugins not ready", "Plugins not ready: \"\(list)\"")
            return HTTPResponse(status: 503, text: list)
        }
    }

    private func readiness() -> Readiness {
        state.withLock { state in
            if state.isShuttingDown { return .shuttingDown }
            let waiting = state.reporters.filter { !$0.isReady }
            if monitor == .untilReady { state.reporters = waiting }
            if !waiting.isEmpty { return .waiting(names: Set(waiting.map(\.readinessName)).sorted()) }
            return state.isServing ? .ready : .starting
        }
    }
}

extension ReadyPart: Starting, Serving, Draining, Stopping {
    func start(_ context: StartContext) throws(StartError) {
        state.withLock { state in
            state.reporters = context.readiness
            // At a reload the sockets are there already.
            state.isServing = context.reload != nil
        }
        try path.start { [self] _ in answer() }
    }

    func serving(_ context: StartContext) { state.withLock { $0.isServing = true } }

    /// From now on no new queries should come here.
    func drain() -> Duration {
        state.withLock { $0.isShuttingDown = true }
        return .zero
    }

    func stop() {
        path.stop()
        log.flush()
    }
}
