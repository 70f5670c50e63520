import Dispatch
import DNSMessage
import EventLoop
import PluginKit
import Telemetry

/// One query's way through the server: to its block, down the chain, after aliases, up again, to the reply. Where it
/// has to wait it keeps all it needs and goes on later. Owned by its worker's queue; its memory is used again.
final class Walk: QueryWalk, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything happens on the worker's queue.
    private unowned let pool: WalkPool
    /// The same while the query is on its own, since whoever resumes it may outlive the worker.
    private var heldPool: WalkPool?
    /// One stage for the query and one for each alias followed from it, made when first needed.
    private let stages: UnsafeMutablePointer<Stage>
    private var stageCount = 0
    /// The stage at hand.
    private var depth = 0
    /// Times a plugin had the query asked again.
    private var rounds = 0
    /// The outermost link that sees the response; 0 but for a query in the background.
    private var lastLink = 0
    /// Behind a pointer, so that the access is not checked for each query.
    private let request: UnsafeMutablePointer<RequestMemory>
    private(set) var generation: UInt64 = 0
    private var isParked = false
    /// Held while the query waits; also when another one has taken its place.
    private var router: Router?
    private var receiver: (any LateReplyReceiver)?
    /// Where a late reply over UDP goes to.
    private(set) lazy var peer = DatagramPeer()

    init(_ pool: WalkPool) {
        self.pool = pool
        stages = .allocate(capacity: Limits.followDepthMax + 1)
        request = .allocate(capacity: 1)
        request.initialize(to: RequestMemory())
        addStage()
    }

    deinit {
        stages.deinitialize(count: stageCount)
        stages.deallocate()
        request.deinitialize(count: 1)
        request.deallocate()
    }

    private func addStage() {
        (stages + stageCount).initialize(to: Stage(worker: pool.worker))
        stages[stageCount].query.walk = self
        stageCount += 1
    }

    // MARK: A client's query

    /// Reads a request and goes as far as it can.
    func start(_ arrival: Arrival) -> Resolution {
        let bytes = request.pointee.keep(arrival.bytes)
        let receipt = RequestReader.read(bytes, &stages[0])
        stages[0].query.client = arrival.client
        stages[0].query.server = arrival.server
        stages[0].query.transport = arrival.transport
        stages[0].query.receivedAt = arrival.receivedAt
        switch receipt {
        case .ignore: return .silence
        case .query: guard readCookie() else { return reject(.formErr, keepsQuestion: true) }
        case .reject(let code, let keepsQuestion): return reject(code, keepsQuestion: keepsQuestion)
        }
        depth = 0
        rounds = 0
        lastLink = 0
        let isDone = arrival.router._withUnsafeGuaranteedRef { advance(dispatch($0), $0) }
        if isDone { return end() }
        park(arrival.router.takeUnretainedValue())
        return .later(self)
    }

    private func reject(_ code: ResponseCode, keepsQuestion: Bool) -> Resolution {
        .reply(EarlyReply.write(code, keepsQuestion: keepsQuestion, to: &stages[0].query))
    }

    private func end() -> Resolution {
        if stages[0].query.isDropped { return .silence }
        if stages[0].query.request.cookie != .none, let option = stages[0].query.request.edns?.option(.cookie) {
            pool.cookies.answer(option, &stages[0].query, now: ServerCookies.now)
        }
        return .reply(ReplyWriter.finish(&stages[0].query))
    }

    /// Looks at the client's cookie, if it has one; false for one that cannot be (RFC 7873 §5.2.2).
    private func readCookie() -> Bool {
        stages[0].query.request.cookie = .none
        guard let edns = stages[0].query.request.edns, edns.options.count > 0, let option = edns.option(.cookie) else {
            return true
        }
        let state = pool.cookies.check(option, from: stages[0].query.client.address, now: ServerCookies.now)
        stages[0].query.request.cookie = state ?? .none
        return state != nil
    }

    // MARK: The way

    private typealias Progress = (outcome: ChainOutcome, reached: Int)

    /// Sends the query of the stage at hand through the block it belongs to; every refusal before the chain is written
    /// here.
    private func dispatch(_ router: Router) -> Progress {
        let stage = stages + depth
        stage.pointee.query.site = router.sitelessSite
        stage.pointee.query.udpSize = Query.defaultUDPSize
        stage.pointee.query.begin(stage.pointee.query.question)
        stage.pointee.query.response.begin(stage.pointee.query.question, request: stage.pointee.query.request)
        let route = router.route(&stage.pointee.query)
        switch route {
        case .refuse(let code, let explanation):
            stage.pointee.chain = nil
            refuse(code, explanation)
            router.observeRefusal(&stage.pointee.query)
            return (.reply, -1)
        case .block(let block):
            stage.pointee.chain = block.chain
            stage.pointee.query.site = block.site
            stage.pointee.query.udpSize = block.udpSize
            return block.chain._withUnsafeGuaranteedRef { $0.descend(&stage.pointee.query) }
        }
    }

    private func refuse(_ code: ResponseCode, _ explanation: Explanation?) {
        stages[depth].query.response.reset(code)
        // What the flags of another version mean is not known.
        if code == .badVers { stages[depth].query.response.dnssecOK = false }
        guard let explanation else { return }
        stages[depth].query.response.explain(explanation.code, explanation.text)
    }

    /// Goes on from what the chain said until the query is done, or has to wait: false.
    private func advance(_ progress: Progress, _ router: Router) -> Bool {
        var (outcome, reached) = progress
        while true {
            if outcome == .park { return false }
            if outcome == .follow, prepareAlias() {
                stages[depth].reached = reached
                depth += 1
                (outcome, reached) = dispatch(router)
                continue
            }
            if let link = ascend(from: reached), outcome != .drop, let chain = stages[depth].chain {
                (outcome, reached) = chain._withUnsafeGuaranteedRef {
                    $0.descend(&stages[depth].query, from: link + 1)
                }
                continue
            }
            guard depth > 0 else { return true }
            depth -= 1
            if outcome != .drop { appendAlias() }
            (outcome, reached) = (.reply, stages[depth].reached)
        }
    }

    /// The way up; tells which link wants the query asked again below it.
    private func ascend(from reached: Int) -> Int? {
        guard let chain = stages[depth].chain else { return nil }
        var reached = reached
        let last = depth == 0 ? lastLink : 0
        while let link = chain._withUnsafeGuaranteedRef({ $0.ascend(&stages[depth].query, from: reached, to: last) }) {
            rounds += 1
            if rounds <= Chain.roundsMax { return link }
            stages[depth].query.response.reset(.servFail)
            stages[depth].query.response.explain(.other, "the plugins asked again and again")
            reached = link - 1
        }
        return nil
    }

    // MARK: Aliases

    /// Makes the next stage ask for the target of this one's alias; false where it must not be followed.
    private func prepareAlias() -> Bool {
        let next = depth + 1
        guard next <= Limits.followDepthMax else { return false }
        if next == stageCount { addStage() }
        let wire = UnsafeRawBufferPointer(start: stages[depth].query.response.alias, count: Name.maximumLength)
        guard let target = stages[next].name.read(wire, at: 0)?.name, !wasAsked(target) else { return false }
        let type = stages[depth].query.question.type
        let `class` = stages[depth].query.question.class
        stages[next].query.inherit(stages[depth].query)
        stages[next].query.depth = next
        stages[next].query.question = QuestionView(name: target, type: type, class: `class`)
        return true
    }

    /// Whether an alias leads back to where the query has been; asking on would only repeat its links.
    private func wasAsked(_ target: NameView) -> Bool {
        (0...depth).contains { stage in
            let name = stages[stage].query.question.name
            return name.length == target.length && equalBytes(name.folded, target.folded, count: target.length)
        }
    }

    /// Appends what the next stage found to this one's alias. The code and the SOA of a negative answer are those of
    /// the target (RFC 6604 §3); where no block resolves the target, the alias stands alone.
    private func appendAlias() {
        let next = depth + 1
        let code = stages[next].query.response.responseCode
        guard code == .noError || code == .nxDomain else { return }
        append(.answer, of: next)
        if isTelling(next) { append(.authority, of: next) }
        stages[depth].query.response.responseCode = code
        // Without it an answer of which all was cut looks like none.
        if stages[next].query.response.flags.isTruncated { stages[depth].query.response.flags.isTruncated = true }
    }

    /// Whether the authority section belongs to the answer: an SOA record is what makes an answer negative
    /// (RFC 2308 §2), also behind further aliases, and one from a wildcard is none without its proof
    /// (RFC 4035 §3.1.3.3).
    private func isTelling(_ stage: Int) -> Bool {
        stages[stage].query.response.writer.records(in: .authority).contains { index in
            switch stages[stage].query.response.writer.type(ofRecord: index) {
            case .soa, .nsec, .nsec3: true
            default: false
            }
        }
    }

    private func append(_ section: Section, of source: Int) {
        stages[depth].query.response.writer.move(to: section)
        for index in stages[source].query.response.writer.records(in: section) {
            guard let record = stages[source].query.response.writer.record(index) else { return }
            stages[depth].query.response.writer.add(record, scratch: &pool.copyScratch)
        }
    }

    // MARK: Waiting

    var loop: EventLoop { pool.loop }
    var canPark: Bool { pool.canPark(stages[0].query.client.address) }

    private func park(_ router: Router) {
        self.router = router
        isParked = true
        heldPool = pool
        pool.didPark(stages[0].query.client.address)
        for stage in 0...depth {
            guard let memory = stages[stage].query.response.handOut() else { continue }
            stages[stage].isWithoutMemory = true
            pool.keep(memory)
        }
    }

    /// Tells where the reply goes once there is one.
    func wait(for receiver: any LateReplyReceiver) { self.receiver = receiver }

    func resume(_ generation: UInt64, _ verdict: (inout Query) -> Verdict) -> Bool {
        guard isParked, generation == self.generation, let router, let chain = stages[depth].chain,
            let pool = heldPool, !pool.isClosed
        else { return false }
        isParked = false
        heldPool = nil
        self.generation += 1
        pool.didResume(stages[0].query.client.address)
        for stage in 0...depth where stages[stage].isWithoutMemory {
            stages[stage].isWithoutMemory = false
            stages[stage].query.response.takeBack(pool.writerMemory(), stages[stage].query.question)
        }
        let decided = verdict(&stages[depth].query)
        let progress = chain._withUnsafeGuaranteedRef { $0.proceed(&stages[depth].query, with: decided) }
        advance(progress, router) ? finish() : park(router)
        return true
    }

    private func finish() {
        generation += 1
        let receiver = self.receiver
        self.receiver = nil
        router = nil
        if let receiver {
            if case .reply(let bytes) = end() {
                receiver.takeLate(bytes, self)
            } else {
                receiver.takeLate(nil, self)
            }
        }
        request.pointee.shrink()
        pool.giveBack(self)
    }

    // MARK: In the background

    func askInBackground(_ query: inout Query) {
        guard canPark, let router = router ?? pool.router(of: self), let chain = stages[query.depth].chain else {
            return
        }
        let walk = pool.take()
        walk.copy(query, chain, router)
        loop.queue.async { walk.runInBackground() }
    }

    private func copy(_ query: borrowing Query, _ chain: Unmanaged<Chain>, _ router: Router) {
        let name = stages[0].name.read(copying: query.question.name.spelled)
        let old = query.request.bytes
        stages[0].query.inherit(query)
        stages[0].query.request.move(from: old, to: request.pointee.keep(old))
        stages[0].query.begin(QuestionView(name: name, type: query.question.type, class: query.question.class))
        stages[0].query.response.begin(stages[0].query.question, request: stages[0].query.request)
        stages[0].query.isBackground = true
        stages[0].query.depth = query.depth
        stages[0].query.site = query.site
        stages[0].query.udpSize = query.udpSize
        stages[0].chain = chain
        depth = 0
        rounds = 0
        lastLink = query.link
        self.router = router
        heldPool = pool
    }

    private func runInBackground() {
        guard let router, let chain = stages[0].chain, let pool = heldPool, !pool.isClosed else { return }
        heldPool = nil
        let first = lastLink + 1
        let progress = chain._withUnsafeGuaranteedRef { $0.descend(&stages[0].query, from: first) }
        advance(progress, router) ? finish() : park(router)
    }
}

/// What came in.
struct Arrival {
    let bytes: UnsafeRawBufferPointer
    /// Not counted: all workers would write that count. The listener keeps it.
    let router: Unmanaged<Router>
    let client: SocketAddress
    let server: SocketAddress
    let transport: Transport
    let receivedAt: UInt64
}

/// What becomes of a request now.
enum Resolution {
    /// The reply, valid until the next request.
    case reply(UnsafeRawBufferPointer)
    case silence
    /// The query waits; whoever is told to it with `wait(for:)` gets the reply.
    case later(Walk)
}

/// Sends what comes late.
protocol LateReplyReceiver: AnyObject {
    /// The query has ended, without a reply if that is nil. On the worker's queue.
    func takeLate(_ reply: UnsafeRawBufferPointer?, _ walk: Walk)
}

/// The memory of one query: its name in lower case, and the rest.
struct Stage: ~Copyable {
    var name: NameScratch
    var query: Query
    /// The block's plugins; nil where no block took the query. The router keeps it.
    var chain: Unmanaged<Chain>?
    /// How far down the chain the query came before its alias was followed.
    var reached = 0
    /// While the query waits, others write in its memory.
    var isWithoutMemory = false

    init(worker: WorkerSlot) {
        name = NameScratch()
        query = Query(worker: worker, question: QuestionView(name: name.read(.root), type: .a, class: .internet))
    }
}
