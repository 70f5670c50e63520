import DNSMessage

/// What a Service or a ServiceImport says of itself, laid out for a `ServiceRecord`.
struct PackedSpec {
    private(set) var head = ServiceRecord.SpecHead()
    private(set) var bytes: [UInt8] = []

    /// Nothing is known but slices.
    static let absent = PackedSpec()

    private init() {}

    init(_ service: Service, keepsExternals: Bool) {
        self.init(service)
        if keepsExternals { bytes += ExternalAddresses.pack(service) }
    }

    private init(_ service: Service) {
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
        bytes = PackedSpec.bytes(v4, v6, packed, externalName)
    }

    /// Everything behind the head; padding is zero, so that equal specs are equal bytes.
    private static func bytes(
        _ v4: [UInt32], _ v6: [IPAddress], _ ports: PackedPorts, _ externalName: [UInt8]
    ) -> [UInt8] {
        let stride = MemoryLayout<PortTable.Entry>.stride
        let portsStart = 16 * v6.count + 4 * v4.count
        let textStart = portsStart + stride * ports.entries.count
        let size = textStart + ports.text.count + externalName.count
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            buffer.initialize(repeating: 0)
            count = size
            guard let base = buffer.baseAddress.map({ UnsafeMutableRawPointer($0) }) else { return }
            for (index, address) in v6.enumerated() { _ = address.store(to: base + 16 * index) }
            for (index, address) in v4.enumerated() {
                base.storeBigEndian(address, at: 16 * v6.count + 4 * index)
            }
            for (index, entry) in ports.entries.enumerated() { store(entry, to: base + portsStart + stride * index) }
            copy(ports.text, to: base + textStart)
            copy(externalName, to: base + textStart + ports.text.count)
        }
    }

    private static func copy(_ bytes: [UInt8], to target: UnsafeMutableRawPointer) {
        bytes.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress { target.copyMemory(from: source, byteCount: bytes.count) }
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
