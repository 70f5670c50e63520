import Dispatch
public import Logging
import Locking

/// A logger whose equal lines are limited: after a few in a minute, one line counts the rest.
public final class LimitedLogger: Sendable {
    private struct State {
        var limiter: RepeatLimiter
        var levels: [String: Logger.Level] = [:]
        var isTimerArmed = false
    }

    private let logger: Logger
    private let windowSeconds: Int
    private let now: @Sendable () -> UInt64
    private let queue = DispatchQueue(label: "log.summaries")
    private let state: Lock<State>

    /// Wraps `logger`: at most `linesMax` lines of one key every `windowSeconds`, measured by `now` in nanoseconds.
    public init(
        _ logger: Logger, linesMax: Int = 5, windowSeconds: Int = 60,
        now: @escaping @Sendable () -> UInt64 = MonotonicClock.nowNanoseconds
    ) {
        self.logger = logger
        self.windowSeconds = windowSeconds
        self.now = now
        state = Lock(State(limiter: RepeatLimiter(linesMax: linesMax, windowSeconds: windowSeconds)))
    }

    /// Logs `text` unless too many lines of `key` came before; the summary is `KEY: … N more in the last 60s`.
    public func log(_ level: Logger.Level, key: String, _ text: @autoclosure () -> String) {
        let (summaries, outcome) = state.withLock { state in
            let time = now()
            let summaries = takeSummaries(&state, state.limiter.takeSummaries(now: time))
            let outcome = state.limiter.admit(key, now: time)
            if outcome == .suppress {
                state.levels[key] = level
                armTimer(&state, time)
            }
            return (summaries, outcome)
        }
        write(summaries)
        if outcome == .write { logger.log(level: level, "\(text())") }
    }

    /// Writes the summaries of the windows that are over.
    public func writeDueSummaries() {
        write(
            state.withLock { state in
                let time = now()
                state.isTimerArmed = false
                let summaries = takeSummaries(&state, state.limiter.takeSummaries(now: time))
                armTimer(&state, time)
                return summaries
            })
    }

    /// Writes what was held back so far; for the end of the process.
    public func flush() {
        write(state.withLock { state in takeSummaries(&state, state.limiter.takeAllSummaries()) })
    }

    private func armTimer(_ state: inout State, _ time: UInt64) {
        guard !state.isTimerArmed, let next = state.limiter.nextSummary else { return }
        state.isTimerArmed = true
        let wait = Int(next > time ? next - time : 0)
        queue.asyncAfter(deadline: .now() + .nanoseconds(wait)) { [weak self] in self?.writeDueSummaries() }
    }

    private func takeSummaries(
        _ state: inout State, _ summaries: [RepeatLimiter.Summary]
    ) -> [(RepeatLimiter.Summary, Logger.Level)] {
        summaries.map { ($0, state.levels.removeValue(forKey: $0.key) ?? .info) }
    }

    private func write(_ summaries: [(RepeatLimiter.Summary, Logger.Level)]) {
        for (summary, level) in summaries {
            logger.log(level: level, "\(summary.key): … \(summary.suppressed) more in the last \(windowSeconds)s")
        }
    }
}
