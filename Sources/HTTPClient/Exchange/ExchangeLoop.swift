import CCurl
import Dispatch

/// The exchanges under way on a queue, and the connections they share.
///
/// libcurl must not be called from within its callbacks, and those are where receivers hear of bytes: what a receiver
/// asks for meanwhile is done when libcurl has returned.
final class ExchangeLoop: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything happens on `queue`.
    private let queue: DispatchQueue
    /// There is one while there are exchanges, and for a while after.
    private var multi: CurlMulti?
    private var exchanges: [UnsafeMutableRawPointer: HTTPExchange] = [:]
    private var isRunning = false
    private var postponed: [Postponed] = []
    private var closeNumber = 0
    private var idleSince = DispatchTime.now()
    private var isWaitingForIdleness = false

    private enum Postponed {
        case start(HTTPExchange)
        case drop(HTTPExchange)
        case close
    }

    init(queue: DispatchQueue) { self.queue = queue }

    /// Begins an exchange; the receiver hears of it later, even if it fails at once.
    func start(_ exchange: HTTPExchange) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard !isRunning else { return postponed.append(.start(exchange)) }
        guard !exchange.hasEnded, let easy = exchange.easy else { return }
        do throws(HTTPFailure) {
            guard exchanges.count < Limits.exchangesMax else {
                throw HTTPFailure(.cutShort, "more than \(Limits.exchangesMax) requests at a time")
            }
            let multi = try openMulti()
            exchanges[easy.pointer] = exchange
            multi.add(easy)
        } catch {
            fail(exchange, error)
        }
    }

    /// Ends an exchange that could not begin, unless the loop is closed before it is told.
    func fail(_ exchange: HTTPExchange, _ failure: HTTPFailure) {
        let number = closeNumber
        queue.async { [weak self] in
            if self?.closeNumber == number { exchange.end(.failed(failure)) } else { exchange.release() }
        }
    }

    private func openMulti() throws(HTTPFailure) -> CurlMulti {
        if let multi { return multi }
        let made = try CurlMulti(poller: Poller(queue: queue))
        made.poller.start(
            onReady: { [weak self] socket, readiness in self?.run { $0.run(socket, readiness) } },
            onTimer: { [weak self] in self?.run { $0.runTimer() } })
        multi = made
        return made
    }

    // MARK: Running

    private func run(_ body: (CurlMulti) -> Void) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard let multi else { return }
        isRunning = true
        body(multi)
        isRunning = false
        catchUp()
        while self.multi === multi, let (easy, code) = multi.nextFinished() { finish(easy, code) }
        if exchanges.isEmpty { waitForIdleness() }
    }

    private func catchUp() {
        let waiting = postponed
        postponed = []
        for step in waiting {
            switch step {
            case .start(let exchange): start(exchange)
            case .drop(let exchange): drop(exchange)
            case .close: close()
            }
        }
    }

    private func finish(_ pointer: UnsafeMutableRawPointer, _ code: CURLcode) {
        guard let exchange = exchanges[pointer], let easy = exchange.easy else { return }
        let end = exchange.outcome(code)
        exchanges[pointer] = nil
        multi?.remove(easy)
        exchange.end(end)
    }

    // MARK: Ending

    /// Lets go of an exchange; it hears nothing more.
    func drop(_ exchange: HTTPExchange) {
        dispatchPrecondition(condition: .onQueue(queue))
        guard !isRunning else { return postponed.append(.drop(exchange)) }
        guard let easy = exchange.easy, exchanges.removeValue(forKey: easy.pointer) != nil else { return }
        multi?.remove(easy)
        exchange.release()
        if exchanges.isEmpty { waitForIdleness() }
    }

    /// Lets go of everything.
    func close() {
        closeNumber += 1
        for exchange in exchanges.values { exchange.silence() }
        guard !isRunning else { return postponed.append(.close) }
        for exchange in exchanges.values { drop(exchange) }
        multi = nil
    }

    deinit {
        for exchange in exchanges.values {
            if let easy = exchange.easy { multi?.remove(easy) }
            exchange.release()
        }
    }

    /// libcurl closes idle connections only when something happens; without exchanges nothing does.
    private func waitForIdleness() {
        guard multi != nil else { return }
        idleSince = .now()
        guard !isWaitingForIdleness else { return }
        isWaitingForIdleness = true
        closeIfIdle(at: idleSince + .seconds(Limits.idleSecondsMax))
    }

    private func closeIfIdle(at deadline: DispatchTime) {
        queue.asyncAfter(deadline: deadline) { [weak self] in
            guard let self else { return }
            let due = idleSince + .seconds(Limits.idleSecondsMax)
            if exchanges.isEmpty, due > .now() { return closeIfIdle(at: due) }
            isWaitingForIdleness = false
            if exchanges.isEmpty { multi = nil }
        }
    }
}
