import Corefile
import DNSMessage
import PluginKit

// How a chain tells what its plugins do: between each two of them stands a watcher, and what differs from one watcher
// to the next was done by the plugin between them.

/// A question as a watcher saw it.
struct JournalQuestion: Hashable {
    let name: Name
    let type: RecordType

    init(_ view: QuestionView) {
        name = Name(view.name)
        type = view.type
    }
}

/// Where the watchers of a chain write what they see: in the journal of the run that the chain works for just now.
final class ExplainedDesk: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: an explanation is worked out by one thread.
    var journal = ExplainedJournal()
}

/// What the watchers of a chain see of one question.
struct ExplainedJournal {
    /// What a plugin did.
    struct Sight {
        enum What {
            case passed
            case asked(JournalQuestion)
            case changed
        }

        let member: Int
        let before: JournalQuestion
        let what: What
    }

    /// A response as a watcher saw it.
    private struct SeenResponse: Equatable {
        let code: ResponseCode
        let records: [Record]
    }

    private var sights: [Sight] = []
    /// The watcher that saw a question last on the way down, and what.
    private var down: (watcher: Int, question: JournalQuestion)?
    private var up: (watcher: Int, response: SeenResponse)?
    /// Members that changed the question: that they take it back on the way up is no news.
    private var changers: Set<Int> = []

    mutating func take() -> [Sight] {
        defer { sights = [] }
        return sights
    }

    mutating func goesDown(_ query: borrowing Query, past watcher: Int) {
        let question = JournalQuestion(query.question)
        if let down, watcher > 0 {
            let member = watcher - 1
            // Not the next one: a plugin had the query sent down again.
            let isAgain = watcher != down.watcher + 1
            if question != down.question {
                changers.insert(member)
                sights.append(Sight(member: member, before: down.question, what: .asked(question)))
            } else if !isAgain {
                sights.append(Sight(member: member, before: question, what: .passed))
            }
        }
        down = (watcher, question)
        up = nil
    }

    mutating func goesUp(_ query: borrowing Query, past watcher: Int) {
        let response = SeenResponse(code: query.response.responseCode, records: query.response.answerRecords)
        if let up, up.watcher == watcher + 1, up.response != response, !changers.contains(watcher) {
            sights.append(Sight(member: watcher, before: JournalQuestion(query.question), what: .changed))
        }
        up = (watcher, response)
    }
}

/// Stands in front of the plugin with its number.
final class ExplainedWatcher: QueryHandling, ResponseHandling {
    private let number: Int
    private let desk: ExplainedDesk

    init(_ number: Int, _ desk: ExplainedDesk) {
        self.number = number
        self.desk = desk
    }

    func onQuery(_ query: inout Query) -> Verdict {
        desk.journal.goesDown(query, past: number)
        return .next
    }

    func onResponse(_ query: inout Query) { desk.journal.goesUp(query, past: number) }
}

/// Stands in the place of a plugin that the explainer answers for: the query waits there.
final class StandIn: QueryHandling {
    func onQuery(_ query: inout Query) -> Verdict { .park }
}

/// Stands in the place of a plugin whose work cannot be foreseen, and lets the query pass.
final class UnknownPlugin: QueryHandling {
    private let zones: [Name]
    /// The types that it is about; none for all.
    private let types: Set<RecordType>

    init(_ lines: [Directive], zones: [Name]) {
        self.zones = zones
        let words = lines.map { line in
            switch line.name.text {
            case TemplateKind.name: line.arguments.count > 1 ? line.arguments[1].text : ""
            case DNS64Kind.name: "AAAA"
            default: ""
            }
        }
        let types = words.map { RecordType($0.uppercased()) }
        self.types = types.contains { $0 == nil || $0 == .any } ? [] : Set(types.compactMap(\.self))
    }

    func onQuery(_ query: inout Query) -> Verdict { .next }

    func concerns(_ question: JournalQuestion) -> Bool {
        (types.isEmpty || types.contains(question.type)) && zones.contains { question.name.isSubdomain(of: $0) }
    }
}
