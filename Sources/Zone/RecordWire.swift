import DNSMessage

/// A record's data as bytes, and where the names in them stand that a message may compress.
struct RecordWire {
    var bytes: [UInt8] = []
    var prefix = 0
    var names = 0
    var isCompressible = false
    /// The name whose addresses go along, or to which the record leads.
    var target: Name?

    init(_ data: RecordData) {
        switch data {
        case .a(let address), .aaaa(let address):
            bytes = [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
                count = buffer.baseAddress.map { address.store(to: UnsafeMutableRawPointer($0)) } ?? 0
            }
        case .cname(let name), .ns(let name), .ptr(let name): setName(name, isCompressible: true)
        // Its name must stay whole (RFC 6672 §2.5).
        case .dname(let name): setName(name, isCompressible: false)
        case .soa(let soa):
            bytes = soa.primaryServer.wire + soa.responsibleMailbox.wire
            for number in [soa.serial, soa.refresh, soa.retry, soa.expire, soa.minimum] { append(number) }
            (names, isCompressible) = (2, true)
        case .mx(let preference, let exchange):
            append(preference)
            setName(exchange, isCompressible: true)
        case .srv(let priority, let weight, let port, let target):
            for number in [priority, weight, port] { append(number) }
            setName(target, isCompressible: false)
        case .txt(let strings): for string in strings { append(string) }
        case .hinfo(let cpu, let os): for string in [cpu, os] { append(string) }
        case .other(let type, let bytes):
            self.bytes = bytes
            if type == .svcb || type == .https { target = Self.name(in: bytes.dropFirst(2)) }
        }
    }

    private mutating func setName(_ name: Name, isCompressible: Bool) {
        prefix = bytes.count
        bytes += name.wire
        names = 1
        self.isCompressible = isCompressible
        target = name
    }

    private mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    private mutating func append(_ string: [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: min(string.count, 255)))
        bytes += string.prefix(255)
    }

    private static func name(in bytes: ArraySlice<UInt8>) -> Name? {
        var scratch = NameScratch()
        return bytes.withUnsafeBytes { scratch.read($0, at: 0).map { Name($0.name) } }
    }
}
