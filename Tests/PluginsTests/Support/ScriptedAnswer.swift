import DNSMessage
import Locking
import PluginKit
import TestSupport

/// The last plugin of a test's chain: answers each question by a script, and remembers what it was asked.
final class ScriptedAnswer: QueryHandling {
    /// What one question is answered with.
    struct Answer: Sendable {
        var answer: [String] = []
        var authority: [String] = []
        var additional: [String] = []
        var code = ResponseCode.noError
        var flags = HeaderFlags.recursionAvailableBit
        /// Nothing is written: the code is the plugin's verdict.
        var isVerdict = false
    }

    private let script: @Sendable (String, RecordType) -> Answer
    private let seen = Lock<[String]>([])

    /// The script gets the name as it is spelled, and the type.
    init(_ script: @escaping @Sendable (String, RecordType) -> Answer) { self.script = script }

    /// The questions so far: name, class, type, and the EDNS options in hexadecimal.
    var asked: [String] { seen.withLock { $0 } }

    func onQuery(_ query: inout Query) -> Verdict {
        let (name, type) = (query.question.name.description, query.question.type)
        let options = query.request.edns.map { " [\(Array($0.options).hex)]" } ?? ""
        let line = "\(name) \(query.question.class) \(type)\(options)"
        seen.withLock { $0.append(line) }
        let answer = script(name, type)
        if answer.isVerdict { return .fail(answer.code) }
        query.response.responseCode = answer.code
        query.response.flags[answer.flags] = true
        query.response.write(
            (.answer, answer.answer), (.authority, answer.authority), (.additional, answer.additional))
        return .reply
    }
}

extension ScriptedAnswer: ForeignClassAnswering {}
