/// The names of a Kubernetes cluster: a value fed by changes to the cluster's objects, and asked DNS questions.
///
/// A copy costs one reference and is a frozen generation: one writer changes its own copy and hands copies on, any
/// number of readers answer from theirs. An update costs in proportion to the change. Looking up allocates nothing,
/// locks nothing and counts no reference, as long as the caller asks through a place that it owns
/// (`pointer.pointee.answer(…)`) rather than through a fresh copy.
///
/// Guard of `@unchecked Sendable`: `owner` keeps what `memory` points to alive, and both are frozen while more than
/// one copy exists.
public struct ClusterIndex: @unchecked Sendable {
    private var owner: IndexRoot
    /// The head of the same generation. Plain, so that a caller who keeps the index in a place of its own passes no
    /// reference.
    @usableFromInline private(set) var memory: UnsafeRawPointer

    /// An index of nothing. The options hold for its whole life.
    public init(options: IndexOptions = IndexOptions()) {
        self.init(options: options, seed: .random(in: 0...UInt64.max) | 1)
    }

    /// For tests: with a seed of 0 all keys collide.
    init(options: IndexOptions, seed: UInt64) {
        owner = IndexRoot(options: options, seed: seed)
        memory = UnsafeRawPointer(owner.head)
    }

    /// The options it was made with.
    public var options: IndexOptions { owner.options }

    /// SOA serial of the cluster's zones. The feeder sets it when a change tells that it counts, to Unix time.
    public var serial: UInt32 {
        get { head.pointee.serials.cluster }
        set { writable.pointee.serials.cluster = newValue }
    }

    /// SOA serial of the zones of the cluster set.
    public var clusterSetSerial: UInt32 {
        get { head.pointee.serials.clusterSet }
        set { writable.pointee.serials.clusterSet = newValue }
    }

    /// SOA serial of the zones of external names.
    public var externalSerial: UInt32 {
        get { head.pointee.externalSerial }
        set { writable.pointee.externalSerial = newValue }
    }

    /// Enters an object, or its new version.
    @discardableResult
    public mutating func upsert(_ object: ClusterObject) -> IndexChange {
        switch object {
        case .namespace(let namespace): upsert(namespace)
        case .service(let service): upsert(service)
        case .endpointSlice(let slice): upsert(slice)
        case .endpoints(let endpoints): upsert(endpoints)
        case .pod(let pod): upsert(pod)
        case .serviceImport(let service): upsert(service)
        }
    }

    /// Takes an object out; no change if it is not there.
    @discardableResult
    public mutating func delete(_ kind: ObjectKind, _ key: ObjectKey) -> IndexChange {
        switch kind {
        case .namespace: deleteNamespace(key.name)
        case .service: deleteService(key, .cluster)
        case .endpointSlice: deleteSlice(key)
        case .endpoints: deleteEndpoints(key)
        case .pod: deletePod(key)
        case .serviceImport: deleteService(key, .clusterSet)
        }
    }

    /// The generation under construction: this copy's own from now on.
    var writable: UnsafeMutablePointer<IndexRoot.Head> {
        mutating get {
            if !isKnownUniquelyReferenced(&owner) {
                owner = IndexRoot(copying: owner)
                memory = UnsafeRawPointer(owner.head)
            }
            return owner.head
        }
    }

    /// The generation that this copy shows.
    var head: UnsafePointer<IndexRoot.Head> { memory.assumingMemoryBound(to: IndexRoot.Head.self) }

    var seed: UInt64 { head.pointee.seed }
}

/// What a change meant.
public struct IndexChange: Hashable, Sendable {
    /// Whether the serial of the cluster's zones must move.
    public var movesSerial = false
    /// Whether the serial of the cluster set's zones must move.
    public var movesClusterSetSerial = false
    /// Whether the serial of the zones of external names must move.
    public var movesExternalSerial = false
    /// The service that a slice brought something new for, if it is known: what `dns_programming_duration` is told by.
    public var programmed: ProgrammedService?

    /// Kind of a service whose endpoints have been entered.
    public enum ProgrammedService: String, Hashable, Sendable {
        case clusterIP = "cluster_ip"
        case headlessWithSelector = "headless_with_selector"
    }

    /// No change that anybody must hear of.
    public static let none = IndexChange()

    static func moving(_ scope: Scope) -> IndexChange {
        IndexChange(movesSerial: scope == .cluster, movesClusterSetSerial: scope == .clusterSet)
    }

    mutating func formUnion(_ other: IndexChange) {
        movesSerial = movesSerial || other.movesSerial
        movesClusterSetSerial = movesClusterSetSerial || other.movesClusterSetSerial
        movesExternalSerial = movesExternalSerial || other.movesExternalSerial
        programmed = programmed ?? other.programmed
    }
}
