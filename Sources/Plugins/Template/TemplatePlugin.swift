import DNSMessage
import PluginKit
import Telemetry

/// Answers with records that are made for each query. To queries that are not for it, it costs no more than looking at
/// their zone, class and type, in plain memory.
class TemplatePlugin: QueryHandling, Starting, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything is a constant but `counters`, which `start` writes before the first
    // query; the class is open only for `ForeignTemplatePlugin`.
    private let heads: UnsafeMutableBufferPointer<Head>
    private let rules: [TemplateRule]
    private let metrics: TemplateMetrics
    private let block: Int
    private var counters: TemplateCounters?

    /// What tells whether a rule is about a question.
    private struct Head {
        let zones: Unmanaged<ZoneSet>
        let `class`: RecordClass
        let type: RecordType

        func zone(of question: QuestionView) -> Int? {
            guard `class` == .any || question.class == .any || `class` == question.class,
                type == .any || question.type == .any || type == question.type
            else { return nil }
            return zones._withUnsafeGuaranteedRef { $0.closest(question.name) }
        }
    }

    init(_ rules: [TemplateRule], _ metrics: TemplateMetrics, block: Int) {
        self.rules = rules
        self.metrics = metrics
        self.block = block
        heads = .allocate(capacity: rules.count)
        for (index, rule) in rules.enumerated() {
            heads.initializeElement(
                at: index, to: Head(zones: .passRetained(rule.zones), class: rule.class, type: rule.type))
        }
    }

    deinit {
        for head in heads { head.zones.release() }
        heads.deallocate()
    }

    func start(_ context: StartContext) throws(StartError) {
        counters = TemplateCounters(context.sites, block: block, rules, metrics)
    }

    func onQuery(_ query: inout Query) -> Verdict {
        for index in heads.indices {
            guard let zone = heads[index].zone(of: query.question) else { continue }
            if let verdict = answer(&query, index, zone) { return verdict }
        }
        return .next
    }

    /// Nil if the next rule is to be asked.
    private func answer(_ query: inout Query, _ index: Int, _ zone: Int) -> Verdict? {
        let rule = rules[index]
        guard let match = rule.match(query.question.name) else {
            if rule.fallthroughZones.applies(to: query.question.name) { return nil }
            query.response.explain(.other, "the name matches no expression of its template")
            return .fail(.servFail)
        }
        var variables: [String: TemplateValue] = [:]
        if !rule.conditions.isEmpty {
            switch rule.conditions[query.worker.index].evaluate(match, &query) {
            case .holds(let values): variables = values
            case .fails:
                if rule.fallthroughZones.applies(to: query.question.name) { return nil }
                query.response.explain(.other, "a condition of the name's template is not true")
                return .fail(.servFail)
            case .fault:
                query.response.explain(.other, "an expression of the name's template has no value")
                return .fail(.servFail)
            }
        }
        counters?.countMatch(&query, rule: index, zone: zone)
        guard rule.responseCode != .servFail else { return .fail(.servFail) }
        do throws(RecordMaker.Failure) {
            return try write(RecordMaker(rule, match, zone, variables, query), rule, &query)
        } catch {
            counters?.countFailure(error, &query, rule: index, zone: zone)
            return query.fail(PluginKit.Failure(plugin: "", error.reason.text))
        }
    }

    private func write(
        _ maker: RecordMaker, _ rule: TemplateRule, _ query: inout Query
    ) throws(RecordMaker.Failure) -> Verdict {
        let target = try maker.write(.answer, rule.answer, &query)
        if target == nil {
            _ = try maker.write(.authority, rule.authority, &query)
            _ = try maker.write(.additional, rule.additional, &query)
        }
        query.response.responseCode = rule.responseCode
        query.response.flags.isAuthoritative = true
        if let error = rule.extendedError {
            error.text.withUnsafeBytes { query.response.explain(error.code, $0) }
        }
        guard let target else { return .reply }
        // A name in wire form has at least the root's byte, so there is a base address.
        target.wire.withUnsafeBytes { query.response.setAlias(wire: $0.baseAddress.unsafelyUnwrapped) }
        return .follow
    }
}

/// The same for templates of other classes, in a block where another plugin lets such queries in.
final class ForeignTemplatePlugin: TemplatePlugin, ForeignClassAnswering, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: it adds no state to its superclass, whose state is written only at the start.
}
