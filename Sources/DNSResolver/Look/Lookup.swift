import DNSMessage
import EventLoop

/// What came of a look-up.
enum LookupOutcome {
    case found(Found)
    case failed(LookupError.Reason)
}

/// One look-up on its way through the names that its name may stand for; of each, all types at once. On the resolver's
/// queue.
final class Lookup: FindingHandler, TimerHandler {
    /// What was asked of one type.
    private struct Slot {
        let type: RecordType
        var question: Message.Question
        var finding: Finding?
        var aliases = 0
        /// The least on the way through aliases.
        var timeToLive = Limits.timeToLiveMax

        var hasRecords: Bool {
            if case .records? = finding?.outcome { true } else { false }
        }
    }

    private let core: ResolverCore
    private let list: ServerList
    private let turn: Int
    private let candidates: SearchList
    private var position = 0
    private var slots: [Slot]
    private var timer: TimerToken?
    /// While questions are being asked, answers are only noted.
    private var isAsking = false
    private var isEnded = false
    private var failure: LookupError.Reason?
    private var hasNoData = false
    private var done: ((LookupOutcome) -> Void)?

    init(
        _ core: ResolverCore, _ list: ServerList, _ candidates: SearchList, _ types: [RecordType], turn: Int,
        _ done: @escaping (LookupOutcome) -> Void
    ) {
        self.core = core
        self.list = list
        self.turn = turn
        self.candidates = candidates
        self.done = done
        slots = types.map { Slot(type: $0, question: Message.Question(.root, $0)) }
    }

    /// Goes on from one name to the next, until one has to be waited for or settles it.
    func advance() {
        while position < candidates.candidates.count {
            ask(candidates.candidates[position])
            guard slots.allSatisfy({ $0.finding != nil }) else { return }
            if decide() { return }
        }
        end(.failed(failure ?? (hasNoData ? .noData : .nameError)))
    }

    private func ask(_ name: Name) {
        isAsking = true
        for index in slots.indices {
            slots[index] = Slot(type: slots[index].type, question: Message.Question(name, slots[index].type))
            ask(slot: index)
        }
        isAsking = false
    }

    private func ask(slot: Int) {
        while let known = core.desk.ask(slots[slot].question, list, turn: turn, self, slot: slot) {
            guard take(known, slot: slot) == .asksOn else { return }
        }
    }

    private enum Progress { case asksOn, settled }

    /// Notes what was found, and follows aliases that led out of the reply.
    private func take(_ finding: Finding, slot: Int) -> Progress {
        let timeToLive = min(slots[slot].timeToLive, finding.timeToLive)
        slots[slot].timeToLive = timeToLive
        guard case .alias(let target) = finding.outcome else {
            slots[slot].finding = finding
            slots[slot].finding?.timeToLive = timeToLive
            return .settled
        }
        slots[slot].aliases += 1
        guard slots[slot].aliases <= Limits.aliasesMax else {
            slots[slot].finding = .failed(.tooManyAliases)
            return .settled
        }
        slots[slot].question = Message.Question(target, slots[slot].type)
        return .asksOn
    }

    func found(_ finding: Finding, slot: Int) {
        guard !isEnded else { return }
        if take(finding, slot: slot) == .asksOn { ask(slot: slot) }
        guard !isAsking, slots[slot].finding != nil else { return }
        if slots.allSatisfy({ $0.finding != nil }) {
            if !decide() { advance() }
        } else if slots[slot].hasRecords, timer == nil {
            timer = core.loop?.schedule(after: core.familyGrace, self)
        }
    }

    /// The other family takes too long: what came is the answer.
    func onTimer(_ token: TimerToken) {
        timer = nil
        withdraw()
        _ = decide()
    }

    // MARK: Deciding

    /// One decision for all types: records of any settle it. Else a failure hides what the others say, for the name
    /// may exist. False if the next name is to be tried.
    private func decide() -> Bool {
        let records = slots.filter(\.hasRecords).compactMap(\.finding)
        guard records.isEmpty else {
            end(.found(Found(records)))
            return true
        }
        var worst: LookupError.Reason?
        for case let finding? in slots.map(\.finding) {
            switch finding.outcome {
            case .failure(let reason): worst = worst ?? reason
            case .noData: hasNoData = true
            case .records, .alias, .nameError: break
            }
        }
        stopTimer()
        position = next(after: worst)
        failure = failure ?? worst
        return false
    }

    /// After a server's failure glibc tries the next name; where nobody answers, only the name as it was written, and
    /// where nobody can be reached, none.
    private func next(after failure: LookupError.Reason?) -> Int {
        let last = candidates.candidates.count
        switch failure {
        case nil, .serverFailure, .malformedReply, .tooManyAliases: return position + 1
        case .timedOut: return candidates.asWritten.flatMap { $0 > position ? $0 : nil } ?? last
        default: return last
        }
    }

    // MARK: Ending

    private func end(_ result: LookupOutcome) {
        guard !isEnded else { return }
        isEnded = true
        stopTimer()
        core.ended(self)
        done?(result)
        done = nil
    }

    private func stopTimer() {
        if let timer { core.loop?.cancel(timer) }
        timer = nil
    }

    private func withdraw() {
        for (index, slot) in slots.enumerated() where slot.finding == nil {
            core.desk.withdraw(slot.question, self, slot: index)
        }
    }

    /// Takes everything back, and tells why.
    func end(_ reason: LookupError.Reason) {
        guard !isEnded else { return }
        withdraw()
        end(LookupOutcome.failed(reason))
    }
}
