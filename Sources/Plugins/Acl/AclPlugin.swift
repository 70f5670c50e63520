import DNSMessage
import PluginKit

/// Asks the rules, one after another, what becomes of a query.
final class AclPlugin: QueryHandling, Starting {
    private let block: Int
    private let counters: AclCounters
    // Written in `init`, read only afterwards.
    private nonisolated(unsafe) let rules: UnsafeMutableBufferPointer<CompiledAclRule>
    // Written by `start`, before the first query; read only afterwards.
    private nonisolated(unsafe) var sites = AclSites()

    init(_ rules: [AclRule], _ counters: AclCounters, block: Int) {
        self.block = block
        self.counters = counters
        self.rules = .allocate(capacity: rules.count)
        for (index, rule) in rules.enumerated() { self.rules.initializeElement(at: index, to: CompiledAclRule(rule)) }
    }

    deinit {
        for rule in rules { rule.deallocate() }
        rules.deallocate()
        sites.deallocate()
    }

    func start(_ context: StartContext) throws(StartError) {
        sites.deallocate()
        sites = AclSites(context.sites, block: block, rules.map { $0.zoneNames }, counters)
    }

    func onQuery(_ query: inout Query) -> Verdict {
        for (index, rule) in rules.enumerated() {
            guard let zone = rule.closest(query.question.name),
                let action = rule.action(query.client.address, query.question.type)
            else { continue }
            if action == .allow { break }
            sites.count(action, &query, rule: index, zone: zone)
            return verdict(action, &query)
        }
        sites.countAllowed(&query)
        return .next
    }

    private func verdict(_ action: AclPolicy.Action, _ query: inout Query) -> Verdict {
        switch action {
        case .allow: return .next
        case .drop: return .drop
        case .block:
            query.response.responseCode = .refused
            query.response.explain(.blocked, "")
        case .filter: query.response.explain(.filtered, "")
        }
        return .reply
    }
}
