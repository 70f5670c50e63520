import DNSMessage
import EventLoop

/// Takes questions: equal ones are one, what is known is answered from memory, and only so many are under way at once.
/// On the resolver's queue.
final class QuestionDesk {
    private let questionsMax: Int
    private var cache: AnswerCache
    private var inquiries: [Message.Question: Inquiry] = [:]
    /// Those of them that wait until others have ended, first to last.
    private var line = Line()
    private var activeCount = 0

    init(_ options: ResolverOptions) {
        questionsMax = max(options.questionsMax, 1)
        cache = AnswerCache(entriesMax: options.cacheEntriesMax)
    }

    /// The answer, if it is known; else the handler hears it.
    func ask(
        _ question: Message.Question, _ list: ServerList, turn: Int, _ handler: any FindingHandler, slot: Int
    ) -> Finding? {
        if let known = cache.finding(question, now: EventLoop.now) { return known }
        if let inquiry = inquiries[question] {
            inquiry.add(handler, slot: slot)
            return nil
        }
        let inquiry = Inquiry(question, self, list, turn: turn)
        inquiry.add(handler, slot: slot)
        inquiries[question] = inquiry
        if activeCount < questionsMax { start(inquiry) } else { line.append(inquiry) }
        return nil
    }

    private func start(_ inquiry: Inquiry) {
        activeCount += 1
        inquiry.isActive = true
        inquiry.askNext()
    }

    /// The handler does not wait any more.
    func withdraw(_ question: Message.Question, _ handler: any FindingHandler, slot: Int) {
        guard let inquiry = inquiries[question], !inquiry.remove(handler, slot: slot) else { return }
        inquiries[question] = nil
        inquiry.cancel()
        leave(inquiry)
    }

    /// An answer, or that there will be none.
    func ended(_ inquiry: Inquiry, _ finding: Finding) {
        if inquiries[inquiry.question] === inquiry { inquiries[inquiry.question] = nil }
        cache.store(finding, for: inquiry.question, now: EventLoop.now)
        leave(inquiry)
        inquiry.tell(finding)
    }

    private func leave(_ inquiry: Inquiry) {
        guard inquiry.isActive else { return line.remove(inquiry) }
        inquiry.isActive = false
        activeCount -= 1
        while activeCount < questionsMax, let next = line.popFirst() { start(next) }
    }

    /// Questions under way and in line.
    var pendingCount: Int { inquiries.count }

    /// Ends everything.
    func close() {
        let all = inquiries.values
        inquiries = [:]
        line = Line()
        activeCount = 0
        for inquiry in all {
            inquiry.isActive = false
            inquiry.cancel()
            inquiry.tell(.failed(.closed))
        }
    }

    /// Inquiries in the order in which they came.
    private struct Line {
        private var members: [Int: Inquiry] = [:]
        private var first = 0
        private var next = 0

        mutating func append(_ inquiry: Inquiry) {
            inquiry.place = next
            members[next] = inquiry
            next += 1
        }

        mutating func remove(_ inquiry: Inquiry) { members[inquiry.place] = nil }

        mutating func popFirst() -> Inquiry? {
            while first < next {
                defer { first += 1 }
                if let inquiry = members.removeValue(forKey: first) { return inquiry }
            }
            return nil
        }
    }
}
