import ClusterIndex
import DNSMessage
import PluginKit
import Telemetry

/// The `kubernetes` plugin of one server block: the zones, and the index that answers them.
final class Kubernetes: QueryHandling, ReadinessReporting, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: a scratch is touched on its worker's queue only; the rest is immutable.
    let readinessName = KubernetesKind.name
    private let zoneSet: ZoneSet
    /// In plain memory, since reading an array's element counts a reference that all cores share.
    private let zones: UnsafeMutableBufferPointer<ClusterZone>
    private let scratches: UnsafeMutableBufferPointer<LookupScratch>
    private let fallthroughZones: Fallthrough
    private let cluster: LiveCluster
    private let reader: Published<ClusterIndex>.Reader
    private let nameErrors: NameErrorCounters
    let ownZones: [Name]

    init(_ options: KubernetesOptions, _ cluster: LiveCluster, _ setup: Setup) {
        let workers = setup.metrics.workers
        zoneSet = ZoneSet(options.zones)
        let clusterZones = options.clusterZones(ownAddresses: Kubernetes.ownAddresses(setup))
        zones = .allocate(capacity: clusterZones.count)
        _ = zones.initialize(from: clusterZones)
        scratches = .allocate(capacity: workers)
        for worker in 0..<workers { scratches.initializeElement(at: worker, to: LookupScratch()) }
        fallthroughZones = options.fallthroughZones
        ownZones = options.zones.filter { options.fallthroughZones.excludes($0) }
        self.cluster = cluster
        reader = cluster.reader
        nameErrors = NameErrorCounters(setup.metrics)
    }

    deinit {
        zones.deinitialize().deallocate()
        scratches.deinitialize().deallocate()
    }

    /// What NS records at the apex and `ns.dns` name: this server's addresses, with or without `bind`.
    static func ownAddresses(_ setup: Setup) -> [IPAddress] {
        let bound = setup.options.addresses.map(\.address)
        let all = setup.host.interfaces.filter { !$0.isLoopback }.map(\.address)
        return bound.contains(where: all.contains) ? bound.filter(all.contains) : all
    }

    /// Whether the first objects have arrived; once so it stays so: what is known goes on being answered.
    var isReady: Bool { cluster.isSynced }

    func onQuery(_ query: inout Query) -> Verdict {
        guard let zone = zoneSet.closest(query.question.name) else { return .next }
        return reader.read(query.worker) { index in
            let outcome = index.pointee.answer(
                query.question, in: zones[zone], scratch: &scratches[query.worker.index],
                into: &query.response.writer)
            switch outcome {
            case .data: return answered(&query)
            case .alias(let target):
                query.response.setAlias(wire: target)
                query.response.flags.isAuthoritative = true
                return .follow
            case .noData:
                index.pointee.addStartOfAuthority(
                    for: query.question.name, in: zones[zone], into: &query.response.writer)
                return answered(&query)
            case .nameError(let reason):
                if let verdict = passOn(&query) { return verdict }
                return deny(&query, reason, index, zone)
            case .aliasToNothing(let reason):
                return isReady ? deny(&query, reason, index, zone) : notKnownYet(&query)
            case .refused: return .fail(.refused)
            }
        }
    }

    private func answered(_ query: inout Query) -> Verdict {
        query.response.flags.isAuthoritative = true
        return .reply
    }

    /// A name that may exist but is not known yet gets no denial, and nobody else is asked about it.
    private func passOn(_ query: inout Query) -> Verdict? {
        guard isReady else { return notKnownYet(&query) }
        return fallthroughZones.applies(to: query.question.name) ? .next : nil
    }

    private func notKnownYet(_ query: inout Query) -> Verdict {
        query.response.explain(.notReady, "the objects of the cluster have not arrived yet")
        return .fail(.servFail)
    }

    private func deny(
        _ query: inout Query, _ reason: NameErrorReason, _ index: UnsafePointer<ClusterIndex>, _ zone: Int
    ) -> Verdict {
        index.pointee.addStartOfAuthority(for: query.question.name, in: zones[zone], into: &query.response.writer)
        query.response.responseCode = .nxDomain
        nameErrors.count(reason, by: query.worker)
        query.response.explain(.other, reason.text)
        return answered(&query)
    }
}

extension Kubernetes: AnsweringFromMemory {}

extension KubernetesOptions {
    /// The zones as the index wants them. PTR records point into the first zone that is no reverse zone.
    func clusterZones(ownAddresses: [IPAddress]) -> [ClusterZone] {
        let primary = zones.first { !$0.isStrictlyReverse }
        return zones.map { zone in
            ClusterZone(
                zone, ttl: ttl, negativeTTL: negativeTTL, isClusterSet: multiclusterZones.contains(zone),
                primary: primary, ownAddresses: ownAddresses)
        }
    }
}
