public import DNSMessage

/// Which port of a service is meant: `"http"` by its name, `80` by the number that the Service has for it.
public enum PortChoice: Hashable, Sendable {
    /// The first one of the service, or its only one.
    case first
    /// By `spec.ports[].name`.
    case named(String)
    /// By `spec.ports[].port`, which need not be the pods' own; their own where the service lists no ports.
    case number(UInt16)
}

extension PortChoice: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
    /// A port by its name.
    public init(stringLiteral name: String) { self = .named(name) }

    /// A port by its number.
    public init(integerLiteral number: UInt16) { self = .number(number) }
}

extension ClusterIndex {
    /// Calls `body` for every ready endpoint of a port: with its address and port (0 where nobody tells one), host
    /// name and topology zone in lower case, each empty where there is none. An endpoint of two slices comes twice.
    /// Endpoints that are names (FQDN slices) do not come. Zones are kept with `IndexOptions.keepsZones` only.
    ///
    /// Returns whether the service exists and its namespace is answered.
    public func forEachReadyEndpoint(
        of service: ObjectKey, port: PortChoice,
        _ body: (_ address: SocketAddress, _ hostname: String, _ zone: String) -> Void
    ) -> Bool {
        guard let record = visibleService(service) else { return false }
        let wanted = WantedPort(port, of: record.ports)
        for index in 0..<record.sliceCount {
            let slice = record.slice(index)
            let numbers = wanted.numbers(in: slice.ports)
            guard !numbers.isEmpty else { continue }
            for row in 0..<slice.addressCount {
                let address = slice.address(row)
                let hostname = slice.hostname(row)
                let zone = slice.zoneText(row)
                for number in numbers { body(SocketAddress(address, port: number), hostname, zone) }
            }
        }
        return true
    }

    private func visibleService(_ key: ObjectKey) -> ServiceRecord? {
        ClusterIndex.withLabels(key, seed: seed) { namespace, name -> ServiceRecord? in
            guard findNamespace(namespace)?.head.pointee.isVisible == true else { return nil }
            return findService(namespace, name, .cluster).flatMap { $0.kind == .absent ? nil : $0 }
        } ?? nil
    }

    /// The service that an EndpointSlice belongs to, in lower case; nil if the slice is not known, or has none.
    public func service(ofSlice key: ObjectKey) -> ObjectKey? {
        ClusterIndex.withKeys(key, seed: seed) { namespace, name -> ObjectKey? in
            guard let record = findNamespace(namespace),
                let slice = record.head.pointee.slices.cluster.find(name).map(SliceIdentity.init)
            else { return nil }
            let service = slice.service.nameText
            return service.isEmpty ? nil : ObjectKey(namespace: record.block.keyText, name: service)
        } ?? nil
    }
}

/// A port, looked for in one slice after another: slices know ports by the names that the service gives them.
private struct WantedPort {
    /// In lower case; nil takes the first port of each slice.
    private let names: [[UInt8]]?
    /// For slices that leave the number out: all ports are meant.
    private let number: UInt16

    init(_ choice: PortChoice, of ports: PortTable) {
        let entries = (0..<ports.count).filter { ports.entries[$0].number >= 0 }
        let chosen: [Int]
        switch choice {
        case .first: chosen = Array(entries.prefix(1))
        case .number(let number): chosen = entries.filter { ports.entries[$0].number == number }
        case .named(let name):
            names = [name.utf8.map(foldedByte)]
            let entry = entries.first { ports.name(of: $0).elementsEqual(name.utf8.map(foldedByte)) }
            number = entry.flatMap { UInt16(exactly: ports.entries[$0].number) } ?? 0
            return
        }
        // A service without ports leaves them to its pods.
        names = entries.isEmpty ? nil : chosen.map { Array(ports.name(of: $0)) }
        if case .number(let own) = choice {
            number = own
        } else {
            number = chosen.first.flatMap { UInt16(exactly: ports.entries[$0].number) } ?? 0
        }
    }

    /// The numbers in a slice, none if it has no such port.
    func numbers(in ports: PortTable) -> [UInt16] {
        guard let names else {
            // What the caller says counts before what the slice says.
            return [number != 0 ? number : (0..<ports.count).lazy.compactMap { own($0, ports) }.first ?? 0]
        }
        var found: [UInt16] = []
        for index in 0..<ports.count where names.contains(where: { ports.name(of: index).elementsEqual($0) }) {
            let number = own(index, ports) ?? number
            if !found.contains(number) { found.append(number) }
        }
        return found
    }

    private func own(_ index: Int, _ ports: PortTable) -> UInt16? { UInt16(exactly: ports.entries[index].number) }
}

extension SliceRecord {
    /// The host name of an address row; empty where its label is the address itself.
    fileprivate func hostname(_ row: Int) -> String {
        guard let label = label(row) else { return "" }
        let bytes = UnsafeRawBufferPointer(start: label + 1, count: Int(label.byte(0)))
        return DashedAddress.parse(bytes)?.unmapped == address(row) ? "" : String(decoding: bytes, as: UTF8.self)
    }

    /// The zone of a row without a final dot; empty where it has none.
    fileprivate func zoneText(_ row: Int) -> String {
        zone(row).map { String(SliceRecord.nameText($0).dropLast()) } ?? ""
    }
}
