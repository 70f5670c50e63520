public import DNSMessage

/// A zone that the index answers for, with everything about it that is known before a question comes.
///
/// Like an index it is handed on by reference count; on a hot path keep it in a place of your own and pass that place.
///
/// Guard of `@unchecked Sendable`: immutable after `init`; `owner` keeps the memory behind `memory` alive.
public struct ClusterZone: @unchecked Sendable {

    /// What lookups need, in plain memory.
    struct Head {
        var labelCount: Int
        var wire: UnsafeRawBufferPointer
        var primary: UnsafeRawBufferPointer
        var ownAddresses: UnsafeBufferPointer<IPAddress>
        var ttl: UInt32
        /// The SOA record as an answer, and behind negative answers.
        var authority: UnsafePointer<AuthorityTemplate>
        var negative: UnsafePointer<AuthorityTemplate>
        var scope: Scope
    }

    /// The apex, in lower case.
    public let name: Name
    /// TTL of answers, in seconds.
    public let ttl: UInt32
    /// Whether it answers ServiceImports instead of Services.
    public let isClusterSet: Bool
    private let owner: ClusterZoneMemory
    /// Where the head lies. Plain, so that a caller who keeps the zone in a place of its own passes no reference.
    @usableFromInline let memory: UnsafeRawPointer

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
        let authorityTTL = min(ttl, Self.authorityTTLMax)
        for (index, ttl) in [authorityTTL, negativeTTL ?? authorityTTL].enumerated() {
            let template = ClusterZone.authority(ttl: ttl, minimum: negativeTTL ?? self.ttl)
            (owner.authorities + index).initialize(to: template)
        }
        owner.head.initialize(
            to: Head(
                labelCount: name.labelCount, wire: owner.zone, primary: owner.primary,
                ownAddresses: UnsafeBufferPointer(owner.ownAddresses), ttl: ttl,
                authority: UnsafePointer(owner.authorities), negative: UnsafePointer(owner.authorities + 1),
                scope: isClusterSet ? .clusterSet : .cluster))
        memory = UnsafeRawPointer(owner.head)
    }

    private static func authority(ttl: UInt32, minimum: UInt32) -> AuthorityTemplate {
        let times = AuthorityTemplate.Times(refresh: 7200, retry: 1800, expire: 86_400, minimum: minimum)
        let template = AuthorityTemplate(
            primaryServer: "\u{2}ns\u{3}dns", responsibleMailbox: "\u{A}hostmaster", ttl: ttl, times: times)
        guard let template else { preconditionFailure("the names are short") }
        return template
    }

    /// Whether a name is the apex or lies below it.
    @inlinable @inline(__always)
    public func contains(_ name: NameView) -> Bool { ClusterZone.contains(name, memory) }

    @usableFromInline
    static func contains(_ name: NameView, _ memory: UnsafeRawPointer) -> Bool {
        let head = memory.assumingMemoryBound(to: Head.self)
        return name.isSubdomain(ofFolded: head.pointee.wire, labelCount: head.pointee.labelCount)
    }
}

/// The memory of a zone.
private final class ClusterZoneMemory {
    let head = UnsafeMutablePointer<ClusterZone.Head>.allocate(capacity: 1)
    /// As an answer, and behind negative answers.
    let authorities = UnsafeMutablePointer<AuthorityTemplate>.allocate(capacity: 2)
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
        authorities.deallocate()
        zone.deallocate()
        primary.deallocate()
        ownAddresses.deallocate()
    }
}
