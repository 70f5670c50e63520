import DNSMessage
import Dispatch
import EventLoop
import Locking
import TestSupport
import Upstream

/// What a fake upstream does about a query.
enum FakeAction: Sendable {
    /// Answers with records for the question.
    case answer([String], authority: [String] = [], additional: [String] = [])
    /// Answers with a code, and an OPT record or none.
    case code(ResponseCode, hasEDNS: Bool = true)
    /// Sends these bytes behind the header and question of the query, as so many answers.
    case raw([UInt8], answers: UInt8)
    case fail(ExchangeFailure)
    /// Says nothing until the deadline.
    case silence
    /// Does something else when the test opens the gate.
    indirect case held(FakeGate, FakeAction)
}

/// What lets held replies go.
final class FakeGate: Sendable {
    private let waiting = Lock<(isOpen: Bool, release: [@Sendable () -> Void])>((false, []))

    func open() {
        let release = waiting.withLock { state in
            state.isOpen = true
            defer { state.release = [] }
            return state.release
        }
        for reply in release { reply() }
    }

    func wait(_ reply: @escaping @Sendable () -> Void) {
        let isOpen = waiting.withLock { state in
            if !state.isOpen { state.release.append(reply) }
            return state.isOpen
        }
        if isOpen { reply() }
    }
}

/// What came to a fake upstream.
struct FakeQuery: Sendable {
    let message: Message
    let prefersStream: Bool
    let truncation: UpstreamQuery.Truncation
}

/// The record of what a fake upstream was asked, and what it is to do.
final class FakeScript: Sendable {
    private let state = Lock<(asked: [FakeQuery], cancelled: Int)>(([], 0))
    private let script: @Sendable (FakeQuery, Int) -> FakeAction

    /// The script gets the query and its number, from 1.
    init(_ script: @escaping @Sendable (FakeQuery, Int) -> FakeAction) { self.script = script }

    convenience init(_ action: FakeAction) { self.init { _, _ in action } }

    var asked: [FakeQuery] { state.withLock { $0.asked } }
    var cancelled: Int { state.withLock { $0.cancelled } }

    func take(_ query: FakeQuery) -> FakeAction {
        let count = state.withLock { state in
            state.asked.append(query)
            return state.asked.count
        }
        return script(query, count)
    }

    func cancel() { state.withLock { $0.cancelled += 1 } }
}

/// A client that asks nobody. On the loop's queue.
final class FakeClient: UpstreamClient {
    private static let numbers = Lock<UInt64>(0)
    private let loop: EventLoop
    private let script: FakeScript
    private var pending: [ExchangeToken: FakeExchange] = [:]

    init(_ loop: EventLoop, _ script: FakeScript) {
        self.loop = loop
        self.script = script
    }

    var pendingCount: Int { pending.count }
    func close() {}

    func ask(_ query: UpstreamQuery, deadline: UInt64, _ handler: any ExchangeHandler) -> ExchangeToken {
        let number = FakeClient.numbers.withLock { number in
            number += 1
            return number
        }
        let token = ExchangeToken(number: number)
        guard let message = try? Message(decoding: query.message) else {
            preconditionFailure("what is sent upstream can be read")
        }
        let asked = FakeQuery(
            message: message, prefersStream: query.prefersStream, truncation: query.truncation)
        let exchange = FakeExchange(self, token, Array(query.message), handler, script.take(asked), asked)
        pending[token] = exchange
        exchange.begin(loop, deadline)
        return token
    }

    func cancel(_ token: ExchangeToken) {
        if pending.removeValue(forKey: token) != nil { script.cancel() }
    }

    func finish(_ token: ExchangeToken) -> Bool { pending.removeValue(forKey: token) != nil }
}

/// One query under way. On the loop's queue.
private final class FakeExchange: TimerHandler, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: touched on the loop's queue only.
    private let client: FakeClient
    private let token: ExchangeToken
    private let query: [UInt8]
    private let handler: any ExchangeHandler
    private var action: FakeAction
    private let asked: FakeQuery
    private var sentAt: UInt64 = 0
    private var deadlineTimer: TimerToken?

    init(
        _ client: FakeClient, _ token: ExchangeToken, _ query: [UInt8], _ handler: any ExchangeHandler,
        _ action: FakeAction, _ asked: FakeQuery
    ) {
        self.client = client
        self.token = token
        self.query = query
        self.handler = handler
        self.action = action
        self.asked = asked
    }

    func begin(_ loop: EventLoop, _ deadline: UInt64) {
        sentAt = EventLoop.now
        if case .held(let gate, let next) = action {
            action = next
            deadlineTimer = loop.schedule(at: deadline, self)
            gate.wait { loop.queue.async { self.act() } }
        } else if case .silence = action {
            deadlineTimer = loop.schedule(at: deadline, self)
        } else {
            loop.schedule(after: 0, self)
        }
    }

    func onTimer(_ timer: TimerToken) {
        if timer == deadlineTimer { action = .fail(.timedOut(mismatches: 0)) }
        act()
    }

    private func act() {
        guard client.finish(token) else { return }
        if case .fail(let failure) = action { return handler.onFailure(token, failure) }
        let transport = asked.prefersStream ? UpstreamTransport.tcp : .udp
        reply.withUnsafeBytes { bytes in
            handler.onReply(token, bytes, transport, roundTrip: EventLoop.now - sentAt)
        }
    }

    private var reply: [UInt8] {
        var message = Message(id: 0, flags: asked.message.flags, questions: asked.message.questions)
        message.flags.isResponse = true
        message.flags.recursionAvailable = true
        var hasEDNS = asked.message.additional.contains { $0.type == .opt }
        switch action {
        case .answer(let answer, let authority, let additional):
            message.answer = answer.map(RecordText.record)
            message.authority = authority.map(RecordText.record)
            message.additional = additional.map(RecordText.record)
        case .code(let code, let mirrors):
            message.flags.responseCode = code
            hasEDNS = hasEDNS && mirrors
        case .raw(let bytes, let answers):
            var whole = message.encoded() + bytes
            whole[7] = answers
            return whole
        case .fail, .silence, .held: break
        }
        let plain = message.encoded()
        guard hasEDNS else { return plain }
        var whole = plain + [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]
        whole[11] += 1
        return whole
    }
}
