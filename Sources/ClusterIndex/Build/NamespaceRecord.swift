import DNSMessage

/// A namespace and everything in it.
struct NamespaceRecord {
    /// What lies behind the key. Each map is there twice, for the cluster and for the cluster set.
    struct Head {
        /// Whether the Namespace object is known.
        var exists = false
        /// Whether its names are answered: the object is known and passes the options.
        var isVisible = false
        /// Whether the options let it be told by PTR, with or without the object.
        var isExposed = false
        var services = Scoped<Trie>(Trie())
        /// Which slices there are; their versions are with their services.
        var slices = Scoped<Trie>(Trie())
        /// Endpoints objects.
        var endpoints = Trie()
        /// Pods by name.
        var pods = Trie()
        /// Pods by address.
        var podAddresses = Trie()

        var isEmpty: Bool {
            !exists && maps.allSatisfy(\.isEmpty)
        }

        var maps: [Trie] {
            [services.cluster, services.clusterSet, slices.cluster, slices.clusterSet, endpoints, pods, podAddresses]
        }
    }

    let block: Block

    @inline(__always) init(_ block: Block) { self.block = block }

    /// A namespace of which nothing is known.
    init(key: Key) {
        block = Block(kind: .namespace, key: key, payload: MemoryLayout<Head>.size)
        head.initialize(to: Head())
    }

    /// A copy that shares what is in it.
    init(copying other: NamespaceRecord, seed: UInt64) {
        self.init(key: Key(of: other.block, seed: seed))
        head.pointee = other.head.pointee
        for map in head.pointee.maps { map.retain() }
    }

    @inline(__always) var head: UnsafeMutablePointer<Head> { block.payload.assumingMemoryBound(to: Head.self) }

    func releaseChildren() {
        for map in head.pointee.maps { map.release() }
    }
}

/// Which set of services a name belongs to: those of this cluster, or those that clusters share (ServiceImport).
enum Scope: UInt8 { case cluster, clusterSet }

/// Two of a kind, one for each scope.
struct Scoped<Value> {
    var cluster: Value
    var clusterSet: Value

    init(_ value: Value) {
        cluster = value
        clusterSet = value
    }

    @inline(__always) subscript(scope: Scope) -> Value {
        get { scope == .cluster ? cluster : clusterSet }
        set { if scope == .cluster { cluster = newValue } else { clusterSet = newValue } }
    }
}
