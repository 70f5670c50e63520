/// An index under construction, of which others see a generation at a time. One writer has it.
public struct IndexDraft: Sendable {
    /// What has been entered so far; a copy costs one reference.
    public private(set) var index: ClusterIndex
    /// What has been entered since the last generation; nil for nothing.
    private var unpublished: IndexChange?

    /// A draft of nothing.
    public init(options: IndexOptions) { index = ClusterIndex(options: options) }

    /// As `ClusterIndex.upsert`.
    @discardableResult
    public mutating func upsert(_ object: ClusterObject) -> IndexChange { note(index.upsert(object)) }

    /// As `ClusterIndex.delete`.
    @discardableResult
    public mutating func delete(_ kind: ObjectKind, _ key: ObjectKey) -> IndexChange { note(index.delete(kind, key)) }

    /// As `ClusterIndex.retainOnly`.
    @discardableResult
    public mutating func retainOnly(_ kind: ObjectKind, _ keys: Set<ObjectKey>) -> IndexChange {
        note(index.retainOnly(kind, keys))
    }

    /// The next generation, with serials of `time` (Unix, in seconds) where they must move; nil if nothing has been
    /// entered since the last one.
    public mutating func nextGeneration(at time: UInt32) -> ClusterIndex? {
        guard let moves = unpublished else { return nil }
        unpublished = nil
        if moves.movesSerial { index.serial = time }
        if moves.movesClusterSetSerial { index.clusterSetSerial = time }
        if moves.movesExternalSerial { index.externalSerial = time }
        return index
    }

    /// Goes on with the serials of a former process.
    public mutating func setSerials(cluster: UInt32, clusterSet: UInt32) {
        index.serial = cluster
        index.clusterSetSerial = clusterSet
    }

    private mutating func note(_ change: IndexChange) -> IndexChange {
        var moves = unpublished ?? .none
        moves.formUnion(change)
        unpublished = moves
        return change
    }
}
