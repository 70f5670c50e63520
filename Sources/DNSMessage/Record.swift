/// A resource record that owns its data (RFC 1035 §3.2.1).
public struct Record: Hashable, Sendable {
    /// The owner.
    public var name: Name
    /// IN, as a rule.
    public var `class`: RecordClass
    /// Seconds.
    public var ttl: UInt32
    /// The data, which knows its type.
    public var data: RecordData

    /// A record; its type is that of its data.
    public init(_ name: Name, ttl: UInt32, class: RecordClass = .internet, _ data: RecordData) {
        self.name = name
        self.class = `class`
        self.ttl = ttl
        self.data = data
    }

    /// Copies a record out of a message, its names spelled out; nil if one of them is malformed.
    public init?(_ view: RecordView, scratch: inout NameScratch) {
        guard let owner = scratch.read(view.message, at: view.ownerOffset) else { return nil }
        name = Name(owner.name)
        `class` = view.class
        ttl = view.ttl
        guard let data = RecordData(view, scratch: &scratch) else { return nil }
        self.data = data
    }

    /// The type of the data.
    public var type: RecordType { data.type }
}

/// The data of a record, by type; types without a case of their own keep their bytes (RFC 3597).
public enum RecordData: Hashable, Sendable {
    case a(IPAddress)
    case aaaa(IPAddress)
    case cname(Name)
    case ns(Name)
    case ptr(Name)
    case dname(Name)
    case soa(StartOfAuthority)
    case mx(preference: UInt16, exchange: Name)
    case srv(priority: UInt16, weight: UInt16, port: UInt16, target: Name)
    case txt([[UInt8]])
    case hinfo(cpu: [UInt8], os: [UInt8])
    case other(RecordType, [UInt8])

    /// The type that goes with the data.
    public var type: RecordType {
        switch self {
        case .a: .a
        case .aaaa: .aaaa
        case .cname: .cname
        case .ns: .ns
        case .ptr: .ptr
        case .dname: .dname
        case .soa: .soa
        case .mx: .mx
        case .srv: .srv
        case .txt: .txt
        case .hinfo: .hinfo
        case .other(let type, _): type
        }
    }
}

/// The data of an SOA record (RFC 1035 §3.3.13). Times in seconds.
public struct StartOfAuthority: Hashable, Sendable {
    /// MNAME.
    public var primaryServer: Name
    /// RNAME.
    public var responsibleMailbox: Name
    /// SERIAL.
    public var serial: UInt32
    /// REFRESH.
    public var refresh: UInt32
    /// RETRY.
    public var retry: UInt32
    /// EXPIRE.
    public var expire: UInt32
    /// The TTL of negative answers (RFC 2308 §4).
    public var minimum: UInt32

    /// All seven fields in the order of the wire.
    public init(
        primaryServer: Name, responsibleMailbox: Name, serial: UInt32, refresh: UInt32, retry: UInt32, expire: UInt32,
        minimum: UInt32
    ) {
        self.primaryServer = primaryServer
        self.responsibleMailbox = responsibleMailbox
        self.serial = serial
        self.refresh = refresh
        self.retry = retry
        self.expire = expire
        self.minimum = minimum
    }
}

extension RecordData {
    func write(to writer: inout MessageWriter) {
        switch self {
        case .a(let address), .aaaa(let address): writer.put(address: address)
        case .cname(let name), .ns(let name), .ptr(let name): writer.put(compressed: name)
        case .dname(let name): writer.put(uncompressed: name)
        case .soa(let soa): soa.write(to: &writer)
        case .mx(let preference, let exchange):
            writer.put(preference)
            writer.put(compressed: exchange)
        case .srv(let priority, let weight, let port, let target):
            writer.put(priority)
            writer.put(weight)
            writer.put(port)
            writer.put(uncompressed: target)
        case .txt(let strings): for string in strings { string.withUnsafeBytes { writer.put(characterString: $0) } }
        case .hinfo(let cpu, let os):
            for string in [cpu, os] { string.withUnsafeBytes { writer.put(characterString: $0) } }
        case .other(_, let bytes): bytes.withUnsafeBytes { writer.put($0) }
        }
    }

    /// Reads the data of a record; data that does not fit its type is kept as bytes, names in it spelled out. Nil if
    /// such a name is malformed.
    init?(_ record: RecordView, scratch: inout NameScratch) {
        if let data = RecordData.decode(record, scratch: &scratch) {
            self = data
        } else if let bytes = RecordDataLayout(record.type).expandedData(of: record, scratch: &scratch) {
            self = .other(record.type, bytes)
        } else {
            return nil
        }
    }

    private static func decode(_ record: RecordView, scratch: inout NameScratch) -> RecordData? {
        let data = record.dataBytes
        switch record.type {
        case .a where data.count == 4: return .a(IPAddress(v4: data.loadUnaligned(as: UInt32.self).bigEndian))
        case .aaaa where data.count == 16: return data.baseAddress.map { .aaaa(IPAddress(v6At: $0)) }
        case .cname: return name(record, 0, &scratch).map { .cname($0) }
        case .ns: return name(record, 0, &scratch).map { .ns($0) }
        case .ptr: return name(record, 0, &scratch).map { .ptr($0) }
        case .dname: return name(record, 0, &scratch).map { .dname($0) }
        case .soa: return StartOfAuthority(record, scratch: &scratch).map { .soa($0) }
        case .mx where data.count > 2:
            return name(record, 2, &scratch).map { .mx(preference: number(data, 0), exchange: $0) }
        case .srv where data.count > 6:
            return name(record, 6, &scratch).map {
                .srv(priority: number(data, 0), weight: number(data, 2), port: number(data, 4), target: $0)
            }
        case .txt: return strings(data).map { .txt($0) }
        case .hinfo:
            return strings(data).flatMap { $0.count == 2 ? .hinfo(cpu: $0[0], os: $0[1]) : nil }
        default: return nil
        }
    }

    private static func number(_ data: UnsafeRawBufferPointer, _ offset: Int) -> UInt16 {
        UInt16(bigEndian: data.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }

    /// The name at `offset` of the data, which it must fill to the end.
    private static func name(_ record: RecordView, _ offset: Int, _ scratch: inout NameScratch) -> Name? {
        let found = scratch.read(record.message, at: record.data.lowerBound + offset)
        guard let found, found.end == record.data.upperBound else { return nil }
        return Name(found.name)
    }

    private static func strings(_ data: UnsafeRawBufferPointer) -> [[UInt8]]? {
        var found: [[UInt8]] = []
        var offset = 0
        while offset < data.count {
            let end = offset + 1 + Int(data[offset])
            guard end <= data.count else { return nil }
            found.append(Array(data[offset + 1..<end]))
            offset = end
        }
        return found
    }
}

extension StartOfAuthority {
    func write(to writer: inout MessageWriter) {
        writer.put(compressed: primaryServer)
        writer.put(compressed: responsibleMailbox)
        for number in [serial, refresh, retry, expire, minimum] { writer.put(number) }
    }

    init?(_ record: RecordView, scratch: inout NameScratch) {
        guard let server = scratch.read(record.message, at: record.data.lowerBound) else { return nil }
        let primaryServer = Name(server.name)
        guard let mailbox = scratch.read(record.message, at: server.end), mailbox.end + 20 == record.data.upperBound
        else { return nil }
        let numbers = (0..<5).map {
            UInt32(bigEndian: record.message.loadUnaligned(fromByteOffset: mailbox.end + 4 * $0, as: UInt32.self))
        }
        self.init(
            primaryServer: primaryServer, responsibleMailbox: Name(mailbox.name), serial: numbers[0],
            refresh: numbers[1], retry: numbers[2], expire: numbers[3], minimum: numbers[4])
    }
}

extension MessageWriter {
    mutating func put(compressed name: Name) {
        name.wire.withUnsafeBytes { put(compressed: $0.baseAddress.unsafelyUnwrapped) }
    }

    mutating func put(uncompressed name: Name) {
        name.wire.withUnsafeBytes { put(uncompressed: $0.baseAddress.unsafelyUnwrapped) }
    }
}
