import DNSMessage
import Locking
import PluginKit

/// The zones of a block's `kubernetes`, for plugins of the same block that are set up before it.
final class ClusterZones: Sendable {
    private let zones = Lock<[Name]>([])

    /// Those of the block that is set up; empty until its `kubernetes` is, and without one.
    static func of(_ setup: Setup) -> ClusterZones { setup.shared.object("\(setup.block.index)") { ClusterZones() } }

    /// Without reverse zones.
    var forward: [Name] { zones.withLock { $0 }.filter { !$0.isStrictlyReverse } }

    func set(_ zones: [Name]) { self.zones.withLock { $0 = zones } }
}
