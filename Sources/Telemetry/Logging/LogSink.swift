import Dispatch
import Glibc
import Locking
import Synchronization

/// The one way to standard output: whole lines, in order, written by a queue of its own.
///
/// Who logs never waits for the reader of the output. What does not fit into the bounded buffer is counted, and the
/// count is reported as a line of its own as soon as there is room.
public final class LogSink: Sendable {
    /// The sink of this process.
    public static let standardOutput = LogSink(descriptor: STDOUT_FILENO)

    /// Bytes that may wait for the writer; as many again can be in its hands.
    public static let pendingBytesMax = 1 << 20
    /// Capacity that a buffer keeps after a burst.
    private static let keptBytes = 64 << 10

    private struct State {
        var pending: [UInt8] = []
        var lostLines = 0
        var isWriterScheduled = false
    }

    private let descriptor: Int32
    private let writer = DispatchQueue(label: "log")
    private let state = Lock(State())
    private let lostInAll = Atomic<Int>(0)
    private let debugging = Atomic<Bool>(false)

    /// A sink that writes to an open descriptor, which must stay open as long as the sink is used.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Whether `[DEBUG]` lines are written; the `debug` plugin switches them on.
    public var isDebugging: Bool {
        get { debugging.load(ordering: .relaxed) }
        set { debugging.store(newValue, ordering: .relaxed) }
    }

    /// Lines lost since the start, because the reader was slow or the output closed.
    public var lostLines: Int { lostInAll.load(ordering: .relaxed) }

    /// Queues one line; the line end is added.
    public func write(line: String) {
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        bytes.withUnsafeBytes { write(block: $0, lines: 1) }
    }

    /// Queues `lines` whole lines, all of them or none.
    public func write(block: UnsafeRawBufferPointer, lines: Int) {
        state.withLock { state in
            if state.pending.count + block.count > Self.pendingBytesMax {
                state.lostLines += lines
            } else {
                state.pending.append(contentsOf: block)
            }
            guard !state.isWriterScheduled else { return }
            state.isWriterScheduled = true
            writer.async { self.drain() }
        }
    }

    /// Waits until everything queued before is written, at most `milliseconds`; tells whether it was.
    @discardableResult
    public func flush(withinMilliseconds milliseconds: Int = 1000) -> Bool {
        let written = DispatchSemaphore(value: 0)
        writer.async { written.signal() }
        return written.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
    }

    private func drain() {
        dispatchPrecondition(condition: .onQueue(writer))
        while let (bytes, lost) = take() {
            if !write(all: bytes) { lostInAll.add(Self.countLines(bytes), ordering: .relaxed) }
            guard lost > 0 else { continue }
            lostInAll.add(lost, ordering: .relaxed)
            write(all: Array("[WARNING] \(lost) log lines lost: the output is read too slowly\n".utf8))
        }
    }

    private func take() -> (bytes: [UInt8], lost: Int)? {
        state.withLock { state in
            guard !state.pending.isEmpty || state.lostLines > 0 else {
                state.isWriterScheduled = false
                return nil
            }
            var bytes: [UInt8] = []
            bytes.reserveCapacity(min(state.pending.count, Self.keptBytes))
            swap(&bytes, &state.pending)
            defer { state.lostLines = 0 }
            return (bytes, state.lostLines)
        }
    }

    /// Writes everything, or gives up when the output is gone.
    @discardableResult
    private func write(all bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done)
                if count >= 0 {
                    done += count
                } else if errno == EAGAIN {
                    var poller = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                    _ = poll(&poller, 1, -1)
                } else if errno != EINTR {
                    return false
                }
            }
            return true
        }
    }

    private static func countLines(_ bytes: [UInt8]) -> Int {
        bytes.reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
    }
}
