import Telemetry
import Testing

@Suite("query log buffer")
struct LineBufferTests {
    @Test("builds a line from its parts")
    func parts() {
        let text = logged { sink in
            let log = QueryLog(workers: 2, sink: sink)
            let line = log[WorkerSlot(1)]
            line.append("[INFO] 127.0.0.1:" as StaticString)
            line.append(number: 58821)
            line.append(" - ")
            line.append(number: 0)
            line.append(byte: UInt8(ascii: " "))
            line.append(secondsFromNanoseconds: 550_701)
            line.endLine()
            log.flush()
        }
        #expect(text == "[INFO] 127.0.0.1:58821 - 0 0.000550701s\n")
    }

    @Test(
        "writes durations as the shortest decimal of seconds",
        arguments: [
            (0 as UInt64, "0s"), (1, "0.000000001s"), (550_701, "0.000550701s"), (1_000_000, "0.001s"),
            (1_500_000_000, "1.5s"), (2_000_000_000, "2s"), (61_000_000_010, "61.00000001s"),
            (UInt64.max, "18446744073.709551615s"),
        ])
    func durations(nanoseconds: UInt64, text: String) {
        let written = logged { sink in
            let log = QueryLog(workers: 1, sink: sink)
            let line = log[WorkerSlot(0)]
            line.append(secondsFromNanoseconds: nanoseconds)
            line.endLine()
            log.flush()
        }
        #expect(written == text + "\n")
    }

    @Test("keeps lines until a block is full or the worker goes idle")
    func blocks() {
        let pipe = Pipe()
        let sink = LogSink(descriptor: pipe.writer)
        let log = QueryLog(workers: 1, sink: sink)
        let line = log[WorkerSlot(0)]
        let text = String(repeating: "z", count: 999)
        for _ in 0..<40 {
            line.append(text)
            line.endLine()
        }
        sink.flush()
        // 33 lines of 1000 bytes are the first that make a block.
        #expect(available(pipe.reader) == 33_000)
        line.flush()
        log.flush()
        sink.flush()
        #expect(pipe.finish().utf8.count == 40_000)
    }

    @Test("cuts a line at the limit and starts the next one whole")
    func longLine() {
        let text = logged { sink in
            let log = QueryLog(workers: 1, sink: sink)
            let line = log[WorkerSlot(0)]
            for _ in 0..<5 {
                for _ in 0..<3000 { line.append("12345") }
                line.append(number: 77)
                line.append(byte: 88)
                line.endLine()
            }
            line.append("next")
            line.endLine()
            log.flush()
        }
        let lines = text.split(separator: "\n")
        #expect(lines.count == 6)
        #expect(lines.dropLast().allSatisfy { $0.utf8.count == LineBuffer.lineBytesMax })
        #expect(lines.last == "next")
    }
}
