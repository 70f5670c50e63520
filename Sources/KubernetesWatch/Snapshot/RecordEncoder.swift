import ClusterIndex

/// Writes an object as a record of a snapshot: a byte for its kind, then the fields of its type in their order.
///
/// A list is a varint with the number of its elements, then those. A dictionary is a list in the order of the keys'
/// bytes. An optional number is a varint: 0, or the number plus one. A case is a byte. An endpoint begins with a byte:
/// two bits each for `ready`, `serving` and `terminating` (0 absent, 1 false, 2 true), then a bit that tells whether
/// any of its texts is not empty, so that they follow its addresses.
struct RecordEncoder {
    private(set) var bytes: [UInt8] = []
    /// A list was too long to be read again.
    private(set) var isTooLarge = false

    /// Puts an object in place of the former.
    mutating func encode(_ object: ClusterObject) {
        bytes.removeAll(keepingCapacity: true)
        isTooLarge = false
        bytes.append(RecordKind(object.kind).rawValue)
        switch object {
        case .namespace(let namespace):
            put(namespace.name)
            put(namespace.labels)
        case .service(let service): put(service)
        case .endpointSlice(let slice): put(slice)
        case .endpoints(let endpoints): put(endpoints)
        case .pod(let pod): put(pod)
        case .serviceImport(let service): put(service)
        }
        if bytes.count > SnapshotLimits.recordBytesMax { isTooLarge = true }
    }

    private mutating func put(_ service: Service) {
        put(service.key)
        put(service.labels)
        bytes.append(service.kind.code)
        put(service.clusterIPs)
        put(service.externalName)
        put(service.externalIPs)
        put(count: service.ingress.count)
        for entry in service.ingress {
            put(entry.ip)
            put(entry.hostname)
        }
        put(service.ports)
    }

    private mutating func put(_ service: ServiceImport) {
        put(service.key)
        bytes.append(service.kind == .headless ? 1 : 0)
        put(service.ips)
        put(service.ports)
    }

    private mutating func put(_ slice: EndpointSlice) {
        put(slice.key)
        put(slice.labels)
        put(slice.serviceName)
        put(slice.importedServiceName)
        put(slice.sourceCluster)
        bytes.append(slice.addressType.code)
        put(slice.endpoints)
        put(slice.ports)
        put(slice.lastChangeTriggerTime)
    }

    private mutating func put(_ endpoints: Endpoints) {
        put(endpoints.key)
        put(endpoints.labels)
        put(count: endpoints.subsets.count)
        for subset in endpoints.subsets {
            put(subset.ready)
            put(subset.notReady)
            put(subset.ports)
        }
    }

    private mutating func put(_ pod: Pod) {
        put(pod.key)
        put(pod.labels)
        put(pod.ip)
        put(pod.phase)
        bytes.append(pod.isTerminating ? 1 : 0)
    }

    private mutating func put(_ endpoints: [Endpoint]) {
        put(count: endpoints.count)
        for endpoint in endpoints {
            let hasTexts = !(endpoint.hostname.isEmpty && endpoint.targetName.isEmpty && endpoint.zone.isEmpty)
            let flags = EndpointFlags(
                ready: endpoint.ready, serving: endpoint.serving, terminating: endpoint.terminating,
                hasTexts: hasTexts)
            bytes.append(flags.rawValue)
            put(endpoint.addresses)
            guard hasTexts else { continue }
            put(endpoint.hostname)
            put(endpoint.targetName)
            put(endpoint.zone)
        }
    }

    private mutating func put(_ ports: [ServicePort]) {
        put(count: ports.count)
        for port in ports {
            put(port.name)
            put(port.transport)
            put(UInt64(port.number.map { Int($0) + 1 } ?? 0))
        }
    }
}

// MARK: - Pieces

extension RecordEncoder {
    private mutating func put(_ key: ObjectKey) {
        put(key.namespace)
        put(key.name)
    }

    private mutating func put(_ labels: [String: String]) {
        put(count: labels.count)
        for (key, value) in labels.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            put(key)
            put(value)
        }
    }

    private mutating func put(_ texts: [String]) {
        put(count: texts.count)
        for text in texts { put(text) }
    }

    private mutating func put(_ text: String) {
        put(UInt64(text.utf8.count))
        bytes += text.utf8
    }

    private mutating func put(count: Int) {
        if count > SnapshotLimits.elementsMax { isTooLarge = true }
        put(UInt64(count))
    }

    private mutating func put(_ number: UInt64) {
        VarintBytes.forEachByte(of: number) { bytes.append($0) }
    }
}

/// Numbers of few bytes where they are small.
enum VarintBytes {
    /// More bytes than any length or count here needs.
    static var lengthMax: Int { 8 }

    static func forEachByte(of number: UInt64, _ body: (UInt8) -> Void) {
        var rest = number
        while rest > 0x7F {
            body(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        body(UInt8(rest))
    }
}

/// The first byte of a record.
enum RecordKind: UInt8 {
    case namespace = 1
    case service, endpointSlice, endpoints, pod, serviceImport

    init(_ kind: ObjectKind) {
        switch kind {
        case .namespace: self = .namespace
        case .service: self = .service
        case .endpointSlice: self = .endpointSlice
        case .endpoints: self = .endpoints
        case .pod: self = .pod
        case .serviceImport: self = .serviceImport
        }
    }
}

/// The first byte of an endpoint.
struct EndpointFlags {
    let rawValue: UInt8

    init(ready: Bool?, serving: Bool?, terminating: Bool?, hasTexts: Bool) {
        rawValue =
            EndpointFlags.code(ready) | EndpointFlags.code(serving) << 2 | EndpointFlags.code(terminating) << 4
            | (hasTexts ? 0x40 : 0)
    }

    /// Nil where a bit that means nothing is set.
    init?(_ byte: UInt8) {
        guard byte & 0x80 == 0, [0, 2, 4].allSatisfy({ byte >> $0 & 3 != 3 }) else { return nil }
        rawValue = byte
    }

    var ready: Bool? { condition(0) }
    var serving: Bool? { condition(2) }
    var terminating: Bool? { condition(4) }
    var hasTexts: Bool { rawValue & 0x40 != 0 }

    private func condition(_ shift: UInt8) -> Bool? {
        let code = rawValue >> shift & 3
        return code == 0 ? nil : code == 2
    }

    private static func code(_ condition: Bool?) -> UInt8 {
        condition.map { $0 ? 2 : 1 } ?? 0
    }
}

extension Service.Kind {
    /// How records call it.
    var code: UInt8 {
        switch self {
        case .clusterIP: 0
        case .nodePort: 1
        case .loadBalancer: 2
        case .externalName: 3
        }
    }
}

extension EndpointSlice.AddressType {
    /// How records call it.
    var code: UInt8 {
        switch self {
        case .ipv4: 0
        case .ipv6: 1
        case .fqdn: 2
        }
    }
}
