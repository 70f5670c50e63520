import ClusterIndex

/// Objects with every field in use, and some with none.
enum SnapshotObjects {
    private static let labels = ["app": "web", "tier": "", "z": "é"]
    private static let ports = [
        ServicePort(name: "http", number: 80), ServicePort(name: "", transport: "UDP", number: nil),
        ServicePort(name: "p", transport: "SCTP", number: 65535), ServicePort(number: 0),
    ]
    private static let endpoints = [
        Endpoint(addresses: ["10.1.0.1", "fd00::1"]), Endpoint(addresses: []),
        Endpoint(addresses: [""], ready: true, serving: false, terminating: true, hostname: "h"),
        Endpoint(addresses: ["10.1.0.2"], ready: false, serving: true, targetName: "pod", zone: "z"),
        Endpoint(addresses: ["www.example.org"], terminating: false, zone: "east.z"),
    ]

    static let all: [ClusterObject] = [
        .namespace(Namespace(name: "a")), .namespace(Namespace(name: "b", labels: labels)),
        .service(Service(key: key("plain"))), service(.clusterIP), service(.nodePort), service(.loadBalancer),
        service(.externalName), .endpointSlice(EndpointSlice(key: key("empty"))), slice(.ipv4), slice(.ipv6),
        slice(.fqdn), .endpoints(Endpoints(key: key("nothing"))),
        .endpoints(
            Endpoints(
                key: key("old"), labels: labels,
                subsets: [Endpoints.Subset(), Endpoints.Subset(ready: endpoints, notReady: endpoints, ports: ports)])),
        .pod(Pod(key: key("p"), ip: "")),
        .pod(Pod(key: key("q"), labels: labels, ip: "fd00::7", phase: "Failed", isTerminating: true)),
        .serviceImport(ServiceImport(key: key("i"), ips: ["10.0.0.9"], ports: ports)),
        .serviceImport(ServiceImport(key: key("h"), kind: .headless)),
    ]

    private static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "a", name: name) }

    private static func service(_ kind: Service.Kind) -> ClusterObject {
        .service(
            Service(
                key: key("\(kind)".lowercased()), labels: labels, kind: kind, clusterIPs: ["10.0.0.1", "None"],
                externalName: "www.example.org", externalIPs: ["192.0.2.1"],
                ingress: [Service.Ingress(ip: "192.0.2.2"), Service.Ingress(hostname: "lb.example.org")],
                ports: ports))
    }

    private static func slice(_ type: EndpointSlice.AddressType) -> ClusterObject {
        .endpointSlice(
            EndpointSlice(
                key: key("slice-\(type)"), labels: labels, serviceName: "clusterip", importedServiceName: "h",
                sourceCluster: "c1", addressType: type, endpoints: endpoints, ports: ports,
                lastChangeTriggerTime: "2026-01-01T00:00:00Z"))
    }

    /// An index of a service for each number, with a slice each.
    static func index(services: Int) -> ClusterIndex {
        var index = ClusterIndex(options: IndexOptions(pods: .verified))
        for object in all { index.upsert(object) }
        for number in 0..<services {
            let key = key("service-\(number)")
            index.upsert(.service(Service(key: key, clusterIPs: ["None"], ports: ports)))
            index.upsert(.endpointSlice(EndpointSlice(key: key, serviceName: key.name, endpoints: endpoints)))
        }
        index.serial = 17
        index.clusterSetSerial = 18
        return index
    }
}

extension ClusterIndex {
    var objects: [ClusterObject] {
        var objects: [ClusterObject] = []
        forEachObject { objects.append($0) }
        return objects
    }
}
