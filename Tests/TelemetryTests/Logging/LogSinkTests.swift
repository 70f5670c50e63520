import Dispatch
import Glibc
import Locking
import Telemetry
import Testing

@Suite("log sink")
struct LogSinkTests {
    @Test("writes lines in the order in which they came")
    func order() {
        let text = logged { sink in for number in 0..<1000 { sink.write(line: "line \(number)") } }
        #expect(text == (0..<1000).map { "line \($0)\n" }.joined())
    }

    @Test("never mixes the lines of threads")
    func threads() {
        let text = logged { sink in
            DispatchQueue.concurrentPerform(iterations: 4) { thread in
                for number in 0..<500 { sink.write(line: "\(thread) \(number) end") }
            }
        }
        let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.count == 2000)
        for thread in 0..<4 {
            let own = lines.filter { $0.first == "\(thread)" && $0.last == "end" }
            #expect(own.map { Int($0[1]) } == Array(0..<500))
        }
    }

    @Test("does not wait for a slow reader, counts what is lost and reports it when there is room")
    func slowReader() {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.writer)
        let line = String(repeating: "x", count: 1023)
        // More than a pipe, the writer's hands and the buffer can hold, with nobody reading.
        let lines = 3 * LogSink.pendingBytesMax / 1024
        for _ in 0..<lines { sink.write(line: line) }
        #expect(!sink.flush(withinMilliseconds: 10))

        let reading = DispatchQueue(label: "reader")
        let result = Result()
        reading.async { result.text.withLock { $0 = pipe.readToEnd() } }
        #expect(sink.flush(withinMilliseconds: 60_000))
        sink.write(line: "after")
        #expect(sink.flush(withinMilliseconds: 60_000))
        close(pipe.writer)
        reading.sync {}

        let written = result.text.withLock { $0 }.split(separator: "\n")
        let whole = written.filter { $0 == line }.count
        #expect(sink.lostLines == lines - whole)
        #expect(sink.lostLines > 0)
        // The writer may report in parts, each when it comes around.
        let reports = written.compactMap { $0.wholeMatch(of: #/\[WARNING\] (\d+) log lines lost: .*/#)?.1 }
        #expect(reports.compactMap { Int($0) }.reduce(0, +) == sink.lostLines)
        #expect(written.last == "after")
        #expect(written.count == whole + reports.count + 1)
    }

    @Test("counts lines as lost when the output is gone, and goes on")
    func closedOutput() {
        signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        close(pipe.reader)
        let sink = LogSink(descriptor: pipe.writer)
        sink.write(line: "one")
        sink.write(line: "two")
        #expect(sink.flush(withinMilliseconds: 60_000))
        #expect(sink.lostLines == 2)
        close(pipe.writer)
    }
}

/// Text that one queue leaves for another.
private final class Result: Sendable {
    let text = Lock("")
}
