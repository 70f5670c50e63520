import DNSMessage
import EventLoop
import PluginKit
import Upstream

/// One question on its way to upstreams, for all queries that ask it at the same time: tries one after another or two
/// at once, takes the first good reply, and ends in time. On the worker's queue; its memory is used again.
final class Inquiry {
    /// The worker outlives it: whoever is called back holds it.
    private unowned let worker: ForwardWorker
    private(set) var hash: UInt64 = 0
    /// Indices of upstreams, in the order in which they are asked.
    var order: [Int] = []
    private var message: [UInt8] = []
    private var optStart = 0
    private var mode = InquiryMode(.udp, ForwardOptions())
    /// Whether the OPT record is the client's, or only ours.
    private var hasEDNS = false
    private var waiters: [ParkedQuery] = []
    private var tries: [Try] = []
    /// Tries so far; the upstream of try n is `order[n % order.count]`.
    private var tryCount = 0
    /// The upstream that is asked again without EDNS.
    private var plainServer: Int?
    private var deadline: UInt64 = 0
    private var timer: TimerToken?
    private var alarm = Alarm.end
    /// What to say if nothing better comes.
    private var lastResort: LastResort?

    /// An exchange under way.
    private struct Try {
        let token: ExchangeToken
        let server: Int
        let sentAt: UInt64
    }

    /// What the timer is for.
    private enum Alarm {
        /// The reply takes longer than usual: a second upstream may be asked. The time is that of asking in any case.
        case hedge(UInt64)
        case retry
        case end
    }

    private enum LastResort {
        /// A code that others might not give.
        case reply([UInt8], server: Int)
        /// A reply over UDP that cannot be read: perhaps over TCP.
        case truncated(HeaderFlags)
        case failure(ForwardFailure)
    }

    init(_ worker: ForwardWorker) { self.worker = worker }

    // MARK: Beginning

    /// Whether an equal query can wait for the same reply.
    func takes(_ other: UnsafeRawBufferPointer, _ otherMode: InquiryMode) -> Bool {
        guard mode == otherMode, waiters.count < ForwardLimits.waitersMax else { return false }
        return message.withUnsafeBytes { isSameRequest($0, other) }
    }

    func add(_ query: ParkedQuery) { waiters.append(query) }

    func begin(
        _ request: borrowing UpstreamRequest, _ mode: InquiryMode, hasEDNS: Bool, deadline: UInt64, at now: UInt64
    ) {
        hash = request.hash
        message.removeAll(keepingCapacity: true)
        message.append(contentsOf: request.message)
        optStart = request.optStart
        self.mode = mode
        self.hasEDNS = hasEDNS
        self.deadline = deadline
        tryCount = 0
        plainServer = nil
        lastResort = nil
        worker.noteSent()
        tryNext(at: now)
    }

    // MARK: Tries

    private var canTry: Bool {
        tries.count < ForwardLimits.exchangesMax
            && tryCount < worker.setting.options.triesMax(upstreams: worker.setting.servers.count)
    }

    private func tryNext(at now: UInt64) {
        let server = order[tryCount % order.count]
        tryCount += 1
        send(to: server, at: now)
        setAlarm(server, now)
    }

    private func send(to server: Int, at now: UInt64) {
        let end = min(now + worker.setting.options.readTimeout, deadline)
        let token = message.withUnsafeBytes { bytes in
            let length = plainServer == server ? optStart : bytes.count
            let query = UpstreamQuery(
                message: UnsafeRawBufferPointer(rebasing: bytes[..<length]), prefersStream: mode.prefersStream,
                truncation: mode.passesTruncated ? .askAgainOrTake : .askAgain)
            let client = worker.client(server)
            let connections = client.connectionCount
            let token = client.ask(query, deadline: end, self)
            worker.noteSending(server, mode, isNew: client.connectionCount > connections)
            return token
        }
        tries.append(Try(token: token, server: server, sentAt: now))
    }

    private func setAlarm(_ server: Int, _ now: UInt64) {
        guard canTry else { return setTimer(.end, deadline) }
        let doublings = UInt64(min((tryCount - 1) / order.count, 2))
        let retry = now + min(worker.retryDelay(server) << doublings, ForwardLimits.retryDelayMax)
        if tryCount < order.count, let delay = worker.hedgeDelay(server), now + delay < retry {
            setTimer(.hedge(retry), now + delay)
        } else {
            setTimer(.retry, retry)
        }
    }

    private func setTimer(_ alarm: Alarm, _ time: UInt64) {
        if let timer { worker.loop.cancel(timer) }
        self.alarm = time < deadline ? alarm : .end
        // At the very end a client tells by itself that there is no reply, and from where it asked.
        timer = worker.loop.schedule(at: time < deadline ? time : deadline + ForwardLimits.endDelay, self)
    }

    // MARK: Replies

    private func take(_ reply: UnsafeRawBufferPointer, _ done: Try, _ isStream: Bool, at now: UInt64) {
        let worker = self.worker
        switch worker.reply.read(reply) {
        case .malformed(let clause):
            worker.noteFailure(done.server, 0.5, at: now)
            if let flags = MessageReader(reply)?.header.flags, !isStream, mode.passesTruncated {
                keep(.truncated(flags))
            } else {
                let address = worker.setting.servers[done.server].address
                keep(.failure(.malformed("\(address): the reply has a \(clause)")))
            }
            goOn(at: now)
        case .reply(let code):
            if askWithoutEDNS(done.server, code, now) { return }
            guard worker.setting.options.failoverCodes.contains(code), order.count > 1 else {
                return deliver(done.server, now)
            }
            keep(.reply(Array(reply), server: done.server))
            failOver(now)
        }
    }

    /// A server that does not know EDNS says so without an OPT record (RFC 6891 §7); if only we added it, it is left
    /// out.
    private func askWithoutEDNS(_ server: Int, _ code: ResponseCode, _ now: UInt64) -> Bool {
        guard code == .formErr || code == .notImp, !worker.reply.hasEDNS, !hasEDNS, plainServer == nil else {
            return false
        }
        plainServer = server
        message.withUnsafeMutableBytes { bytes in
            bytes.baseAddress?.storeBytes(of: 0, toByteOffset: 11, as: UInt8.self)
        }
        send(to: server, at: now)
        return true
    }

    /// Asks the next upstream that has not been asked yet; where there is none, the reply stands.
    private func failOver(_ now: UInt64) {
        if tryCount < order.count, canTry, now < deadline {
            worker.noteFailover()
            return tryNext(at: now)
        }
        guard !tries.isEmpty else { return end(now) }
        setTimer(.end, min(deadline, now + ForwardLimits.patience))
    }

    /// A reply is better than none, and what came last is told.
    private func keep(_ resort: LastResort) {
        switch (lastResort, resort) {
        case (.reply, .failure), (.reply, .truncated), (.truncated, .failure): break
        default: lastResort = resort
        }
    }

    // MARK: Failures

    private func take(_ failure: ExchangeFailure, _ done: Try, at now: UInt64) {
        switch failure {
        // The fault is ours.
        case .saturated, .closed: break
        default: worker.noteFailure(done.server, at: now)
        }
        keep(.failure(exchangeFailure(failure, done.server)))
        goOn(at: now)
    }

    private func exchangeFailure(_ failure: ExchangeFailure, _ index: Int) -> ForwardFailure {
        let server = worker.setting.servers[index]
        return .exchange(
            failure, address: server.address, from: worker.client(index).failedAddress,
            isStream: mode.prefersStream || !server.isPlain)
    }

    private func goOn(at now: UInt64) {
        if case .reply = lastResort { return failOver(now) }
        if canTry, now < deadline { return tryNext(at: now) }
        if tries.isEmpty { end(now) }
    }

    // MARK: The end

    /// The reply at hand is the answer.
    private func deliver(_ server: Int, _ now: UInt64) {
        let worker = self.worker
        let upstream = worker.setting.servers[server]
        dropTries(now)
        resumeAll { query in worker.finish(&query, upstream) }
    }

    /// There will be nothing better than what there is.
    private func end(_ now: UInt64) {
        let worker = self.worker
        if let pending = tries.last { keep(.failure(exchangeFailure(.timedOut(mismatches: 0), pending.server))) }
        let resort = lastResort
        lastResort = nil
        dropTries(now)
        switch resort {
        case .reply(let bytes, let server):
            let upstream = worker.setting.servers[server]
            bytes.withUnsafeBytes { bytes in
                _ = worker.reply.read(bytes)
                resumeAll { query in worker.finish(&query, upstream) }
            }
        case .truncated(let flags):
            resumeAll { query in
                UpstreamReply.writeTruncated(flags, to: &query)
                return .reply
            }
        case .failure(let failure): resumeAll { query in failure.fail(&query) }
        case nil: resumeAll { query in ForwardFailure.late.fail(&query) }
        }
    }

    /// Takes back what is under way: an upstream that was beaten by another after its usual time is worse for it.
    private func dropTries(_ now: UInt64) {
        for pending in tries {
            worker.client(pending.server).cancel(pending.token)
            let elapsed = now - min(pending.sentAt, now)
            let retryDelay = worker.retryDelay(pending.server)
            guard elapsed >= min(worker.hedgeDelay(pending.server) ?? .max, retryDelay) else { continue }
            worker.noteFailure(pending.server, elapsed >= retryDelay ? 1 : 0.25, at: now)
        }
        tries.removeAll(keepingCapacity: true)
        if let timer { worker.loop.cancel(timer) }
        timer = nil
    }

    /// Forgets everything: the loop is closed.
    func abandon() {
        for pending in tries { worker.client(pending.server).cancel(pending.token) }
        tries = []
        waiters = []
        timer = nil
        worker.remove(self)
        worker.giveBack(self)
    }

    private func resumeAll(_ verdict: (inout Query) -> Verdict) {
        let worker = self.worker
        worker.remove(self)
        for index in waiters.indices { waiters[index].resume(verdict) }
        waiters.removeAll(keepingCapacity: true)
        worker.giveBack(self)
    }
}

// MARK: -

extension Inquiry: ExchangeHandler {
    func onReply(
        _ token: ExchangeToken, _ reply: UnsafeRawBufferPointer, _ transport: UpstreamTransport, roundTrip: UInt64
    ) {
        guard let index = tries.firstIndex(where: { $0.token == token }) else { return }
        let done = tries.remove(at: index)
        let now = EventLoop.now
        let code = MessageReader(reply)?.header.flags.responseCode ?? .formErr
        worker.noteReply(done.server, code, roundTrip: roundTrip, at: now)
        take(reply, done, transport != .udp, at: now)
    }

    func onFailure(_ token: ExchangeToken, _ failure: ExchangeFailure) {
        guard let index = tries.firstIndex(where: { $0.token == token }) else { return }
        take(failure, tries.remove(at: index), at: EventLoop.now)
    }
}

extension Inquiry: TimerHandler {
    func onTimer(_ token: TimerToken) {
        guard token == timer else { return }
        timer = nil
        let now = EventLoop.now
        switch alarm {
        case .hedge(let retry): worker.spendHedge() ? tryNext(at: now) : setTimer(.retry, retry)
        case .retry: canTry ? tryNext(at: now) : setTimer(.end, deadline)
        case .end: end(now)
        }
    }
}
