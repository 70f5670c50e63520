import ClusterIndex
import PluginKit
import Telemetry

/// Counts names that the cluster does not have, by why.
struct NameErrorCounters: Sendable {
    private let cells: Cells

    init(_ metrics: MetricsRegistry) {
        let family = metrics.counters(
            "clusterdns_kubernetes_nxdomain_total", help: "Names that the cluster does not have, by why.",
            labels: ["reason"])
        cells = family.dense([], count: NameErrorReason.allCases.count) { index in
            [NameErrorReason(rawValue: UInt8(index))?.label ?? "other"]
        }
    }

    func count(_ reason: NameErrorReason, by worker: WorkerSlot) {
        cells.add(1, at: Int(reason.rawValue), by: worker)
    }
}

extension NameErrorReason {
    /// The value of the label `reason`.
    var label: String {
        switch self {
        case .badName: "bad_name"
        case .noSuchNamespace: "no_such_namespace"
        case .noSuchService: "no_such_service"
        case .noReadyEndpoint: "no_ready_endpoint"
        case .noSuchEndpoint: "no_such_endpoint"
        case .noSuchPort: "no_such_port"
        case .badExternalName: "bad_external_name"
        case .podsDisabled: "pods_disabled"
        case .notAPodAddress: "not_a_pod_address"
        case .noSuchPod: "no_such_pod"
        case .noSuchAddress: "no_such_address"
        case .noExternalAddress: "no_external_address"
        }
    }
}
