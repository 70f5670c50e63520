import Explanation
import Locking
import PluginKit

/// The clusters of all blocks, by the number of the block, for those who explain answers.
final class ServedClusters: Sendable {
    private let clusters = Lock<[Int: LiveCluster]>([:])

    /// Those of the configuration that is set up; empty until its `kubernetes` lines are.
    static func of(_ setup: Setup) -> ServedClusters { setup.shared.object("") { ServedClusters() } }

    func add(_ cluster: LiveCluster, block: Int) { clusters.withLock { $0[block] = cluster } }

    /// As they answer now.
    var known: [Int: KnownCluster] {
        clusters.withLock { $0 }.mapValues { cluster in
            let index = cluster.generation
            return KnownCluster(index: index, facts: IndexFacts(index), isSynced: cluster.isSynced)
        }
    }
}
