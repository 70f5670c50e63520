import CLinux
import DNSMessage
import PluginKit
import Telemetry

/// Turns one request into one reply for one worker: header check, question, zone, chain, aliases, reply.
/// Owned by its worker's queue; its memory is allocated once.
final class QueryResolver {
    private let worker: WorkerSlot
    /// One slot for the query and one for each alias followed from it, made when first needed.
    private let slots: UnsafeMutablePointer<QuerySlot>
    private var slotCount = 0
    private var copyScratch = NameScratch()

    init(worker: WorkerSlot) {
        self.worker = worker
        slots = .allocate(capacity: Limits.followDepthMax + 1)
        addSlot()
    }

    deinit {
        slots.deinitialize(count: slotCount)
        slots.deallocate()
    }

    private func addSlot() {
        (slots + slotCount).initialize(to: QuerySlot(worker: worker))
        slotCount += 1
    }

    /// The reply to a request, valid until the next call; nil when there is none to be sent.
    func reply(
        to bytes: UnsafeRawBufferPointer, through router: Router, from client: SocketAddress,
        at server: SocketAddress, over transport: Transport, receivedAt: UInt64
    ) -> UnsafeRawBufferPointer? {
        let receipt = RequestReader.read(bytes, &slots[0])
        slots[0].query.client = client
        slots[0].query.server = server
        slots[0].query.transport = transport
        slots[0].query.receivedAt = receivedAt
        switch receipt {
        case .ignore: return nil
        case .query: return answer(router)
        case .reject(let code, let keepsQuestion):
            return EarlyReply.write(code, keepsQuestion: keepsQuestion, to: &slots[0].query)
        }
    }

    private func answer(_ router: Router) -> UnsafeRawBufferPointer? {
        let outcome = dispatch(0, router)
        guard outcome != .drop else { return nil }
        return ReplyWriter.finish(&slots[0].query)
    }

    /// Sends the query of a slot through the block it belongs to; every refusal before the chain is written here.
    private func dispatch(_ depth: Int, _ router: Router) -> ChainOutcome {
        slots[depth].query.site = router.sitelessSite
        slots[depth].query.udpSize = Query.defaultUDPSize
        slots[depth].query.responder = nil
        slots[depth].query.isDropped = false
        slots[depth].query.failure = nil
        slots[depth].query.response.begin(slots[depth].query.question, request: slots[depth].query.request)
        let route = router.route(slots[depth].query.question, slots[depth].query.request)
        switch route {
        case .refuse(let code, let explanation):
            refuse(depth, code, explanation)
            router.observeRefusal(&slots[depth].query)
            return .reply
        case .block(let block):
            slots[depth].query.site = block.site
            slots[depth].query.udpSize = block.udpSize
            return block.chain._withUnsafeGuaranteedRef { run(depth, $0, router) }
        }
    }

    private func refuse(_ depth: Int, _ code: ResponseCode, _ explanation: Explanation?) {
        slots[depth].query.response.reset(code)
        // What the flags of another version mean is not known.
        if code == .badVers { slots[depth].query.response.dnssecOK = false }
        guard let explanation else { return }
        slots[depth].query.response.explain(explanation.code, explanation.text)
    }

    private func run(_ depth: Int, _ chain: Chain, _ router: Router) -> ChainOutcome {
        let (outcome, reached) = chain.descend(&slots[depth].query)
        if outcome == .follow { follow(depth, router) }
        _ = chain.ascend(&slots[depth].query, from: reached)
        return outcome == .drop ? .drop : .reply
    }

    // MARK: Aliases

    /// Asks the whole server for the target of an alias and appends what it finds. The code and the SOA of a negative
    /// answer are those of the target (RFC 6604 §3); where no block resolves the target, the alias stands alone.
    private func follow(_ depth: Int, _ router: Router) {
        let next = depth + 1
        guard next <= Limits.followDepthMax else { return }
        if next == slotCount { addSlot() }
        guard prepare(next, from: depth), dispatch(next, router) == .reply else { return }
        let code = slots[next].query.response.responseCode
        guard code == .noError || code == .nxDomain else { return }
        append(.answer, of: next, to: depth)
        if isNegative(next) { append(.authority, of: next, to: depth) }
        slots[depth].query.response.responseCode = code
    }

    /// The SOA record is what makes an answer negative (RFC 2308 §2), also behind further aliases.
    private func isNegative(_ slot: Int) -> Bool {
        let first = slots[slot].query.response.writer.records(in: .authority).first
        return first.flatMap { slots[slot].query.response.writer.record($0) }?.type == .soa
    }

    private func prepare(_ next: Int, from depth: Int) -> Bool {
        let wire = UnsafeRawBufferPointer(start: slots[depth].query.response.alias, count: Name.maximumLength)
        guard let target = slots[next].name.read(wire, at: 0)?.name, !wasAsked(target, through: depth) else {
            return false
        }
        slots[next].query.client = slots[depth].query.client
        slots[next].query.server = slots[depth].query.server
        slots[next].query.transport = slots[depth].query.transport
        slots[next].query.receivedAt = slots[depth].query.receivedAt
        slots[next].query.request = slots[depth].query.request
        slots[next].query.depth = next
        slots[next].query.question = QuestionView(
            name: target, type: slots[depth].query.question.type, class: slots[depth].query.question.class)
        return true
    }

    /// Whether an alias leads back to where the query has been; asking on would only repeat its links.
    private func wasAsked(_ target: NameView, through depth: Int) -> Bool {
        (0...depth).contains { slot in
            let name = slots[slot].query.question.name
            return name.length == target.length && equalBytes(name.folded, target.folded, count: target.length)
        }
    }

    private func append(_ section: Section, of source: Int, to target: Int) {
        slots[target].query.response.writer.move(to: section)
        for index in slots[source].query.response.writer.records(in: section) {
            guard let record = slots[source].query.response.writer.record(index) else { return }
            slots[target].query.response.writer.add(record, scratch: &copyScratch)
        }
    }
}

/// The memory of one query: its name in lower case, and the rest.
struct QuerySlot: ~Copyable {
    var name: NameScratch
    var query: Query

    init(worker: WorkerSlot) {
        name = NameScratch()
        query = Query(worker: worker, question: QuestionView(name: name.read(.root), type: .a, class: .internet))
    }
}
