public import ClusterIndex

extension GeneratedCluster {
    private static let zones = ["zone-a", "zone-b", "zone-c"]
    /// The networks have room for so many generations, one after another.
    private static let (generationsMax, podAddressesMax, clusterAddressesMax) = (16, 1 << 18, 1 << 16)

    /// All objects: namespaces, services, slices.
    public var objects: [ClusterObject] {
        let namespaces = Set(services.map(\.namespace)).sorted().map { name in
            ClusterObject.namespace(Namespace(name: name, labels: ["kubernetes.io/metadata.name": name]))
        }
        return namespaces + services.map { .service(object($0)) }
            + services.flatMap { slices($0).map { .endpointSlice($0) } }
    }

    /// The pods behind the first so many endpoints.
    public func pods(_ count: Int) -> [ClusterObject] {
        let all = services.lazy.flatMap { service in service.endpoints.lazy.map { (service, $0) } }
        return all.prefix(count).map { service, endpoint in
            .pod(
                Pod(
                    key: ObjectKey(namespace: service.namespace, name: endpoint.pod), labels: ["app": service.name],
                    ip: podAddress(endpoint.serial, family: 4)))
        }
    }

    private func object(_ service: Workload) -> Service {
        var object = Service(
            key: ObjectKey(namespace: service.namespace, name: service.name), labels: ["app": service.name])
        object.ports = service.ports.map { ServicePort(name: $0.name, number: $0.number) }
        switch service.kind {
        case .clusterIP: object.clusterIPs = service.families.map { clusterAddress(service.serial, family: $0) }
        case .headless, .statefulSet: object.clusterIPs = ["None"]
        case .externalName:
            object.kind = .externalName
            object.externalName = "\(service.name).example.com"
        }
        return object
    }

    /// The slices of a service: up to 100 endpoints in each, families apart.
    public func slices(_ service: Workload) -> [EndpointSlice] {
        var slices: [EndpointSlice] = []
        for family in service.families where service.kind != .externalName {
            for start in stride(from: 0, to: service.endpoints.count, by: Self.sliceEndpointsMax) {
                let part = service.endpoints[start..<min(start + Self.sliceEndpointsMax, service.endpoints.count)]
                let number = Self.padded(start / Self.sliceEndpointsMax, 3)
                slices.append(slice(service, "\(service.name)-v\(family)-\(number)", family, part))
            }
        }
        return slices
    }

    private func slice(
        _ service: Workload, _ name: String, _ family: Int, _ endpoints: ArraySlice<Backend>
    ) -> EndpointSlice {
        var labels = [
            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            "kubernetes.io/service-name": service.name,
        ]
        if service.kind != .clusterIP { labels["service.kubernetes.io/headless"] = "" }
        return EndpointSlice(
            key: ObjectKey(namespace: service.namespace, name: name), labels: labels, serviceName: service.name,
            addressType: family == 4 ? .ipv4 : .ipv6,
            endpoints: endpoints.map { endpoint in
                Endpoint(
                    addresses: [podAddress(endpoint.serial, family: family)], ready: endpoint.isReady,
                    serving: endpoint.isReady, terminating: false, hostname: endpoint.hostname,
                    targetName: endpoint.pod, zone: Self.zones[endpoint.serial % 3])
            },
            ports: service.ports.map { ServicePort(name: $0.name, number: $0.target) })
    }

    // MARK: Addresses

    private func podAddress(_ serial: Int, family: Int) -> String {
        let number = serial + generation % Self.generationsMax * Self.podAddressesMax
        return family == 4 ? Self.v4(0x0A80_0000, number) : Self.v6("fd00:10:244::", number)
    }

    private func clusterAddress(_ serial: Int, family: Int) -> String {
        let number = 256 + serial + generation % Self.generationsMax * Self.clusterAddressesMax
        return family == 4 ? Self.v4(0x0A60_0000, number) : Self.v6("fd00:10:96::", number)
    }

    /// Where a changed endpoint moves to.
    static func changedAddress(_ number: Int) -> String { v4(0x0AE0_0000, 256 + number % 2_000_000) }

    private static func v4(_ network: UInt32, _ number: Int) -> String {
        let address = network + UInt32(truncatingIfNeeded: number)
        return "\(address >> 24).\(address >> 16 & 0xFF).\(address >> 8 & 0xFF).\(address & 0xFF)"
    }

    private static func v6(_ network: String, _ number: Int) -> String {
        let (high, low) = (number >> 16, number & 0xFFFF)
        return network + (high == 0 ? "" : String(high, radix: 16) + ":") + String(low, radix: 16)
    }
}
