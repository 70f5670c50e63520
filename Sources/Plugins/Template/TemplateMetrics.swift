import DNSMessage
import PluginKit
import Telemetry

/// The metrics of `template`.
struct TemplateMetrics: Sendable {
    let matches: CounterFamily
    let templateFailures: CounterFamily
    let recordFailures: CounterFamily

    init(_ metrics: MetricsRegistry) {
        let labels = ["server", "zone", "view", "class", "type"]
        matches = metrics.counters(
            "coredns_template_matches_total", help: "Counter of template regex matches.", labels: labels)
        templateFailures = metrics.counters(
            "coredns_template_template_failures_total", help: "Counter of go template failures.",
            labels: labels + ["section", "template"])
        recordFailures = metrics.counters(
            "coredns_template_rr_failures_total", help: "Counter of mis-templated RRs.",
            labels: labels + ["section", "template"])
    }
}

/// The counters of one block.
struct TemplateCounters: Sendable {
    /// Types up to this one have a cell of their own; those behind it share the last cell, and one without a name has
    /// an empty label.
    private static let typeMax = 257

    private let sites: [Site]
    private let rules: [TemplateRule]
    private let metrics: TemplateMetrics
    /// For each site, rule and zone of the rule matches by type in class IN; empty for sites of other blocks.
    private let matches: [[[Cells]]]

    init(_ sites: [Site], block: Int, _ rules: [TemplateRule], _ metrics: TemplateMetrics) {
        self.sites = sites
        self.rules = rules
        self.metrics = metrics
        matches = sites.map { site in
            guard site.block == block else { return [] }
            return rules.map { rule in
                rule.zones.zones.map { zone in
                    metrics.matches.dense(
                        [site.server, Self.text(zone), site.view, "\(RecordClass.internet)"], count: Self.typeMax + 2,
                        labels: { [Self.label(ofType: $0)] })
                }
            }
        }
    }

    private static func text(_ zone: Name) -> String { "\(zone)".lowercased() }

    /// Empty for a type without a name: clients could ask for sixty thousand of them.
    private static func label(ofType number: Int) -> String {
        guard number <= typeMax else { return "" }
        let text = "\(RecordType(rawValue: UInt16(number)))"
        return text.hasPrefix("TYPE") ? "" : text
    }

    func countMatch(_ query: inout Query, rule: Int, zone: Int) {
        guard query.site < matches.count, rule < matches[query.site].count else { return }
        let (recordClass, type) = classAndType(&query, rule)
        guard recordClass == .internet else {
            return metrics.matches.counter(labels(&query, rule, zone)).add(by: query.worker)
        }
        matches[query.site][rule][zone].add(1, at: min(Int(type.rawValue), Self.typeMax + 1), by: query.worker)
    }

    func countFailure(_ failure: RecordMaker.Failure, _ query: inout Query, rule: Int, zone: Int) {
        guard query.site < sites.count else { return }
        let labels = labels(&query, rule, zone) + ["\(failure.section)", failure.template.label]
        switch failure.reason {
        case .template: metrics.templateFailures.counter(labels).add(by: query.worker)
        case .record: metrics.recordFailures.counter(labels).add(by: query.worker)
        }
    }

    private func classAndType(_ query: inout Query, _ rule: Int) -> (RecordClass, RecordType) {
        let question = query.question
        return (
            question.class == .any ? rules[rule].class : question.class,
            question.type == .any ? rules[rule].type : question.type
        )
    }

    private func labels(_ query: inout Query, _ rule: Int, _ zone: Int) -> [String] {
        let site = sites[query.site]
        let (recordClass, type) = classAndType(&query, rule)
        let text = "\(recordClass)"
        return [
            site.server, Self.text(rules[rule].zones.zones[zone]), site.view, text.hasPrefix("CLASS") ? "" : text,
            Self.label(ofType: Int(type.rawValue)),
        ]
    }
}
