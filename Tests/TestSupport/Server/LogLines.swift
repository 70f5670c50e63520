import CLinux
import Glibc
public import Telemetry

/// A log sink whose lines a test reads back.
public final class LogLines: Sendable {
    /// What the server logs to.
    public let sink: LogSink
    private let reader: Int32
    private let writer: Int32

    /// A pipe with the sink at one end.
    public init() {
        // As the program does: a line may come when nobody reads any more.
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [0, 0]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { preconditionFailure("no pipe") }
        (reader, writer) = (ends[0], ends[1])
        _ = fcntl(reader, F_SETFL, O_NONBLOCK)
        sink = LogSink(descriptor: writer)
    }

    /// Lines that still wait are written before the descriptor is somebody else's, to nobody if there are too many.
    deinit {
        sink.flush()
        close(reader)
        sink.flush()
        close(writer)
    }

    /// The lines logged since the last call.
    public func take() -> [String] {
        sink.flush()
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(reader, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
