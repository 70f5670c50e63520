import ClusterIndex
import Dispatch
import Logging
import Manifests
import PluginKit
import Telemetry

/// Feeds the index of a `kubernetes` block from files, and goes on while they change.
final class ManifestFeed: Starting, Stopping {
    private let log: Logger
    private let startupTimeout: Duration
    private let watcher: ManifestWatcher
    private let firstUpdate = DispatchSemaphore(value: 0)

    init(_ paths: [String], into cluster: LiveCluster, waiting startupTimeout: Duration, sink: LogSink) {
        self.startupTimeout = startupTimeout
        let log = Logger(plugin: KubernetesKind.name, sink: sink)
        self.log = log
        let firstUpdate = firstUpdate
        watcher = ManifestWatcher(paths: paths, queue: DispatchQueue(label: "clusterdns.kubernetes")) { update in
            ManifestFeed.report(update.errors, log)
            ManifestFeed.apply(update.changes, to: cluster)
            if update.isComplete {
                cluster.markSynced()
                firstUpdate.signal()
            }
        }
    }

    /// Waits for the first reading, as a start with an API server waits for the first list.
    func start(_ context: StartContext) throws(StartError) {
        watcher.start()
        let waited = firstUpdate.wait(timeout: .now() + startupTimeout.seconds)
        if waited == .timedOut { log.warning("starting server with manifests not yet read") }
    }

    func stop() { watcher.stop() }

    private static func apply(_ changes: [ManifestChange], to cluster: LiveCluster) {
        for change in changes {
            switch change {
            case .upsert(let object): cluster.upsert(object)
            case .delete(let kind, let key): cluster.delete(kind, key)
            }
        }
        cluster.publish()
    }

    private static func report(_ errors: [ManifestError], _ log: Logger) {
        for error in errors {
            log.log(level: error.severity == .warning ? .warning : .error, "\(error)")
        }
    }
}

extension Duration {
    /// In seconds, for interfaces that count in them.
    fileprivate var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) * 1e-18
    }
}
