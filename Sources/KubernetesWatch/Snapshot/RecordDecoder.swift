import ClusterIndex

/// The bytes of a record are not what `RecordEncoder` writes.
struct RecordFault: Error {}

/// Reads what `RecordEncoder` writes, and nothing else: whatever it takes would be written as the same bytes.
struct RecordDecoder {
    private let bytes: UnsafeRawBufferPointer
    private var offset = 0

    private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The object of a record.
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(RecordFault) -> ClusterObject {
        var decoder = RecordDecoder(bytes)
        let object = try decoder.object()
        guard decoder.offset == bytes.count else { throw RecordFault() }
        return object
    }

    private mutating func object() throws(RecordFault) -> ClusterObject {
        switch RecordKind(rawValue: try byte()) {
        case .namespace: .namespace(Namespace(name: try text(), labels: try labels()))
        case .service: .service(try service())
        case .endpointSlice: .endpointSlice(try endpointSlice())
        case .endpoints: .endpoints(try endpoints())
        case .pod: .pod(try pod())
        case .serviceImport: .serviceImport(try serviceImport())
        case nil: throw RecordFault()
        }
    }

    private mutating func service() throws(RecordFault) -> Service {
        var service = Service(key: try key(), labels: try labels())
        switch try byte() {
        case 0: service.kind = .clusterIP
        case 1: service.kind = .nodePort
        case 2: service.kind = .loadBalancer
        case 3: service.kind = .externalName
        default: throw RecordFault()
        }
        service.clusterIPs = try texts()
        service.externalName = try text()
        service.externalIPs = try texts()
        for _ in 0..<(try count()) {
            service.ingress.append(Service.Ingress(ip: try text(), hostname: try text()))
        }
        service.ports = try ports()
        return service
    }

    private mutating func serviceImport() throws(RecordFault) -> ServiceImport {
        let key = try key()
        let isHeadless = try flag()
        return ServiceImport(
            key: key, kind: isHeadless ? .headless : .clusterSetIP, ips: try texts(), ports: try ports())
    }

    private mutating func endpointSlice() throws(RecordFault) -> EndpointSlice {
        var slice = EndpointSlice(key: try key(), labels: try labels())
        slice.serviceName = try text()
        slice.importedServiceName = try text()
        slice.sourceCluster = try text()
        switch try byte() {
        case 0: slice.addressType = .ipv4
        case 1: slice.addressType = .ipv6
        case 2: slice.addressType = .fqdn
        default: throw RecordFault()
        }
        slice.endpoints = try endpointList()
        slice.ports = try ports()
        slice.lastChangeTriggerTime = try text()
        return slice
    }

    private mutating func endpoints() throws(RecordFault) -> Endpoints {
        var endpoints = Endpoints(key: try key(), labels: try labels())
        for _ in 0..<(try count()) {
            endpoints.subsets.append(
                Endpoints.Subset(ready: try endpointList(), notReady: try endpointList(), ports: try ports()))
        }
        return endpoints
    }

    private mutating func pod() throws(RecordFault) -> Pod {
        let key = try key()
        let labels = try labels()
        let ip = try text()
        let phase = try text()
        return Pod(key: key, labels: labels, ip: ip, phase: phase, isTerminating: try flag())
    }

    private mutating func endpointList() throws(RecordFault) -> [Endpoint] {
        let count = try count()
        var endpoints: [Endpoint] = []
        endpoints.reserveCapacity(count)
        for _ in 0..<count {
            guard let flags = EndpointFlags(try byte()) else { throw RecordFault() }
            var endpoint = Endpoint(
                addresses: try texts(), ready: flags.ready, serving: flags.serving, terminating: flags.terminating)
            if flags.hasTexts {
                endpoint.hostname = try text()
                endpoint.targetName = try text()
                endpoint.zone = try text()
                let hasTexts = !(endpoint.hostname.isEmpty && endpoint.targetName.isEmpty && endpoint.zone.isEmpty)
                guard hasTexts else { throw RecordFault() }
            }
            endpoints.append(endpoint)
        }
        return endpoints
    }

    private mutating func ports() throws(RecordFault) -> [ServicePort] {
        var ports: [ServicePort] = []
        for _ in 0..<(try count()) {
            let name = try text()
            let transport = try text()
            let code = try number()
            guard code <= UInt64(UInt16.max) + 1 else { throw RecordFault() }
            ports.append(ServicePort(name: name, transport: transport, number: code == 0 ? nil : UInt16(code - 1)))
        }
        return ports
    }
}

// MARK: - Pieces

extension RecordDecoder {
    private mutating func key() throws(RecordFault) -> ObjectKey {
        ObjectKey(namespace: try text(), name: try text())
    }

    private mutating func labels() throws(RecordFault) -> [String: String] {
        var labels: [String: String] = [:]
        var last: String?
        for _ in 0..<(try count()) {
            let key = try text()
            if let last, !last.utf8.lexicographicallyPrecedes(key.utf8) { throw RecordFault() }
            // Different bytes may be equal texts.
            guard labels.updateValue(try text(), forKey: key) == nil else { throw RecordFault() }
            last = key
        }
        return labels
    }

    private mutating func texts() throws(RecordFault) -> [String] {
        let count = try count()
        var texts: [String] = []
        texts.reserveCapacity(count)
        for _ in 0..<count { texts.append(try text()) }
        return texts
    }

    private mutating func text() throws(RecordFault) -> String {
        let length = try number()
        guard length <= UInt64(bytes.count - offset) else { throw RecordFault() }
        let end = offset + Int(length)
        guard let text = String(validating: bytes[offset..<end], as: UTF8.self) else { throw RecordFault() }
        offset = end
        return text
    }

    /// How many elements follow; each has a byte at least.
    private mutating func count() throws(RecordFault) -> Int {
        let count = try number()
        guard count <= UInt64(min(SnapshotLimits.elementsMax, bytes.count - offset)) else { throw RecordFault() }
        return Int(count)
    }

    private mutating func flag() throws(RecordFault) -> Bool {
        let byte = try byte()
        guard byte < 2 else { throw RecordFault() }
        return byte == 1
    }

    private mutating func number() throws(RecordFault) -> UInt64 {
        guard let (number, length) = VarintBytes.read(UnsafeRawBufferPointer(rebasing: bytes[offset...])) else {
            throw RecordFault()
        }
        offset += length
        return number
    }

    private mutating func byte() throws(RecordFault) -> UInt8 {
        guard offset < bytes.count else { throw RecordFault() }
        defer { offset += 1 }
        return bytes[offset]
    }
}

extension VarintBytes {
    /// The number that the bytes begin with and how many bytes it takes; nil if there is none, or it could be shorter.
    static func read(_ bytes: UnsafeRawBufferPointer) -> (number: UInt64, length: Int)? {
        var number: UInt64 = 0
        for index in 0..<min(bytes.count, lengthMax) {
            let byte = bytes[index]
            number |= UInt64(byte & 0x7F) << UInt64(7 * index)
            guard byte < 0x80 else { continue }
            return byte == 0 && index > 0 ? nil : (number, index + 1)
        }
        return nil
    }
}
