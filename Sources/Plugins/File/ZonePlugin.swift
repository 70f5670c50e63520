import DNSMessage
import Dispatch
import PluginKit
import Telemetry
import Zone

/// Answers from the data of zones: what `file` and `auto` have in common.
final class ZonePlugin: QueryHandling, ResponseHandling, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: `entries` is touched on `queue` only once the plugin serves; the rest is
    // immutable.
    /// Where zones are read and replaced.
    let queue: DispatchQueue
    /// Names outside of these are not looked at; nil for no such bound.
    private let origins: ZoneSet?
    /// For each zone; a zone beyond passes nothing on.
    private let fallthroughZones: [Fallthrough]
    /// Without a plugin behind it, this one refuses what is none of its zones, as an authoritative server does.
    private let isLast: Bool
    private(set) var entries: [ZoneTable.Entry]
    private let published: Published<ZoneTable>
    private let reader: Published<ZoneTable>.Reader

    init(
        _ entries: [ZoneTable.Entry], origins: [Name]? = nil, fallthroughZones: [Fallthrough] = [], _ setup: Setup
    ) {
        queue = DispatchQueue(label: "clusterdns.zones")
        self.origins = origins.map { ZoneSet($0) }
        self.fallthroughZones = fallthroughZones
        isLast = !Registry.kinds.dropFirst(setup.position + 1).contains { setup.block.words.contains($0.name) }
        self.entries = entries
        published = Published(ZoneTable(entries), workers: setup.metrics.workers)
        reader = published.reader
    }

    /// Shows all workers other zones. On `queue` only.
    func publish(_ entries: [ZoneTable.Entry]) {
        dispatchPrecondition(condition: .onQueue(queue))
        self.entries = entries
        published.publish(ZoneTable(entries))
    }

    /// Shows all workers another version of one zone. On `queue` only.
    func publish(_ zone: Zone, at index: Int) {
        var changed = entries
        changed[index] = ZoneTable.Entry(name: zone.apex, zone: zone)
        publish(changed)
    }

    func onQuery(_ query: inout Query) -> Verdict {
        if let origins, origins.closest(query.question.name) == nil { return passOn() }
        return reader.read(query.worker) { table in
            guard let index = table.pointee.index(for: query.question) else { return passOn() }
            guard let view = table.pointee.view(index) else {
                query.response.explain(.notReady, "the zone could not be read yet")
                return .fail(.servFail)
            }
            // Whoever may have the zone as a whole is asked further up, by `transfer`.
            if query.question.type == .axfr || query.question.type == .ixfr { return .fail(.refused) }
            return answer(&query, view, index, of: table.pointee)
        }
    }

    private func passOn() -> Verdict { isLast ? .fail(.refused) : .next }

    private func answer(
        _ query: inout Query, _ view: ZoneView, _ index: Int, of table: borrowing ZoneTable
    ) -> Verdict {
        var lookup = ZoneLookup(view, query.question, dnssecOK: query.response.dnssecOK)
        let alias = query.response.alias
        query.response.flags.isAuthoritative = true
        switch lookup.answer(&query.response.writer, alias: alias) {
        case .data, .noData: return .reply
        case .alias:
            let proofs = lookup.expansionProofs
            query.remember(
                proofs.isEmpty ? FollowedAlias.plain : FollowedAlias(proofs, of: table.zone(index)))
            return .follow
        case .delegation(let isAuthoritative):
            query.response.flags.isAuthoritative = isAuthoritative
            return .reply
        case .nameTooLong:
            query.response.responseCode = .yxDomain
            return .reply
        case .emptyName: return passesOn(&query, index) ? .next : .reply
        case .nameError:
            if passesOn(&query, index) { return .next }
            query.response.responseCode = .nxDomain
            return .reply
        }
    }

    /// Whether the next plugin is asked for a name without records; the denial is taken back then.
    private func passesOn(_ query: inout Query, _ index: Int) -> Bool {
        guard query.response.writer.answerCount == 0, index < fallthroughZones.count,
            fallthroughZones[index].applies(to: query.question.name)
        else { return false }
        query.response.reset(.noError)
        return true
    }

    /// Behind an alias that led out of the zone, what the zone has to say about it goes into the authority section
    /// only now: its servers, and in a signed zone that a wildcard had to stand in (RFC 4035 §3.1.3.3).
    func onResponse(_ query: inout Query) {
        guard let alias = query.note as? FollowedAlias, query.response.writer.section < .additional else { return }
        if query.response.responseCode == .noError, query.response.writer.authorityCount == 0,
            query.response.writer.answerCount > 0
        {
            reader.read(query.worker) { table in
                guard let index = table.pointee.index(for: query.question), let view = table.pointee.view(index) else {
                    return
                }
                view.addServers(signed: query.response.dnssecOK, &query.response.writer)
            }
        }
        if let zone = alias.zone, query.response.writer.answerCount > 0 {
            zone.view.addProofs(alias.proofs, &query.response.writer)
        }
    }

    /// The note of a query whose alias the server follows.
    private final class FollowedAlias: Sendable {
        static let plain = FollowedAlias([], of: nil)

        let proofs: [Int32]
        /// That of the proofs: there may be another one by then.
        let zone: Zone?

        init(_ proofs: [Int32], of zone: Zone?) {
            self.proofs = proofs
            self.zone = zone
        }
    }
}
