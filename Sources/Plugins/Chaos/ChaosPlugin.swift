import DNSMessage
import PluginKit

/// Answers the few names that the class CH has.
final class ChaosPlugin: QueryHandling, ForeignClassAnswering {
    /// A name and its TXT records, a string each.
    struct Answer: Sendable {
        let name: Name
        let texts: [[UInt8]]
    }

    private let answers: [Answer]

    init(_ answers: [Answer]) { self.answers = answers }

    func onQuery(_ query: inout Query) -> Verdict {
        guard query.question.class == .chaos, query.question.type == .txt else { return .next }
        let name = Name(query.question.name)
        guard let answer = answers.first(where: { $0.name == name }) else { return .next }
        for text in answer.texts {
            text.withUnsafeBytes { _ = query.response.writer.addText(.question, $0, class: .chaos, ttl: 0) }
        }
        return .reply
    }
}
