import DNSMessage
import EventLoop
import Glibc
import Upstream

/// Hears what came of a question. On the resolver's queue.
protocol FindingHandler: AnyObject {
    /// `slot` is the number that the question was asked with.
    func found(_ finding: Finding, slot: Int)
}

/// One question on its way through the servers, and all who wait for its answer. On the resolver's queue.
final class Inquiry: ExchangeHandler {
    let question: Message.Question
    /// Whether it is under way; else it waits in line, at this place.
    var isActive = false
    var place = 0
    private let desk: QuestionDesk
    private let list: ServerList
    private let order: [Int]
    private let timeout: UInt64
    private var waiting: [(handler: any FindingHandler, slot: Int)] = []
    /// Which of `order` is next, and in which round.
    private var position = 0
    private var round = 0
    /// Servers that said something, if nothing useful, or cannot be reached: they are not asked again.
    private var settled: Set<Int> = []
    private var current = 0
    private var exchange: ExchangeToken?
    private var failure = LookupError.Reason.timedOut
    private var hasFailure = false

    init(_ question: Message.Question, _ desk: QuestionDesk, _ list: ServerList, turn: Int) {
        self.question = question
        self.desk = desk
        self.list = list
        order = list.order(turn: turn, now: EventLoop.now)
        timeout = list.configuration.timeout.nanoseconds
    }

    // MARK: Who waits

    func add(_ handler: any FindingHandler, slot: Int) { waiting.append((handler, slot)) }

    /// False when nobody waits any more.
    func remove(_ handler: any FindingHandler, slot: Int) -> Bool {
        waiting.removeAll { $0.handler === handler && $0.slot == slot }
        return !waiting.isEmpty
    }

    /// Takes the query back from the server.
    func cancel() {
        if let exchange { list.servers[current].client.cancel(exchange) }
        exchange = nil
    }

    func tell(_ finding: Finding) {
        let told = waiting
        waiting = []
        for (handler, slot) in told { handler.found(finding, slot: slot) }
    }

    // MARK: Asking

    /// Asks the next server, or gives up.
    func askNext() {
        while round < list.configuration.attempts, settled.count < order.count {
            let index = order[position]
            position += 1
            if position == order.count { (position, round) = (0, round + 1) }
            if !settled.contains(index) { return ask(index) }
        }
        desk.ended(self, .failed(failure))
    }

    private func ask(_ index: Int) {
        current = index
        let server = list.servers[index]
        let message = QueryMessage.bytes(question, usesEDNS: server.readsEDNS)
        let prefersStream = list.configuration.prefersTCP
        message.withUnsafeBytes { bytes in
            exchange = server.client.ask(
                UpstreamQuery(message: bytes, prefersStream: prefersStream), deadline: EventLoop.now &+ timeout, self)
        }
    }

    func onReply(
        _ token: ExchangeToken, _ reply: UnsafeRawBufferPointer, _ transport: UpstreamTransport, roundTrip: UInt64
    ) {
        exchange = nil
        list.noteReply(current)
        let server = list.servers[current]
        switch ReplyJudgement(reply, to: question, hadEDNS: server.readsEDNS) {
        case .settled(let outcome, let timeToLive):
            desk.ended(self, Finding(outcome: outcome, timeToLive: timeToLive, source: .server(server.address)))
        case .askWithoutEDNS:
            list.noteUnreadable(current)
            ask(current)
        case .tryNext(let reason):
            settled.insert(current)
            note(reason)
            askNext()
        }
    }

    func onFailure(_ token: ExchangeToken, _ failure: ExchangeFailure) {
        exchange = nil
        list.noteFailure(current)
        switch failure {
        case .timedOut: note(.timedOut)
        case .unreachable(let code):
            settled.insert(current)
            note(.unreachable(code))
        case .saturated:
            settled.insert(current)
            note(.unreachable(EMFILE))
        case .disconnected, .malformed, .tls, .http:
            settled.insert(current)
            note(.malformedReply)
        case .closed: return desk.ended(self, .failed(.closed))
        }
        askNext()
    }

    /// Of several failures the most telling stays.
    private func note(_ reason: LookupError.Reason) {
        if !hasFailure || reason.weight >= failure.weight { failure = reason }
        hasFailure = true
    }
}

extension LookupError.Reason {
    /// How much a failure tells.
    fileprivate var weight: Int {
        switch self {
        case .serverFailure: 3
        case .malformedReply: 2
        case .timedOut: 1
        default: 0
        }
    }
}
