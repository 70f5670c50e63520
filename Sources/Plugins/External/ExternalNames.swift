import ClusterIndex
import DNSMessage
import PluginKit
import Telemetry

/// The `k8s_external` plugin of one server block. What it answers from is the `kubernetes` plugin's of the same block,
/// which is set up after it.
final class ExternalNames: QueryHandling, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: written while the block is set up, by one thread, before it has any query; a
    // scratch is touched on its worker's queue only.
    private var options = ExternalOptions()
    private var ownAddresses: [IPAddress] = []
    private var workers = 0
    private var zoneSet = ZoneSet([])
    private var cluster: LiveCluster?
    private var reader: Published<ClusterIndex>.Reader?
    private var serviceTTL: UInt32 = 0
    /// In plain memory, since reading an array's element counts a reference that all cores share.
    private var zones = UnsafeMutableBufferPointer<ExternalZone>(start: nil, count: 0)
    private var scratches = UnsafeMutableBufferPointer<LookupScratch>(start: nil, count: 0)

    deinit {
        zones.deinitialize().deallocate()
        scratches.deinitialize().deallocate()
    }

    /// Where both plugins of a block find the same object.
    static func key(_ setup: Setup) -> String { "k8s_external \(setup.block.index)" }

    /// What the Corefile says.
    func set(_ options: ExternalOptions, ownAddresses: [IPAddress], workers: Int) {
        self.options = options
        self.ownAddresses = ownAddresses
        self.workers = workers
        zoneSet = ZoneSet(options.zones)
        makeZones()
    }

    /// Where the names come from; the TTL is that of the cluster's own.
    func serve(_ cluster: LiveCluster, serviceTTL: UInt32) {
        self.cluster = cluster
        self.serviceTTL = serviceTTL
        makeZones()
    }

    private func makeZones() {
        guard let cluster, !options.zones.isEmpty, workers > 0, zones.isEmpty else { return }
        let made = options.zones.map { zone in
            ExternalZone(
                zone, apexLabel: options.apex, ttl: options.ttl, serviceTTL: serviceTTL,
                answersHeadless: options.answersHeadless, primary: options.zones[0], ownAddresses: ownAddresses)
        }
        zones = .allocate(capacity: made.count)
        _ = zones.initialize(from: made)
        scratches = .allocate(capacity: workers)
        for worker in 0..<workers { scratches.initializeElement(at: worker, to: LookupScratch()) }
        reader = cluster.reader
    }

    func onQuery(_ query: inout Query) -> Verdict {
        guard let zone = zoneSet.closest(query.question.name), let reader else { return .next }
        return reader.read(query.worker) { index in
            let outcome = index.pointee.answer(
                query.question, in: zones[zone], scratch: &scratches[query.worker.index],
                into: &query.response.writer)
            query.response.flags.isAuthoritative = true
            switch outcome {
            case .data: return .reply
            case .alias(let target):
                query.response.setAlias(wire: target)
                return .follow
            case .noData:
                index.pointee.addStartOfAuthority(
                    for: query.question.name, in: zones[zone], into: &query.response.writer)
                return .reply
            case .nameError(let reason), .aliasToNothing(let reason):
                return deny(&query, reason, index, zone)
            case .refused: return .fail(.refused)
            }
        }
    }

    private func deny(
        _ query: inout Query, _ reason: NameErrorReason, _ index: UnsafePointer<ClusterIndex>, _ zone: Int
    ) -> Verdict {
        guard cluster?.isSynced == true else {
            query.response.explain(.notReady, "the objects of the cluster have not arrived yet")
            return .fail(.servFail)
        }
        if options.fallthroughZones.applies(to: query.question.name) {
            query.response.reset(.noError)
            return .next
        }
        index.pointee.addStartOfAuthority(for: query.question.name, in: zones[zone], into: &query.response.writer)
        query.response.responseCode = .nxDomain
        query.response.explain(.other, reason.text)
        return .reply
    }
}

/// What the block says.
struct ExternalOptions {
    var zones: [Name] = []
    /// The label of the zone's own names.
    var apex = "dns"
    /// Seconds.
    var ttl: UInt32 = 5
    var answersHeadless = false
    var fallthroughZones = Fallthrough.never
}
