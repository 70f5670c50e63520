import CLinux
import Dispatch
import Glibc

/// The lines of standard input, until it ends or SIGTERM or SIGINT comes, so that everything can be closed in order.
final class CommandInput {
    private static let lineBytesMax = 64 << 10

    private var received: [UInt8] = []
    private var signals: [any DispatchSourceSignal] = []
    /// A pipe that has something to read once a signal has come.
    private var (signalled, signalling): (Int32, Int32)

    init() {
        var ends: [Int32] = [0, 0]
        let result = pipe2(&ends, O_CLOEXEC)
        precondition(result == 0, "pipe2 failed with \(errno)")
        (signalled, signalling) = (ends[0], ends[1])
        for number in [SIGTERM, SIGINT] { listen(to: number) }
    }

    private func listen(to number: Int32) {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { [signalling] in
            var byte: UInt8 = 0
            _ = write(signalling, &byte, 1)
        }
        source.resume()
        signals.append(source)
    }

    /// The next line in words; nil at the end.
    func next() -> [String]? {
        while received.count <= Self.lineBytesMax {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: received[..<end], as: UTF8.self)
                received.removeFirst(end + 1)
                return line.split(separator: " ").map(String.init)
            }
            guard readMore() else { return nil }
        }
        return nil
    }

    private func readMore() -> Bool {
        var waiting = [
            pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
            pollfd(fd: signalled, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&waiting, 2, -1) < 0 { if errno != EINTR { return false } }
        guard waiting[1].revents == 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = read(STDIN_FILENO, &buffer, buffer.count)
        if count > 0 { received += buffer[..<count] }
        return count > 0
    }
}
