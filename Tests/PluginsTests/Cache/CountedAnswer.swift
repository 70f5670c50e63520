import DNSMessage
import Locking
import PluginKit
import TestSupport

/// The plugin below a cache in tests: says what the script says, and counts how often it was asked.
final class CountedAnswer: QueryHandling {
    /// One answer.
    struct Answer: Sendable {
        var answer: [String] = []
        var authority: [String] = []
        var additional: [String] = []
        var code = ResponseCode.noError
        var flags = HeaderFlags.recursionAvailableBit
        /// Nothing is written; the query is given up with an error.
        var fails = false
        var isTransient = false
        /// An ECS option (RFC 7871 §6).
        var subnet: [UInt8] = []
    }

    private struct State {
        var answers: [Name: [Answer]] = [:]
        var asked: [Name] = []
        var background = 0
    }

    private let state = Lock(State())

    /// Answers to a name, one after another; the last one stays.
    func script(_ name: Name, _ answers: Answer...) { state.withLock { $0.answers[name] = answers } }

    /// A script of a single record; its owner is the name.
    func script(_ record: String) {
        let name = RecordText.record(record).name
        script(name, Answer(answer: [record]))
    }

    /// How often anybody asked.
    var count: Int { state.withLock { $0.asked.count } }
    /// How often that was in the background.
    var backgroundCount: Int { state.withLock { $0.background } }

    func onQuery(_ query: inout Query) -> Verdict {
        let name = Name(query.question.name)
        let isBackground = query.isBackground
        let answer = state.withLock { state -> Answer? in
            state.asked.append(name)
            if isBackground { state.background += 1 }
            guard let first = state.answers[name]?.first else { return nil }
            if state.answers[name, default: []].count > 1 { state.answers[name]?.removeFirst() }
            return first
        }
        guard let answer else { return query.fail(Failure(plugin: "scripted", "no script")) }
        query.response.isTransient = answer.isTransient
        if answer.fails { return query.fail(Failure(plugin: "scripted", "no upstream")) }
        query.response.responseCode = answer.code
        query.response.flags[answer.flags] = true
        if !answer.subnet.isEmpty { answer.subnet.withUnsafeBytes { query.response.addOption(.clientSubnet, $0) } }
        query.response.write(
            (.answer, answer.answer), (.authority, answer.authority), (.additional, answer.additional))
        return .reply
    }
}
