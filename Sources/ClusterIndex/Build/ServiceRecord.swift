import DNSMessage

/// A service and its slices: everything that a forward name needs. It exists as soon as there is a Service, a
/// ServiceImport or a slice that names it.
///
/// Behind the key (the service's name) lie: the head, the slices, then the spec: cluster IPs of both families, ports,
/// the external name.
struct ServiceRecord {
    enum Kind: UInt8 {
        /// Slices name it, but there is no such object.
        case absent
        case clusterIP
        case headless
        case externalName
        /// The external name is an address or no name at all.
        case externalNameUnusable
    }

    struct Head: Equatable {
        var identity: UnsafeMutableRawPointer
        /// Bytes of the whole block.
        var size: UInt32 = 0
        var sliceCount: UInt32 = 0
        /// Ready addresses in all slices, repeats counted.
        var v4Rows: UInt32 = 0
        var v6Rows: UInt32 = 0
        /// Ready endpoints that are names (FQDN slices).
        var nameRows: UInt32 = 0
        var notReady: UInt32 = 0
        /// Addresses that stand in more than one slice of the service.
        var sharedAddresses: UInt32 = 0
        var spec = SpecHead()
        /// The slices come from an Endpoints object.
        var hasLegacySlices = false
        /// Some endpoint has a label that is the dashed form of another's address.
        var hasAddressLabels = false
    }

    /// The part of the head that a Service alone decides.
    struct SpecHead: Equatable {
        var kind = Kind.absent
        /// Cluster IPs of both families, repeats counted: they make the weights of SRV records.
        var addressItems: UInt16 = 0
        var v4Count: UInt16 = 0
        var v6Count: UInt16 = 0
        var portCount: UInt16 = 0
        var portTextLength: UInt32 = 0
        var externalNameLength: UInt16 = 0
    }

    let block: Block

    @inline(__always) init(_ block: Block) { self.block = block }

    @inline(__always) var head: UnsafeMutablePointer<Head> { block.payload.assumingMemoryBound(to: Head.self) }
    @inline(__always) var kind: Kind { head.pointee.spec.kind }
    @inline(__always) var identity: ServiceIdentity { ServiceIdentity(Block(head.pointee.identity)) }

    // MARK: Slices

    @inline(__always) private var slicesStart: UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(head) + MemoryLayout<Head>.stride
    }
    @inline(__always) var sliceCount: Int { Int(head.pointee.sliceCount) }

    /// Slice `index` in the order of their names.
    @inline(__always) func slice(_ index: Int) -> SliceRecord {
        SliceRecord(Block(slicesStart.load(fromByteOffset: 8 &* index, as: UnsafeMutableRawPointer.self)))
    }

    /// The version of a slice that the service has.
    func slice(of identity: SliceIdentity) -> SliceRecord? {
        for index in 0..<sliceCount where slice(index).identity == identity { return slice(index) }
        return nil
    }

    /// The slices, for the writer.
    var slices: [SliceRecord] { (0..<sliceCount).map(slice) }

    /// Whether there is any ready endpoint.
    var hasReadyEndpoints: Bool {
        head.pointee.v4Rows | head.pointee.v6Rows | head.pointee.nameRows != 0
    }

    /// The first slice's first endpoint is a name, so that the service is an alias.
    var isAlias: Bool {
        guard head.pointee.nameRows > 0 else { return false }
        for index in 0..<sliceCount where slice(index).rowCount > 0 { return slice(index).head.pointee.firstIsName }
        return false
    }

    // MARK: Spec

    @inline(__always) private var specStart: UnsafeRawPointer {
        UnsafeRawPointer(slicesStart) + 8 &* Int(head.pointee.sliceCount)
    }

    /// Cluster IPs, sixteen bytes each.
    @inline(__always) var v6: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: specStart, count: 16 &* Int(head.pointee.spec.v6Count))
    }

    /// Cluster IPs in network order.
    @inline(__always) var v4: UnsafeBufferPointer<UInt32> {
        UnsafeBufferPointer(
            start: (specStart + 16 &* Int(head.pointee.spec.v6Count)).assumingMemoryBound(to: UInt32.self),
            count: Int(head.pointee.spec.v4Count))
    }

    private var portsStart: UnsafeRawPointer {
        specStart + 16 * Int(head.pointee.spec.v6Count) + 4 * Int(head.pointee.spec.v4Count)
    }

    private var portTextStart: UnsafeRawPointer {
        portsStart + MemoryLayout<PortTable.Entry>.stride * Int(head.pointee.spec.portCount)
    }

    var ports: PortTable {
        PortTable(
            entries: portsStart.assumingMemoryBound(to: PortTable.Entry.self), count: Int(head.pointee.spec.portCount),
            text: portTextStart)
    }

    /// The external name in wire form.
    var externalName: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: portTextStart + Int(head.pointee.spec.portTextLength),
            count: Int(head.pointee.spec.externalNameLength))
    }

    /// What follows the external name to the end of the block, where external addresses are kept.
    var externals: ExternalAddresses {
        let name = externalName
        guard let start = name.baseAddress.map({ $0 + name.count }) else {
            return ExternalAddresses(.init(start: nil, count: 0))
        }
        let end = UnsafeRawPointer(block.base) + Int(head.pointee.size)
        return ExternalAddresses(UnsafeRawBufferPointer(start: start, count: end - start))
    }

    /// The cluster IPs, for the writer.
    var addresses: [IPAddress] {
        v4.map { IPAddress(v4: UInt32(bigEndian: $0)) }
            + stride(from: 0, to: v6.count, by: 16).map { IPAddress(v6At: specStart + $0) }
    }
}

// MARK: - Making records

extension ServiceRecord {
    /// Slices and what their addresses add up to.
    struct Endpoints {
        var slices: [SliceRecord] = []
        var sharedAddresses: UInt32 = 0
        var areLegacy = false
    }

    /// Puts a record together; the slices and the identity are shared, not taken over.
    init(key: Key, identity: ServiceIdentity, spec: PackedSpec, endpoints: Endpoints) {
        let size = spec.bytes.count
        self.init(key, identity, spec.head, specSize: size, endpoints)
        spec.bytes.withUnsafeBytes { bytes in
            if let source = bytes.baseAddress {
                UnsafeMutableRawPointer(mutating: specStart).copyMemory(from: source, byteCount: size)
            }
        }
    }

    /// The same service with other slices.
    init(copying other: ServiceRecord, key: Key, endpoints: Endpoints) {
        let size = other.specBytes.count
        self.init(key, other.identity, other.head.pointee.spec, specSize: size, endpoints)
        UnsafeMutableRawPointer(mutating: specStart).copyMemory(from: other.specStart, byteCount: size)
    }

    private init(
        _ key: Key, _ identity: ServiceIdentity, _ spec: SpecHead, specSize: Int, _ endpoints: Endpoints
    ) {
        let payload = MemoryLayout<Head>.stride + 8 * endpoints.slices.count + specSize
        block = Block(kind: .service, key: key, payload: payload)
        var head = Head(identity: identity.block.base)
        identity.block.retain()
        head.size = UInt32(Block.payloadOffset(keyLength: key.length) + payload)
        head.sliceCount = UInt32(endpoints.slices.count)
        head.sharedAddresses = endpoints.sharedAddresses
        head.hasLegacySlices = endpoints.areLegacy
        head.spec = spec
        for (index, slice) in endpoints.slices.enumerated() {
            slice.block.retain()
            slicesStart.storeBytes(of: slice.block.base, toByteOffset: 8 * index, as: UnsafeMutableRawPointer.self)
            head.v4Rows += slice.head.pointee.v4Count
            head.v6Rows += slice.head.pointee.v6Count
            head.nameRows += slice.head.pointee.nameCount
            head.notReady += slice.head.pointee.notReady
            if slice.head.pointee.hasAddressLabels { head.hasAddressLabels = true }
        }
        self.head.initialize(to: head)
    }

    private var specBytes: UnsafeRawBufferPointer {
        let start = specStart
        return UnsafeRawBufferPointer(
            start: start, count: Int(head.pointee.size) - (start - UnsafeRawPointer(block.base)))
    }

    func releaseChildren() {
        for index in 0..<sliceCount { slice(index).block.release() }
        identity.block.release()
    }

    /// The slices with what they add up to, for the next version of the record.
    var endpoints: Endpoints {
        Endpoints(
            slices: slices, sharedAddresses: head.pointee.sharedAddresses, areLegacy: head.pointee.hasLegacySlices)
    }

    /// Whether both versions answer alike and have the same slices.
    func isEqual(to other: ServiceRecord) -> Bool {
        guard head.pointee == other.head.pointee else { return false }
        let tail = Int(head.pointee.size) - (slicesStart - block.base)
        return equalBytes(slicesStart, other.slicesStart, count: tail)
    }

    /// Whether the other version differs in what counts as a change of the zone: external name and ports.
    func hasSameSerial(as other: ServiceRecord) -> Bool {
        hasSamePorts(as: other) && externalName.elementsEqual(other.externalName)
    }

    /// The same for zones of external names: external addresses and ports.
    func hasSameExternalSerial(as other: ServiceRecord) -> Bool {
        hasSamePorts(as: other) && externals.bytes.elementsEqual(other.externals.bytes)
    }

    private func hasSamePorts(as other: ServiceRecord) -> Bool {
        let (a, b) = (head.pointee.spec, other.head.pointee.spec)
        guard a.portCount == b.portCount, a.portTextLength == b.portTextLength else { return false }
        let count = MemoryLayout<PortTable.Entry>.stride * Int(a.portCount) + Int(a.portTextLength)
        return equalBytes(portsStart, other.portsStart, count: count)
    }
}
