/// One generation of the index: where readers start, and the one reference count that they hold.
///
/// Guard of `@unchecked Sendable`: `head` is written only while the writer is the sole owner of the object
/// (`ClusterIndex.writable`); afterwards it is frozen.
final class IndexRoot: @unchecked Sendable {
    /// What readers need, in plain memory.
    struct Head {
        /// Key of the hash; odd, so that no factor is lost.
        var seed: UInt64
        var namespaces = Trie()
        var addresses = Scoped<Trie>(Trie())
        /// Services by their external addresses.
        var externalAddresses = Trie()
        var serials = Scoped<UInt32>(0)
        var externalSerial: UInt32 = 0
        var pods: IndexOptions.PodsMode
        var ignoresEmptyServices: Bool
        var isZonal: Bool
        var filtersNamespaces: Bool
    }

    let options: IndexOptions
    let head: UnsafeMutablePointer<Head>

    /// An empty index.
    init(options: IndexOptions, seed: UInt64) {
        self.options = options
        head = .allocate(capacity: 1)
        head.initialize(
            to: Head(
                seed: seed, pods: options.pods, ignoresEmptyServices: options.ignoresEmptyServices,
                isZonal: options.isZonal, filtersNamespaces: options.namespaces != .all))
    }

    /// A next generation that shares everything so far.
    init(copying other: IndexRoot) {
        options = other.options
        head = .allocate(capacity: 1)
        head.initialize(to: other.head.pointee)
        head.pointee.namespaces.retain()
        head.pointee.addresses.cluster.retain()
        head.pointee.addresses.clusterSet.retain()
        head.pointee.externalAddresses.retain()
    }

    deinit {
        head.pointee.namespaces.release()
        head.pointee.addresses.cluster.release()
        head.pointee.addresses.clusterSet.release()
        head.pointee.externalAddresses.release()
        head.deallocate()
    }
}
