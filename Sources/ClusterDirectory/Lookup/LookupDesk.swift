import ClusterIndex
import DNSMessage
import Locking

/// One generation of an index and room to look names up in it, for as long as a step takes.
///
/// Guard of `@unchecked Sendable`: whoever has taken a desk from its pool has it alone.
final class LookupDesk: @unchecked Sendable {
    private var room = LookupRoom()

    /// What the index has for a name of a zone.
    func answer(_ index: ClusterIndex, _ name: Name, _ type: RecordType, _ zone: ClusterZone) -> ClusterAnswer? {
        // The index writes no message that cannot be read.
        try? index.lookup(name, type, in: zone, &room)
    }
}

/// Desks that wait for work: allocating one for every look-up would cost more than the look-up.
struct LookupDesks: Sendable {
    /// More tasks at a time bring desks of their own.
    private static let idleMax = 8

    private let idle = Lock<[LookupDesk]>([])

    func with<Result>(_ body: (LookupDesk) -> Result) -> Result {
        let desk = idle.withLock { $0.popLast() } ?? LookupDesk()
        let result = body(desk)
        idle.withLock { if $0.count < Self.idleMax { $0.append(desk) } }
        return result
    }
}
