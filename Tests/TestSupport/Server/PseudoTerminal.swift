import Glibc

/// A program in a terminal of its own, as somebody sees it who sits in front of it. Ends when it is let go.
public final class PseudoTerminal {
    private static let stepMilliseconds: Int32 = 50
    /// TIOCSPTLCK and TIOCGPTN, which Swift does not see (ioctl_tty(2)).
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    private let descriptor: Int32
    private let process: Spawned
    private var hasEnded = false
    /// Everything that was shown so far, as it came.
    public private(set) var shown = ""

    /// Starts the executable beside this test bundle in a terminal of so many columns and rows.
    public init(_ arguments: [String], columns: UInt16 = 80, rows: UInt16 = 24) throws {
        descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number): (Int32, Int32) = (0, 0)
        guard descriptor >= 0, ioctl(descriptor, Self.setLock, &lock) == 0,
            ioctl(descriptor, Self.getNumber, &number) == 0
        else { throw ClientError("/dev/ptmx") }
        let name = "/dev/pts/\(number)"
        PseudoTerminal.resize(descriptor, columns, rows)
        // The first terminal that a session opens is its own.
        process = try Spawned(
            Program.path, arguments, input: .both(name), output: .same(0), errors: .same(0), ownSession: true)
    }

    deinit {
        if !hasEnded { process.end() }
        close(descriptor)
    }

    private static func resize(_ descriptor: Int32, _ columns: UInt16, _ rows: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
    }

    /// Makes the window another size, which the program is told.
    public func resize(columns: UInt16, rows: UInt16) { PseudoTerminal.resize(descriptor, columns, rows) }

    /// Types keys.
    public func type(_ keys: String) {
        var keys = keys
        keys.withUTF8 { _ = write(descriptor, $0.baseAddress, $0.count) }
    }

    /// Sends a signal.
    public func send(_ signal: Int32) { kill(process.pid, signal) }

    /// Waits until something was shown since the last call that found something; false if it does not come in time.
    public func waitFor(_ text: String, within timeout: Duration = .seconds(20)) -> Bool {
        let end = ContinuousClock.now + timeout
        while ContinuousClock.now < end {
            if let range = shown[seen...].firstRange(of: text) {
                seen = range.upperBound
                return true
            }
            read()
        }
        return false
    }

    private lazy var seen = shown.startIndex

    private func read() {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&waited, 1, Self.stepMilliseconds) > 0 else { return }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        // Without a program at the other end reading fails, at once.
        guard count > 0 else { return _ = usleep(UInt32(Self.stepMilliseconds) * 1_000) }
        let position = shown.utf8.distance(from: shown.startIndex, to: seen)
        shown += String(decoding: bytes[..<count], as: UTF8.self)
        seen = shown.utf8.index(shown.startIndex, offsetBy: position)
    }

    /// Whether typed keys are shown, and come a line at a time: how a shell wants its terminal.
    public var isCooked: Bool {
        var mode = termios()
        guard tcgetattr(descriptor, &mode) == 0 else { return false }
        return mode.c_lflag & tcflag_t(ICANON | ECHO) == tcflag_t(ICANON | ECHO)
    }

    /// Waits for the end: the exit code, minus the number of the signal that ended it, or nil if it does not end.
    public func finish(within timeout: Duration = .seconds(20)) -> Int32? {
        let end = ContinuousClock.now + timeout
        while ContinuousClock.now < end {
            if let code = process.exitCode() {
                hasEnded = true
                read()
                return code
            }
            // What nobody reads would hold the program up.
            read()
        }
        return nil
    }
}
