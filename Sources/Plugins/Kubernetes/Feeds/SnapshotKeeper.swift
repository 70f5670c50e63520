import ClusterIndex
import Logging

/// Keeps what is known on disk, for a start while the API server is away.
final class SnapshotKeeper {
    init(_ path: String, _ options: APIFeed.Options, log: Logger) {}
    func load(into cluster: LiveCluster) -> Bool { false }
    func note(_ index: ClusterIndex) {}
    func close(_ index: ClusterIndex, isComplete: Bool) {}
}
