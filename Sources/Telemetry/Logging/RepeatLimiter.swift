/// Decides which of many equal log lines are written: a few in each window, then one line that counts the rest.
///
/// A value without a clock: the time comes with each event.
public struct RepeatLimiter: Sendable {
    /// What becomes of a line.
    public enum Outcome: Equatable, Sendable {
        case write
        case suppress
    }

    /// Lines that were held back in a window that is over.
    public struct Summary: Equatable, Sendable {
        /// What the lines had in common.
        public let key: String
        /// How many were held back.
        public let suppressed: Int
    }

    /// Keys watched at a time. When one more comes, the longest known is forgotten, after its summary.
    public static let keysMax = 256

    /// Lines of one key written in a window.
    public let linesMax: Int
    /// Length of the window.
    public let windowNanoseconds: UInt64

    private struct Window {
        let start: UInt64
        var lines: Int
    }

    private var windows: [String: Window] = [:]
    private var forgotten: [Summary] = []

    /// At most `linesMax` equal lines every `windowSeconds`.
    public init(linesMax: Int = 5, windowSeconds: Int = 60) {
        self.linesMax = linesMax
        windowNanoseconds = UInt64(windowSeconds) * 1_000_000_000
    }

    /// Counts a line of `key` and decides about it. Call `takeSummaries` first, so that the old window's comes before.
    public mutating func admit(_ key: String, now: UInt64) -> Outcome {
        if let window = windows[key], now &- window.start >= windowNanoseconds { close(key, window) }
        if windows[key] == nil, windows.count == Self.keysMax { closeOldest() }
        windows[key, default: Window(start: now, lines: 0)].lines += 1
        return windows[key, default: Window(start: now, lines: 0)].lines <= linesMax ? .write : .suppress
    }

    /// What was held back in the windows that are over, sorted by key.
    public mutating func takeSummaries(now: UInt64) -> [Summary] {
        for (key, window) in windows where now &- window.start >= windowNanoseconds { close(key, window) }
        return takeForgotten()
    }

    /// What was held back so far, for the end of the process; sorted by key.
    public mutating func takeAllSummaries() -> [Summary] {
        for (key, window) in windows { close(key, window) }
        return takeForgotten()
    }

    /// When the first window that held something back is over.
    public var nextSummary: UInt64? {
        windows.values.lazy.filter { $0.lines > linesMax }.map { $0.start &+ windowNanoseconds }.min()
    }

    private mutating func closeOldest() {
        guard let (key, window) = windows.min(by: { $0.value.start < $1.value.start }) else { return }
        close(key, window)
    }

    private mutating func close(_ key: String, _ window: Window) {
        windows[key] = nil
        if window.lines > linesMax { forgotten.append(Summary(key: key, suppressed: window.lines - linesMax)) }
    }

    private mutating func takeForgotten() -> [Summary] {
        defer { forgotten = [] }
        return forgotten.sorted { $0.key < $1.key }
    }
}
