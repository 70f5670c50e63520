import CLinux
import Glibc

/// A server of the system that a test uses. It ends when it is stopped or let go, and when the test process ends in
/// whatever way.
final class BackgroundTool {
    private static let endPatience = Duration.seconds(30)

    private let process: Spawned
    /// The server lives as long as this end of a pipe is open.
    private var lifeline: Int32

    /// Starts it with what it writes going to the file `output`; `signal` is what ends it.
    init(_ name: String, _ arguments: [String], in directory: TemporaryDirectory, endedBy signal: Int32) throws {
        guard let shell = Tool("sh"), let tool = Tool(name) else {
            throw ClientError(reason: "\(name) is not installed")
        }
        var ends: [Int32] = [0, 0]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw ClientError("pipe2") }
        defer { close(ends[0]) }
        // The shell ends the server when the pipe closes, which it does however this process ends.
        let script = "\"$0\" \"$@\" </dev/null & read line; kill -\(signal) $!; wait"
        do {
            process = try shell.start(["-c", script, tool.path] + arguments, in: directory, input: .same(ends[0]))
        } catch {
            close(ends[1])
            throw error
        }
        lifeline = ends[1]
    }

    deinit { stop() }

    /// Ends it, and its connections.
    func stop() {
        guard lifeline >= 0 else { return }
        close(lifeline)
        lifeline = -1
        _ = process.wait(within: Self.endPatience)
    }
}
