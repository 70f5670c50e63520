import PluginKit
import Telemetry

/// Turns the debug lines on when the configuration is started, not when it is only checked.
final class DebugSwitch: Starting {
    private let logSink: LogSink

    init(_ logSink: LogSink) { self.logSink = logSink }

    func start(_ context: StartContext) { logSink.isDebugging = true }
}
