public import DNSMessage

/// The authoritative data of a zone (RFC 1034 §4.2): built once, immutable, read by all workers without a lock.
/// Queries read `view`, which is plain memory and counts no reference; it is valid as long as the zone.
public struct Zone: Sendable {
    /// The name at the top.
    public let apex: Name
    /// The start of authority.
    public let authority: StartOfAuthority
    /// How many records there are, doubles not counted.
    public let recordCount: Int
    /// Records that are not used, and why: names outside of the zone, say.
    public let notices: [ZoneMistake]
    /// What queries read.
    public let view: ZoneView
    private let memory: ZoneMemory

    /// Puts the records of a zone in order; throws all that forbids to serve them.
    public init(_ apex: Name, _ records: [Record]) throws(ZoneMistakes) {
        var builder = ZoneBuilder(apex)
        for (index, record) in records.enumerated() { builder.add(record, index) }
        let authority = builder.finish()
        guard let authority, builder.mistakes.isEmpty else { throw ZoneMistakes(all: builder.mistakes) }
        memory = ZoneMemory()
        view = builder.view(in: memory)
        self.apex = apex
        self.authority = authority
        recordCount = builder.recordCount
        notices = builder.notices
    }

    /// The version of the zone.
    public var serial: UInt32 { authority.serial }
}

/// Something about one of the records that a zone was to be made of.
public struct ZoneMistake: Hashable, Sendable {
    /// What it is.
    public enum Reason: Hashable, Sendable {
        case noStartOfAuthority(Name)
        case secondStartOfAuthority
        case startOfAuthorityBelowApex(Name)
        case hashedDenial
        case foreignClass(RecordClass)
        case outside(Name, zone: Name)
        case tooManyRecords(limit: Int)
    }

    /// Which of the records; nil for the zone as a whole.
    public let record: Int?
    /// What is the matter.
    public let reason: Reason
}

extension ZoneMistake.Reason: CustomStringConvertible {
    /// One clause, without a final stop.
    public var description: String {
        switch self {
        case .noStartOfAuthority(let zone): "there is no SOA record for \(zone)"
        case .secondStartOfAuthority: "there is a second SOA record with other values"
        case .startOfAuthorityBelowApex(let name): "an SOA record at \(name), which is not the top of the zone"
        case .hashedDenial: "NSEC3 is not supported; sign the zone with NSEC"
        case .foreignClass(let other): "class \(other) does not belong in a zone of class IN"
        case .outside(let name, let zone): "\(name) is not in the zone \(zone)"
        case .tooManyRecords(let limit): "the zone has more than \(limit) records"
        }
    }
}

/// Why a zone cannot be served.
public struct ZoneMistakes: Error, Hashable {
    /// The mistakes in the order of the records.
    public let all: [ZoneMistake]
}

/// Owner of the memory behind a view.
final class ZoneMemory: @unchecked Sendable {
    // Guard of `@unchecked Sendable`: filled while the zone is made, by one thread; only freed afterwards.
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { for block in blocks { block.deallocate() } }

    /// The elements own nothing, so that freeing the block is enough.
    func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
        let block = UnsafeMutablePointer<Element>.allocate(capacity: max(elements.count, 1))
        block.initialize(from: elements, count: elements.count)
        blocks.append(UnsafeMutableRawPointer(block))
        return UnsafePointer(block)
    }
}
