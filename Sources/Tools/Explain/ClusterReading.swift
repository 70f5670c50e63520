import ClusterIndex
import Dispatch
import KubernetesWatch

/// One look at the objects of a cluster: lists each resource once, then lets go.
final class ClusterReading: ClusterWatchObserver, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: what changes is touched on `queue` only.
    private let queue = DispatchQueue(label: "clusterdns.explain.watch")
    private let ended = DispatchSemaphore(value: 0)
    private let options: ClusterWatch.Options
    private var missing: Set<WatchedResource>
    private var objects: [ClusterObject] = []
    private var failure: (resource: WatchedResource, text: String)?
    private var hasEnded = false

    init(_ connection: APIConnection, _ resources: Set<WatchedResource>) {
        var selections: [WatchedResource: ClusterWatch.Selection] = [:]
        for resource in resources { selections[resource] = ClusterWatch.Selection() }
        missing = resources
        options = ClusterWatch.Options(
            connection: connection, selections: selections, userAgent: "clusterdns-explain (linux)")
    }

    /// Everything that there is, or why it could not be had in time.
    func read(seconds: Int) throws(ExplainFailure) -> [ClusterObject] {
        let watch = ClusterWatch(options, queue: queue, observer: self, isUntold: true)
        queue.sync { watch.start() }
        let isInTime = ended.wait(timeout: .now() + .seconds(seconds)) == .success
        return try queue.sync { () -> Result<[ClusterObject], ExplainFailure> in
            watch.stop()
            hasEnded = true
            if missing.isEmpty { return .success(objects) }
            let names = missing.map(\.rawValue).sorted().joined(separator: ", ")
            let reason = failure.map { ": \($0.text)" } ?? ""
            let text =
                isInTime
                ? "the cluster cannot be read\(reason)"
                : "the API server has not sent all \(names) within \(seconds) s\(reason)"
            return .failure(ExplainFailure(text))
        }.get()
    }

    // MARK: On the queue

    func upsert(_ object: ClusterObject, isInitial: Bool) {
        if !hasEnded { objects.append(object) }
    }

    func delete(_ kind: ObjectKind, _ key: ObjectKey) {
        objects.removeAll { $0.kind == kind && $0.key == key }
    }

    func retainOnly(_ kind: ObjectKind, _ keys: Set<ObjectKey>) {
        objects.removeAll { $0.kind == kind && !keys.contains($0.key) }
    }

    func settled() {}

    func report(_ resource: WatchedResource, _ report: WatchReport) {
        switch report {
        case .synced:
            missing.remove(resource)
            if missing.isEmpty { end() }
        case .failed(let failed, _):
            failure = (resource, failed.description)
            if failed.kind.isFinal { end() }
        case .relisting, .resumed, .fresh, .recovered, .unusable, .requested: break
        }
    }

    private func end() {
        if hasEnded { return }
        hasEnded = true
        ended.signal()
    }
}

extension WatchFailure.Kind {
    /// Whether waiting does not help.
    fileprivate var isFinal: Bool {
        switch self {
        case .credentials, .unauthorized, .forbidden, .missing, .tls: true
        case .unreachable, .throttled, .expired, .server, .cut, .silent, .garbled: false
        }
    }
}
