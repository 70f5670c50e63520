import DNSMessage
import PluginKit

/// Rewrites queries by rules, and their responses so that the client finds what it asked for. A query that no rule is
/// about costs a look at its name for each rule, in plain memory.
class RewritePlugin: QueryHandling, ResponseReviewing, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything is a constant; the class is open only for `ForeignRewritePlugin`.
    private let heads: UnsafeMutableBufferPointer<Head>
    private let rules: [RewriteRule]

    /// What tells whether a rule is about a question.
    private struct Head {
        let name: NameTest
        /// 0 for all, which is neither a type nor a class.
        let type: UInt16
        let `class`: UInt16

        @inline(__always)
        func matches(_ question: QuestionView) -> Bool {
            guard name.matches(question.name) else { return false }
            return (type == 0 || type == question.type.rawValue)
                && (`class` == 0 || `class` == question.class.rawValue)
        }
    }

    init(_ rules: [RewriteRule]) {
        self.rules = rules
        heads = .allocate(capacity: rules.count)
        for (index, rule) in rules.enumerated() {
            heads.initializeElement(
                at: index,
                to: Head(
                    name: NameTest(rule.pattern), type: rule.type?.rawValue ?? 0, class: rule.class?.rawValue ?? 0))
        }
    }

    deinit {
        for head in heads { head.name.deallocate() }
        heads.deallocate()
    }

    func onQuery(_ query: inout Query) -> Verdict {
        // Of an earlier round, if a plugin further up asks again.
        if let note = Self.note(of: query) { note.end() }
        let question = query.question
        for index in heads.indices where heads[index].matches(question) { return rewrite(&query, from: index) }
        return .next
    }

    /// The first rule that matches and, if it lets them, those behind it. Apart from `onQuery`, which is small so.
    @inline(never)
    private func rewrite(_ query: inout Query, from first: Int) -> Verdict {
        for index in first..<heads.count where heads[index].matches(query.question) {
            if let verdict = apply(rules[index], &query) { return verdict }
            if !rules[index].continues { break }
        }
        return .next
    }

    func review(_ query: inout Query) -> Review {
        guard let note = Self.note(of: query), note.isActive else { return .keep }
        return note.review(&query)
    }

    private static func note(of query: borrowing Query) -> RewriteNote? {
        guard let note = query.note else { return nil }
        return note as? RewriteNote
    }

    /// Nil unless the query fails.
    private func apply(_ rule: RewriteRule, _ query: inout Query) -> Verdict? {
        let note = activeNote(&query)
        switch rule.action {
        case .name(let replacement, let answers): return rename(replacement, answers, note, &query)
        case .type(let type):
            note.changesQuestion = true
            query.changeQuestion(name: query.question.name.spelled, type: type, class: query.question.class)
        case .class(let new):
            note.changesQuestion = true
            query.changeQuestion(name: query.question.name.spelled, type: query.question.type, class: new)
        case .response(let rule): note.rules.append(rule)
        case .option(let rule): if let options = rule.apply(to: &query) { note.setOptions(options, &query) }
        }
        return nil
    }

    private func activeNote(_ query: inout Query) -> RewriteNote {
        if let note = Self.note(of: query), note.isActive { return note }
        let note = RewriteNote(query)
        query.remember(note)
        return note
    }

    private func rename(
        _ replacement: NameReplacement, _ answers: AnswerRules, _ note: RewriteNote, _ query: inout Query
    ) -> Verdict? {
        let old = NameText.text(wire: query.question.name.folded)
        guard let new = replacement.apply(old) else { return nil }
        let name: Name
        do throws(NameError) {
            name = try Name(new)
        } catch {
            return query.fail(Failure(plugin: "", "invalid name after rewrite: \(new)"))
        }
        note.changesQuestion = true
        if answers.turnsBack { note.rules += Self.backward(replacement, from: name.description, to: old) }
        note.rules += answers.rules
        // A name in wire form has at least the root's byte, so there is a base address.
        name.wire.withUnsafeBytes {
            query.changeQuestion(
                name: $0.baseAddress.unsafelyUnwrapped, type: query.question.type, class: query.question.class)
        }
        return nil
    }

    /// What turns names of the response back.
    private static func backward(_ forward: NameReplacement, from new: String, to old: String) -> [ResponseRule] {
        let mapping: NameMapping
        if case .suffix(let suffix) = forward.pattern, let back = try? NameSuffix(forward.target.text) {
            mapping = .replacement(NameReplacement(pattern: .suffix(back), target: ReplacementText(suffix.text)))
        } else {
            mapping = .remap(from: new, to: old)
        }
        return [.owner(mapping), .value(mapping)]
    }
}

/// The same for rules about other classes than IN.
final class ForeignRewritePlugin: RewritePlugin, ForeignClassAnswering, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: it adds no state to its superclass, which has constants only.
}
