import Logging
import Locking
import Telemetry
import Testing

private let second: UInt64 = 1_000_000_000

@Suite("repeated lines")
struct RepeatLimiterTests {
    @Test("are written a few times in a window, then held back")
    func few() {
        var limiter = RepeatLimiter(linesMax: 2, windowSeconds: 60)
        let outcomes = (0..<4).map { limiter.admit("refused", now: UInt64($0) * second) }
        #expect(outcomes == [.write, .write, .suppress, .suppress])
        #expect(limiter.admit("other", now: 4 * second) == .write)
        #expect(limiter.takeSummaries(now: 59 * second) == [])
        #expect(limiter.nextSummary == 60 * second)
        #expect(texts(limiter.takeSummaries(now: 60 * second)) == ["refused 2"])
        #expect(limiter.takeSummaries(now: 61 * second) == [])
        #expect(limiter.admit("refused", now: 61 * second) == .write)
    }

    @Test("need no summary when nothing was held back")
    func nothing() {
        var limiter = RepeatLimiter(linesMax: 2, windowSeconds: 60)
        for _ in 0..<2 { #expect(limiter.admit("a", now: 0) == .write) }
        #expect(limiter.nextSummary == nil)
        #expect(limiter.takeSummaries(now: 100 * second) == [])
    }

    @Test("of too many kinds push out the oldest, whose summary is kept")
    func manyKinds() {
        var limiter = RepeatLimiter(linesMax: 1, windowSeconds: 60)
        #expect(limiter.admit("first", now: 0) == .write)
        #expect(limiter.admit("first", now: 1) == .suppress)
        for number in 0..<RepeatLimiter.keysMax { #expect(limiter.admit("\(number)", now: 2) == .write) }
        #expect(texts(limiter.takeSummaries(now: 3)) == ["first 1"])
    }

    private func texts(_ summaries: [RepeatLimiter.Summary]) -> [String] {
        summaries.map { "\($0.key) \($0.suppressed)" }
    }

    @Test("are logged with one line that counts the rest")
    func logger() {
        let clock = Clock()
        let text = logged { sink in
            let limited = LimitedLogger(Logger(plugin: "forward", sink: sink), linesMax: 1, now: { clock.read() })
            for number in 1...4 { limited.log(.error, key: "no route", "no route to host, attempt \(number)") }
            clock.time.withLock { $0 = 60 * second }
            limited.writeDueSummaries()
            limited.log(.error, key: "no route", "no route to host, attempt 5")
            limited.log(.warning, key: "no route", "no route to host, attempt 6")
            limited.flush()
        }
        #expect(
            text == """
                [ERROR] plugin/forward: no route to host, attempt 1
                [ERROR] plugin/forward: no route: … 3 more in the last 60s
                [ERROR] plugin/forward: no route to host, attempt 5
                [WARNING] plugin/forward: no route: … 1 more in the last 60s

                """)
    }

    @Test("are summed up by a timer when no further line comes")
    func timer() async throws {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.writer)
        let limited = LimitedLogger(Logger(server: sink), linesMax: 1, windowSeconds: 1)
        limited.log(.info, key: "k", "one")
        limited.log(.info, key: "k", "two")
        let expected = "[INFO] one\n[INFO] k: … 1 more in the last 1s\n"
        for _ in 0..<1200 where available(pipe.reader) < expected.utf8.count {
            try await Task.sleep(for: .milliseconds(50))
        }
        #expect(pipe.finish() == expected)
    }
}

private final class Clock: Sendable {
    let time = Lock<UInt64>(0)
    func read() -> UInt64 { time.withLock { $0 } }
}
