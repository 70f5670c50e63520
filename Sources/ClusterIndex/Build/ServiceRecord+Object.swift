import DNSMessage

extension ServiceRecord {
    /// A Service that gives this record, whatever its slices.
    func service(_ key: ObjectKey, _ labels: [String: String]) -> Service {
        var service = Service(key: key, labels: labels, ports: ports.objects)
        switch kind {
        case .absent, .clusterIP: service.clusterIPs = addressTexts
        case .headless: service.clusterIPs = ["None"]
        case .externalName:
            service.kind = .externalName
            service.externalName = externalName.baseAddress.map { NameText.text(wire: $0) } ?? ""
        case .externalNameUnusable: service.kind = .externalName
        }
        externals.fill(&service)
        return service
    }

    /// A ServiceImport that gives this record, whatever its slices.
    func serviceImport(_ key: ObjectKey) -> ServiceImport {
        ServiceImport(
            key: key, kind: kind == .headless ? .headless : .clusterSetIP, ips: addressTexts, ports: ports.objects)
    }

    /// The cluster IPs. Repeated ones count for the weights of SRV records; which it was is not known any more.
    private var addressTexts: [String] {
        let texts = addresses.map(\.description)
        let repeated = Int(head.pointee.spec.addressItems) - texts.count
        return texts + Array(repeating: texts.first ?? "", count: max(0, repeated))
    }
}

extension PortTable {
    /// The ports as objects have them.
    var objects: [ServicePort] {
        // A port without anything stands for no ports at all.
        if count == 1, entries[0] == Entry(number: -1, nameStart: 0, nameLength: 0, transport: .none) { return [] }
        return (0..<count).map { index in
            ServicePort(
                name: String(decoding: name(of: index), as: UTF8.self), transport: entries[index].transport.text,
                number: UInt16(exactly: entries[index].number))
        }
    }
}

extension Transport {
    fileprivate var text: String {
        switch self {
        case .none: ""
        case .tcp: "TCP"
        case .udp: "UDP"
        case .sctp: "SCTP"
        }
    }
}
