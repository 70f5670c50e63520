import Corefile
import DNSMessage
import Explanation
import PluginKit
import Telemetry

/// One question on its way through the plugins of a block.
final class ExplainedRun: PluginRun {
    private let block: ExplainedBlock
    private let memory: QuestionMemory
    private var query: Query
    private var journal = ExplainedJournal()
    private var reached = 0
    private var rounds = 0
    private var steps: [PluginStep] = []
    /// Records that are more than a message holds; they are shown as they are then.
    private var uncut: [Record]?

    init(_ question: PluginQuestion, _ block: ExplainedBlock) {
        self.block = block
        memory = QuestionMemory(question)
        query = memory.query(client: block.client)
    }

    func isTaken(by filter: any QueryFiltering) -> Bool { filter.accepts(&query) }

    // MARK: The way

    func start() -> PluginStop {
        let (outcome, reached) = watched { $0.descend(&query) }
        return settle(outcome, reached)
    }

    func goOn(with reply: StepReply) -> PluginStop {
        let verdict: Verdict
        switch reply {
        case .passedOn: verdict = .next
        case .reply(let code, let records):
            add(records)
            query.response.responseCode = code
            verdict = code == .noError || code == .nxDomain ? .reply : .fail(code)
        case .alias(let records, let target):
            add(records)
            // A name in wire form has at least the root's byte, so there is a base address.
            target.wire.withUnsafeBytes { query.response.setAlias(wire: $0.baseAddress.unsafelyUnwrapped) }
            verdict = .follow
        case .followed(let code, let records):
            // As the server does: where nothing resolves the target, the alias stands alone.
            if code == .noError || code == .nxDomain {
                add(records)
                query.response.responseCode = code
            }
            return ascend(.reply)
        }
        let (outcome, reached) = watched { $0.proceed(&query, with: verdict) }
        return settle(outcome, reached)
    }

    /// An alias is followed through the same chain, perhaps, while its own question waits.
    private func watched<Progress>(_ move: (Chain) -> Progress) -> Progress {
        block.desk.journal = journal
        defer { journal = block.desk.journal }
        return move(block.chain)
    }

    private func settle(_ outcome: ChainOutcome, _ reached: Int) -> PluginStop {
        self.reached = reached
        collect()
        let member = block.member(atLink: reached)
        if outcome == .park, let member, case .standIn(let step) = block.members[member].role {
            return .reached(step, Name(query.question.name), query.question.type)
        }
        if outcome == .park { return .nobody }
        if let member, case .plugin = block.members[member].role { noteDecision(member, outcome) }
        if outcome == .follow, let target = alias { return .alias(target, query.question.type) }
        return ascend(outcome)
    }

    private func ascend(_ outcome: ChainOutcome) -> PluginStop {
        if outcome == .drop { return .silence }
        let isUnanswered = query.failure?.text == Chain.unanswered
        if let link = watched({ $0.ascend(&query, from: reached) }), rounds < Chain.roundsMax {
            rounds += 1
            collect()
            let (outcome, reached) = watched { $0.descend(&query, from: link + 1) }
            return settle(outcome, reached)
        }
        collect()
        if isUnanswered, query.failure?.text == Chain.unanswered { return .nobody }
        let decider = block.member(atLink: reached).map { block.members[$0].role }
        var isOwn = false
        if case .plugin? = decider { isOwn = true }
        return .reply(query.response.responseCode, uncut ?? answer, isOwn: isOwn)
    }

    private var alias: Name? {
        var scratch = NameScratch()
        return scratch.read(UnsafeRawBufferPointer(start: query.response.alias, count: Name.maximumLength), at: 0)
            .map { Name($0.name) }
    }

    private func add(_ records: [Record]) {
        for record in records where !query.response.writer.add(record) {
            uncut = (uncut ?? answer) + [record]
        }
    }

    private var answer: [Record] { query.response.answerRecords }

    // MARK: What was done

    func takeSteps() -> [PluginStep] {
        defer { steps = [] }
        return steps
    }

    /// What the watchers have seen.
    private func collect() {
        for sight in journal.take() {
            let member = block.members[sight.member]
            switch sight.what {
            case .passed:
                switch member.role {
                case .standIn: break
                case .unknown(let plugin):
                    if plugin.concerns(sight.before) { note(member, .unknown, sight.before) }
                case .plugin: if member.word != MetadataKind.name { note(member, .passed, sight.before) }
                }
            case .asked(let after): note(member, .askedOtherwise, sight.before, after)
            case .changed: note(member, .changed, sight.before)
            }
        }
    }

    private func noteDecision(_ member: Int, _ outcome: ChainOutcome) {
        let asked = JournalQuestion(query.question)
        let act: PluginStep.Act =
            outcome == .drop ? .dropped : query.response.responseCode == .refused ? .refused : .answered
        note(block.members[member], act, asked)
    }

    private func note(
        _ member: ExplainedBlock.Member, _ act: PluginStep.Act, _ before: JournalQuestion,
        _ after: JournalQuestion? = nil
    ) {
        // Which type is told only where that changes.
        let usual = after == nil || after?.type == before.type ? before.type : nil
        let shown = { (question: JournalQuestion) in
            question.type == usual ? question.name.shown : "\(question.type) of \(question.name.shown)"
        }
        steps.append(
            PluginStep(
                member.word, line(member, act, before).place, act, from: shown(before), to: after.map(shown) ?? "",
                dependsOn: member.dependsOn))
    }

    /// Of several lines that make one plugin the one that is behind what it did: the first that does something alone.
    private func line(
        _ member: ExplainedBlock.Member, _ act: PluginStep.Act, _ before: JournalQuestion
    ) -> Directive {
        guard act != .passed, act != .unknown else { return member.lines[0] }
        let found = member.alone.first { _, chain in
            let memory = QuestionMemory(PluginQuestion(before.name, before.type))
            var query = memory.query(client: block.client)
            let outcome = chain.descend(&query).outcome
            let isUnanswered = outcome == .reply && query.failure?.text == Chain.unanswered
            return !isUnanswered || JournalQuestion(query.question) != before
        }
        return found?.line ?? member.lines[0]
    }
}

/// The memory that a query points into.
final class QuestionMemory {
    private var scratch = NameScratch()
    private let question: QuestionView
    private let message: UnsafeMutableRawBufferPointer

    init(_ asked: PluginQuestion) {
        var scratch = NameScratch()
        question = QuestionView(name: scratch.read(asked.name), type: asked.type, class: .internet)
        self.scratch = scratch
        let flags = HeaderFlags(rawValue: HeaderFlags.recursionDesiredBit)
        let bytes = Message(id: 0, flags: flags, questions: [Message.Question(asked.name, asked.type)]).encoded()
        message = .allocate(byteCount: bytes.count, alignment: 8)
        message.copyBytes(from: bytes)
    }

    deinit { message.deallocate() }

    func query(client: IPAddress?) -> Query {
        var query = Query(worker: WorkerSlot(0), question: question)
        query.request.bytes = UnsafeRawBufferPointer(message)
        query.request.flags = HeaderFlags(rawValue: HeaderFlags.recursionDesiredBit)
        if let client { query.client = SocketAddress(client, port: 0) }
        query.response.begin(question, request: query.request)
        return query
    }
}

extension Response {
    /// The records of the answer section.
    var answerRecords: [Record] {
        var scratch = NameScratch()
        var found: [Record] = []
        for index in writer.records(in: .answer) {
            if let view = writer.record(index), let record = Record(view, scratch: &scratch) { found.append(record) }
        }
        return found
    }
}
