import DNSMessage
import PluginKit

/// Rewrites queries by rules, and their responses so that the client finds what it asked for. A query that no rule is
/// about costs a look at a word of its name for each, in plain memory, or at a letter.
class RewritePlugin: QueryHandling, ResponseReviewing, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything is a constant; the class is open only for `ForeignRewritePlugin`.
    private let filters: UnsafeMutableBufferPointer<NameFilter>
    private let heads: UnsafeMutableBufferPointer<Head>
    private let rules: [RewriteRule]

    /// What tells whether a rule is about a question whose name the rule's filter lets pass.
    private struct Head {
        let name: NameTest
        /// 0 for all, which is neither a type nor a class.
        let type: UInt16
        let `class`: UInt16

        func matches(_ question: QuestionView) -> Bool {
            (type == 0 || type == question.type.rawValue) && (`class` == 0 || `class` == question.class.rawValue)
                && name.matches(question.name)
        }
    }

    init(_ rules: [RewriteRule]) {
        self.rules = rules
        filters = .allocate(capacity: rules.count)
        heads = .allocate(capacity: rules.count)
        for (index, rule) in rules.enumerated() {
            filters.initializeElement(at: index, to: NameFilter(rule.pattern))
            let head = Head(
                name: NameTest(rule.pattern), type: rule.type?.rawValue ?? 0, class: rule.class?.rawValue ?? 0)
            heads.initializeElement(at: index, to: head)
        }
    }

    deinit {
        for head in heads { head.name.deallocate() }
        for filter in filters { filter.deallocate() }
        heads.deallocate()
        filters.deallocate()
    }

    func onQuery(_ query: inout Query) -> Verdict {
        // Of an earlier round, if a plugin further up asks again.
        if let note = Self.note(of: &query) { note.end() }
        guard let first = rule(for: query.question, from: 0) else { return .next }
        return rewrite(&query, from: first)
    }

    /// The first rule about a question, of those from one on.
    private func rule(for question: QuestionView, from first: Int) -> Int? {
        guard let filters = filters.baseAddress else { return nil }
        let (name, count) = (question.name, heads.count)
        var index = first
        while index < count {
            if NameFilter.passes(filters + index, name), heads[index].matches(question) { return index }
            index &+= 1
        }
        return nil
    }

    /// Applies a rule and, if it lets them, those behind it that are about what became of the question.
    @inline(never)
    private func rewrite(_ query: inout Query, from first: Int) -> Verdict {
        var next: Int? = first
        while let index = next {
            if let verdict = apply(rules[index], &query) { return verdict }
            next = rules[index].continues ? rule(for: query.question, from: index + 1) : nil
        }
        return .next
    }

    func review(_ query: inout Query) -> Review {
        guard let note = Self.note(of: &query), note.isActive else { return .keep }
        return note.review(&query)
    }

    /// Not of a borrowed query: that would be a copy.
    @inline(__always)
    private static func note(of query: inout Query) -> RewriteNote? {
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
        if let note = Self.note(of: &query), note.isActive { return note }
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
