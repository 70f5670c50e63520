import Glibc

/// The terminal, taken over for a program that redraws it, and given back as it was.
struct TerminalWindow {
    private static let enter = "\u{1B}[?1049h\u{1B}[?25l"
    private static let leave = "\u{1B}[0m\u{1B}[?25h\u{1B}[?1049l"
    /// Of a terminal that does not tell.
    private static let usualSize = (width: 80, height: 24)

    private var saved: termios?

    /// Whether somebody reads and types.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1 }

    /// Columns and rows.
    static var size: (width: Int, height: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return usualSize
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Shows the second screen; keys come one by one and are not shown.
    mutating func take() {
        var mode = termios()
        if tcgetattr(STDIN_FILENO, &mode) == 0 {
            if saved == nil { saved = mode }
            mode.c_lflag &= ~tcflag_t(ICANON | ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &mode)
        }
        Terminal.put(Self.enter)
    }

    /// Shows the first screen again, with everything as it was.
    mutating func giveBack() {
        Terminal.put(Self.leave)
        guard var mode = saved else { return }
        tcsetattr(STDIN_FILENO, TCSANOW, &mode)
        saved = nil
    }

    /// Draws all lines over what was there.
    func draw(_ lines: [TopScreen.Line]) {
        let rows = lines.map { line in
            (line.isTitle ? "\u{1B}[1m\(line.text)\u{1B}[0m" : line.text) + "\u{1B}[K"
        }
        Terminal.put("\u{1B}[H" + rows.joined(separator: "\r\n") + "\u{1B}[J")
    }
}
