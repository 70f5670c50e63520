public import DNSMessage

/// A zone that the index answers for, with everything about it that is known before a question comes.
///
/// Like an index it is handed on by reference count; on a hot path keep it in a place of your own and pass that place.
// @unchecked: immutable after `init`; `owner` keeps the memory behind `head` alive.
public struct ClusterZone: @unchecked Sendable {
    /// What lookups need, in plain memory.
    struct Head {
        var labelCount: Int
        var wire: UnsafeRawBufferPointer
        var primary: UnsafeRawBufferPointer
        var ownAddresses: UnsafeBufferPointer<IPAddress>
        var ttl: UInt32
        var authorityTTL: UInt32
        var negativeTTL: UInt32
        var minimum: UInt32
        var scope: Scope
    }

    /// The apex, in lower case.
    public let name: Name
    /// TTL of answers, in seconds.
    public let ttl: UInt32
    /// Whether it answers ServiceImports instead of Services.
    public let isClusterSet: Bool
    private let owner: ClusterZoneMemory
    let head: UnsafePointer<Head>

    /// Longest time that an SOA record may be kept, in seconds.
    static let authorityTTLMax: UInt32 = 300

    /// A zone. `negativeTTL` is `ttl` unless it is given. `primary` is where PTR records point to; the zone itself
    /// unless it is given. `ownAddresses` are the server's, for the apex NS records.
    public init(
        _ name: Name, ttl: UInt32 = 5, negativeTTL: UInt32? = nil, isClusterSet: Bool = false, primary: Name? = nil,
        ownAddresses: [IPAddress] = []
    ) {
        self.name = name.folded
        self.ttl = ttl
        self.isClusterSet = isClusterSet
        owner = ClusterZoneMemory(zone: name.folded, primary: (primary ?? name).folded, ownAddresses: ownAddresses)
        owner.head.initialize(
            to: Head(
                labelCount: name.labelCount, wire: owner.zone, primary: owner.primary,
                ownAddresses: UnsafeBufferPointer(owner.ownAddresses), ttl: ttl,
                authorityTTL: min(ttl, Self.authorityTTLMax),
                negativeTTL: negativeTTL ?? min(ttl, Self.authorityTTLMax), minimum: negativeTTL ?? ttl,
                scope: isClusterSet ? .clusterSet : .cluster))
        head = UnsafePointer(owner.head)
    }

    /// Whether a name is the apex or lies below it.
    @inline(__always)
    public func contains(_ name: NameView) -> Bool {
        name.isSubdomain(ofFolded: head.pointee.wire, labelCount: head.pointee.labelCount)
    }
}

/// The memory of a zone.
private final class ClusterZoneMemory {
    let head = UnsafeMutablePointer<ClusterZone.Head>.allocate(capacity: 1)
    let zone: UnsafeRawBufferPointer
    let primary: UnsafeRawBufferPointer
    let ownAddresses: UnsafeMutableBufferPointer<IPAddress>

    init(zone: Name, primary: Name, ownAddresses: [IPAddress]) {
        self.zone = ClusterZoneMemory.copy(zone)
        self.primary = ClusterZoneMemory.copy(primary)
        self.ownAddresses = .allocate(capacity: ownAddresses.count)
        _ = self.ownAddresses.initialize(from: ownAddresses.map(\.unmapped))
    }

    private static func copy(_ name: Name) -> UnsafeRawBufferPointer {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: name.wire.count, alignment: 8)
        copy.copyBytes(from: name.wire)
        return UnsafeRawBufferPointer(copy)
    }

    deinit {
        head.deallocate()
        zone.deallocate()
        primary.deallocate()
        ownAddresses.deallocate()
    }
}
