import DNSMessage

/// What a Service or a ServiceImport says of itself, laid out for a `ServiceRecord`.
struct PackedSpec {
    private(set) var head = ServiceRecord.SpecHead()
    private(set) var bytes: [UInt8] = []

    /// Nothing is known but slices.
    static let absent = PackedSpec()

    private init() {}

    init(_ service: Service) {
        guard service.kind != .externalName else {
            let name = PackedSpec.externalName(service.externalName)
            self.init(name == nil ? .externalNameUnusable : .externalName, [], service.ports, name ?? [])
            return
        }
        self.init(
            service.isHeadless ? .headless : .clusterIP, service.isHeadless ? [] : service.clusterIPs, service.ports)
    }

    init(_ service: ServiceImport) {
        self.init(
            service.kind == .headless ? .headless : .clusterIP, service.kind == .headless ? [] : service.ips,
            service.ports)
    }

    /// The wire form of an external name; nil where it is an address or no name.
    private static func externalName(_ text: String) -> [UInt8]? {
        guard !text.isEmpty, text != ".", IPAddress(text) == nil, let name = try? Name(text) else { return nil }
        return name.wire
    }

    private init(
        _ kind: ServiceRecord.Kind, _ clusterIPs: [String], _ ports: [ServicePort], _ externalName: [UInt8] = []
    ) {
        var v4: [UInt32] = []
        var v6: [IPAddress] = []
        for text in clusterIPs.prefix(Limits.clusterIPsMax) {
            guard let address = IPAddress(text)?.unmapped else { continue }
            head.addressItems += 1
            if address.family == .v4 {
                if !v4.contains(address.v4) { v4.append(address.v4) }
            } else if !v6.contains(address) {
                v6.append(address)
            }
        }
        let packed = PackedPorts(ports)
        head.kind = kind
        head.v4Count = UInt16(v4.count)
        head.v6Count = UInt16(v6.count)
        head.portCount = UInt16(packed.entries.count)
        head.portTextLength = UInt32(packed.text.count)
        head.externalNameLength = UInt16(externalName.count)
        for address in v6 { withUnsafeBytes(of: (address.high.bigEndian, address.low.bigEndian)) { bytes += $0 } }
        for address in v4 { withUnsafeBytes(of: address.bigEndian) { bytes += $0 } }
        for entry in packed.entries { bytes += PackedSpec.bytes(of: entry) }
        bytes += packed.text + externalName
    }

    /// The entry in memory, its padding zero, so that equal specs are equal bytes.
    private static func bytes(of entry: PortTable.Entry) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: MemoryLayout<PortTable.Entry>.stride) { buffer, count in
            count = MemoryLayout<PortTable.Entry>.stride
            buffer.initialize(repeating: 0)
            store(entry, to: UnsafeMutableRawPointer(buffer.baseAddress.unsafelyUnwrapped))
        }
    }

    /// Stores the fields of an entry and leaves its padding as it is.
    static func store(_ entry: PortTable.Entry, to target: UnsafeMutableRawPointer) {
        target.storeBytes(of: entry.number, toByteOffset: 0, as: Int32.self)
        target.storeBytes(of: entry.nameStart, toByteOffset: 4, as: UInt32.self)
        target.storeByte(entry.nameLength, at: 8)
        target.storeByte(entry.transport.rawValue, at: 9)
    }
}
