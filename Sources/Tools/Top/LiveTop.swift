import Dispatch
import Glibc

/// `top` in a terminal: asks, draws, and listens to keys and signals, until somebody ends it. Everything happens on one
/// queue.
final class LiveTop: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything but `ended` is touched on `queue` only.
    private static let note = "q quits"
    private static let keysMax = 64

    private let queue = DispatchQueue(label: "clusterdns.top")
    private let addresses: [MetricsAddress]
    private let milliseconds: Int
    private let scraper: Scraper
    private var watch: ServerWatch
    private var window = TerminalWindow()
    private var sources: [any DispatchSourceProtocol] = []
    /// Signals that Dispatch does not hear yet.
    private var deafness = 0
    private var isAsking = false
    private var hasBegun = false
    private var exitCode: Int32?
    private let ended = DispatchSemaphore(value: 0)

    init(_ addresses: [MetricsAddress], milliseconds: Int) {
        self.addresses = addresses
        self.milliseconds = milliseconds
        scraper = Scraper(queue: queue)
        watch = ServerWatch(addresses)
    }

    /// Runs until the end, and returns the exit code.
    func run() -> Int32 {
        queue.sync { listen() }
        ended.wait()
        return queue.sync { exitCode ?? 0 }
    }

    // MARK: Events

    private func listen() {
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
            add(signal: number) { $0.end(number == SIGINT ? 0 : 128 + number) }
        }
        add(signal: SIGWINCH) { $0.draw() }
        add(signal: SIGTSTP) { $0.suspend() }
    }

    /// Begins when every signal is heard: one that came before would be lost, and the terminal with it.
    private func begin() {
        guard exitCode == nil else { return }
        hasBegun = true
        window.take()
        draw()
        let keys = DispatchSource.makeReadSource(fileDescriptor: STDIN_FILENO, queue: queue)
        keys.setEventHandler { [unowned self] in readKeys() }
        keys.activate()
        let timer = DispatchSource.makeTimerSource(queue: queue)
        timer.schedule(deadline: .now(), repeating: .milliseconds(milliseconds))
        timer.setEventHandler { [unowned self] in ask() }
        timer.activate()
        sources += [keys, timer]
    }

    private func add(signal number: Int32, _ handler: @escaping @Sendable (LiveTop) -> Void) {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
        deafness += 1
        source.setRegistrationHandler { [unowned self] in
            deafness -= 1
            if deafness == 0 { begin() }
        }
        source.setEventHandler { [unowned self] in handler(self) }
        source.activate()
        sources.append(source)
    }

    private func readKeys() {
        var keys = [UInt8](repeating: 0, count: Self.keysMax)
        let count = read(STDIN_FILENO, &keys, keys.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return }
        // Without a terminal there is nobody to draw for.
        guard count > 0 else { return end(0) }
        if keys[..<count].contains(where: { $0 == UInt8(ascii: "q") || $0 == UInt8(ascii: "Q") }) { end(0) }
    }

    private func end(_ code: Int32) {
        guard exitCode == nil else { return }
        exitCode = code
        for source in sources { source.cancel() }
        if hasBegun { window.giveBack() }
        ended.signal()
    }

    /// Stops like other programs do; goes on here when the shell lets it.
    private func suspend() {
        guard exitCode == nil, hasBegun else { return }
        window.giveBack()
        kill(getpid(), SIGSTOP)
        window.take()
        draw()
    }

    // MARK: Figures

    private func ask() {
        guard !isAsking, exitCode == nil else { return }
        isAsking = true
        scraper.scrape(addresses) { [self] outcomes in
            isAsking = false
            for (address, outcome) in outcomes { watch.note(outcome, of: address) }
            draw()
        }
    }

    private func draw() {
        guard exitCode == nil, hasBegun else { return }
        let size = TerminalWindow.size
        let screen = TopScreen(
            rates: watch.rates, servers: watch.servers, now: Double(time(nil)), width: size.width,
            height: size.height, note: Self.note)
        window.draw(screen.lines)
    }
}
