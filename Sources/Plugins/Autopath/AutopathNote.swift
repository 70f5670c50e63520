import DNSMessage
import PluginKit

/// What `autopath` remembers of a query whose name it looks for elsewhere.
final class AutopathNote {
    private(set) var isSearching = true
    private let question: QuestionView
    private var memory = NameScratch()
    private var scratch = NameScratch()
    private var candidates: ArraySlice<[UInt8]>
    /// The answer for the first search domain, which it comes down to if nothing is found.
    private var first: [(section: Section, record: Record)] = []
    private let flags: HeaderFlags
    private let responder: Int?

    init(_ query: borrowing Query, _ candidates: [[UInt8]]) {
        question = QuestionView(
            name: memory.read(copying: query.question.name.spelled), type: query.question.type,
            class: query.question.class)
        self.candidates = candidates[...]
        flags = query.response.flags
        responder = query.responder
        for section in Section.allCases {
            for index in query.response.writer.records(in: section) {
                guard let view = query.response.writer.record(index), let record = Record(view, scratch: &scratch)
                else { continue }
                first.append((section, record))
            }
        }
    }

    /// The next name to ask for, in wire form.
    func next() -> [UInt8]? { candidates.popFirst() }

    /// The client's question again, with the answer for the first search domain.
    func restoreFirst(_ query: inout Query) {
        isSearching = false
        query.response.rewrite(question) { _, new in
            for (section, record) in first {
                new.move(to: section)
                new.add(record)
            }
        }
        query.response.responseCode = .nxDomain
        query.response.flags = flags
        query.responder = responder
        query.question = question
    }

    /// The client's question again, with what was found and an alias that leads there.
    func finish(_ query: inout Query) {
        isSearching = false
        query.response.rewrite(question) { old, new in
            if let record = old.answerCount > 0 ? old.record(0) : nil,
                let owner = scratch.read(record.message, at: record.ownerOffset)?.name
            {
                new.addName(.question, .cname, .wire(owner.spelled), ttl: record.ttl)
            }
            for section in Section.allCases {
                new.move(to: section)
                for index in old.records(in: section) {
                    if let record = old.record(index) { new.add(record, scratch: &scratch) }
                }
            }
        }
        query.question = question
    }
}
