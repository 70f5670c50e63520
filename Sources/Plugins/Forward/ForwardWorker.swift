import DNSMessage
import Dispatch
import EventLoop
import PluginKit
import SecureUpstream
import Telemetry
import Upstream

/// One worker's share of a `forward`: its clients, what it knows of the upstreams, and the questions under way.
final class ForwardWorker: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything but `init` happens on the loop's queue.
    let setting: ForwardSetting
    let loop: EventLoop
    private let slot: WorkerSlot
    private let successors: [ForwardSetting]
    /// Made when first needed.
    private var clients: [(any UpstreamClient)?]
    private var scores: [UpstreamScore]
    private var durations: [DurationHistograms]
    private var order: UpstreamOrder
    private var hedges = HedgeBudget()
    /// Questions under way, by hash; of two different ones with one hash only the first is shared.
    private var inquiries: [UInt64: Inquiry] = [:]
    private var inquiryCount = 0
    private var spare: [Inquiry] = []
    private var request = UpstreamRequest()
    /// The reply at hand.
    var reply = UpstreamReply()
    private(set) var isStopping = false

    init(_ setting: ForwardSetting, _ successors: [ForwardSetting], number: Int, loop: EventLoop) {
        self.setting = setting
        self.successors = successors
        self.loop = loop
        slot = WorkerSlot(number)
        clients = setting.servers.map { _ in nil }
        scores = setting.servers.map { _ in UpstreamScore() }
        durations = setting.servers.map { DurationHistograms($0.metrics) }
        order = UpstreamOrder(setting.options.policy)
    }

    // MARK: Queries

    /// Lets a query wait for its answer, or fails it.
    func forward(_ query: inout Query) -> Verdict {
        guard query.canPark else { return ForwardFailure.crowded.fail(&query) }
        request.write(query)
        let mode = InquiryMode(query.transport, setting.options)
        if let inquiry = inquiries[request.hash], inquiry.takes(request.message, mode) {
            inquiry.add(query.parked())
            setting.metrics.coalesced.add(by: slot)
            return .park
        }
        return ask(&query, mode)
    }

    private func ask(_ query: inout Query, _ mode: InquiryMode) -> Verdict {
        guard inquiryCount < ForwardLimits.inquiriesMax else { return ForwardFailure.crowded.fail(&query) }
        guard setting.admit() else {
            setting.metrics.rejects.add(by: slot)
            return ForwardFailure.tooMany(setting.options.concurrentMax).fail(&query)
        }
        let now = EventLoop.now
        let inquiry = spare.popLast() ?? Inquiry(self)
        if let failure = arrange(&inquiry.order, at: now) {
            spare.append(inquiry)
            setting.discharge()
            return failure.fail(&query)
        }
        inquiryCount += 1
        if inquiries[request.hash] == nil { inquiries[request.hash] = inquiry }
        inquiry.add(query.parked())
        inquiry.begin(request, mode, hasEDNS: query.request.edns != nil, deadline: deadline(query, now), at: now)
        return .park
    }

    private func deadline(_ query: borrowing Query, _ now: UInt64) -> UInt64 {
        if query.isBackground { return now + ForwardLimits.budget }
        return max(query.receivedAt + ForwardLimits.budget, now + ForwardLimits.budgetMin)
    }

    /// A question is done: nobody joins it any more.
    func remove(_ inquiry: Inquiry) {
        if inquiries[inquiry.hash] === inquiry { inquiries[inquiry.hash] = nil }
    }

    /// And its memory is free.
    func giveBack(_ inquiry: Inquiry) {
        setting.discharge()
        inquiryCount -= 1
        if spare.count < ForwardLimits.spareInquiriesMax { spare.append(inquiry) }
        settle()
    }

    /// What the reply at hand means for a query that waited for it.
    func finish(_ query: inout Query, _ server: UpstreamServer) -> Verdict {
        let options = setting.options
        let isPassed =
            options.nextCodes.contains(reply.code)
            || options.passesNoData && reply.code == .noError && !reply.hasData
        if isPassed, successors.contains(where: { $0.takes(query.question.name) }) { return .next }
        if query.hasMetadata { query.remember(server) }
        reply.write(to: &query)
        return .reply
    }

    // MARK: Upstreams

    func client(_ index: Int) -> any UpstreamClient {
        if let client = clients[index] { return client }
        let client = setting.makeClient(setting.servers[index], loop)
        clients[index] = client
        return client
    }

    /// Fills the order in which upstreams are asked; tells why there is none.
    private func arrange(_ list: inout [Int], at now: UInt64) -> ForwardFailure? {
        let failsMax = setting.options.failsMax
        let isSequential = setting.options.policy == .sequential
        let best = scores.lazy.filter { $0.samples > 0 }.map(\.roundTrip).min() ?? 0
        let isAlive = order.arrange(&list, scores.count) { index in
            let server = setting.servers[index]
            if server.isQuarantined { return .quarantined }
            if server.isDown(failsMax) { return .down }
            let isPoor =
                scores[index].isSick(at: now) || !isSequential && scores[index].isSlow(comparedTo: best, at: now)
            return isPoor ? .poor : .good
        }
        if !isAlive {
            if setting.options.failsFast { return .allDown }
            setting.metrics.healthcheckBroken.add(by: slot)
        }
        return list.isEmpty ? .quarantined(setting.servers[0].quarantineReason) : nil
    }

    func noteSent() { hedges.earn() }

    /// A try goes out, over a connection of its own or one that was there.
    func noteSending(_ index: Int, _ mode: InquiryMode, isNew: Bool) {
        let server = setting.servers[index]
        switch server.endpoint {
        case .dns where !mode.prefersStream: server.metrics.udp.misses.add(by: slot)
        case .dns: server.metrics.tcp.add(isNew, by: slot)
        case .tls: server.metrics.tls.add(isNew, by: slot)
        case .https: break
        }
    }

    /// When a second upstream may be asked beside this one; nil where too little is known.
    func hedgeDelay(_ index: Int) -> UInt64? {
        scores[index].percentile95.map { max($0, ForwardLimits.hedgeDelayMin) }
    }

    func retryDelay(_ index: Int) -> UInt64 { scores[index].retryDelay }

    /// Whether one more question may be asked of two upstreams.
    func spendHedge() -> Bool {
        guard hedges.spend() else { return false }
        setting.metrics.hedges.add(by: slot)
        return true
    }

    func noteReply(_ index: Int, _ code: ResponseCode, roundTrip: UInt64, at now: UInt64) {
        scores[index].record(roundTrip: roundTrip, at: now)
        // It works, but not for everything; what fails everywhere must not make it sick.
        if setting.options.failoverCodes.contains(code) { scores[index].recordFailure(0.25, at: now) }
        durations[index].observe(roundTrip, code, by: slot)
        setting.servers[index].noteReply()
        if scores[index].samples % 16 == 1 { publish(index, now) }
    }

    func noteFailover() { setting.metrics.failovers.add(by: slot) }

    /// No reply, or a bad one: the score gets worse and the health is checked.
    func noteFailure(_ index: Int, _ weight: Double = 1, at now: UInt64) {
        scores[index].recordFailure(weight, at: now)
        publish(index, now)
        guard weight == 1, setting.options.failsMax > 0, setting.servers[index].beginChecking() else { return }
        HealthCheck(self, index).check()
    }

    private func publish(_ index: Int, _ now: UInt64) {
        let metrics = setting.servers[index].metrics
        metrics.roundTrip.value = Double(scores[index].roundTrip) / 1e9
        metrics.errorRatio.value = scores[index].errorRate(at: now)
    }

    func probe(_ index: Int, _ question: ProbeQuestion) { ProbeExchange(self, question).ask(index) }

    // MARK: The end

    /// No new queries come, but for those that wait somewhere else still.
    func stop() {
        isStopping = true
        // Replies come no more, and nobody waits for them.
        if loop.isClosed { for inquiry in Array(inquiries.values) { inquiry.abandon() } }
        closeIfDone()
    }

    /// Something came to its end, in a call of a client perhaps, which must return before it is closed.
    func settle() {
        if isStopping { loop.queue.async { self.closeIfDone() } }
    }

    private func closeIfDone() {
        guard isStopping, inquiryCount == 0 || loop.isClosed else { return }
        for index in clients.indices where clients[index]?.pendingCount == 0 || loop.isClosed {
            clients[index]?.close()
            clients[index] = nil
        }
    }
}

/// How an upstream is to be asked, beside the message itself.
struct InquiryMode: Equatable {
    var prefersStream: Bool
    /// Whether clients may be told TC where upstreams have no reply over TCP: those over UDP.
    var passesTruncated: Bool

    /// As the client asked, unless options want otherwise.
    init(_ transport: Transport, _ options: ForwardOptions) {
        prefersStream = options.forcesTCP || transport == .tcp && !options.prefersUDP
        passesTruncated = transport == .udp && !options.forcesTCP
    }
}
