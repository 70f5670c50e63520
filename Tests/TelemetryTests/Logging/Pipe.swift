import Glibc
import Telemetry

/// A pipe that stands for standard output: what was written can be read back.
struct Pipe {
    let reader: Int32
    let writer: Int32

    init() {
        var ends: [Int32] = [0, 0]
        let result = pipe(&ends)
        precondition(result == 0)
        (reader, writer) = (ends[0], ends[1])
    }

    /// Closes the writing end and returns everything that was written.
    func finish() -> String {
        close(writer)
        return readToEnd()
    }

    /// Reads until every writing end is closed.
    func readToEnd() -> String {
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        for _ in 0..<100_000 {
            let count = read(reader, &chunk, chunk.count)
            guard count > 0 else { break }
            text += chunk[..<count]
        }
        close(reader)
        return String(decoding: text, as: UTF8.self)
    }
}

/// The text that `body` logs to a sink of its own.
func logged(_ body: (LogSink) -> Void) -> String {
    let pipe = Pipe()
    let sink = LogSink(descriptor: pipe.writer)
    body(sink)
    sink.flush(withinMilliseconds: 60_000)
    return pipe.finish()
}

/// Bytes that wait to be read.
func available(_ descriptor: Int32) -> Int {
    var count: Int32 = 0
    _ = ioctl(descriptor, UInt(FIONREAD), &count)
    return Int(count)
}
