import ClusterIndex

/// Objects that have everything that can be had.
enum Samples {
    static let objects: [ClusterObject] = [
        .namespace(Namespace(name: "prod", labels: ["team": "a", "tier": "gold"])),
        .namespace(Namespace(name: "bare")),
        .service(
            Service(
                key: key("web"), labels: ["app": "web"], clusterIPs: ["10.0.0.1", "fd00::1"],
                ports: [
                    ServicePort(name: "http", number: 80), ServicePort(name: "dns", transport: "UDP", number: 53),
                ])),
        .service(
            Service(
                key: key("outside"), kind: .loadBalancer, clusterIPs: ["10.0.0.2"], externalIPs: ["192.0.2.7"],
                ingress: [Service.Ingress(ip: "203.0.113.77"), Service.Ingress(hostname: "lb.example.net")],
                ports: [ServicePort(number: 443)])),
        .service(Service(key: key("alias"), kind: .externalName, externalName: "www.example.com")),
        .service(Service(key: key("headless"), clusterIPs: ["None"])),
        .endpointSlice(
            EndpointSlice(
                key: key("web-1"), labels: ["kubernetes.io/service-name": "web"], serviceName: "web",
                endpoints: [
                    Endpoint(
                        addresses: ["10.1.0.1"], ready: true, serving: true, terminating: false, hostname: "web-0",
                        targetName: "web-0", zone: "zone-a"),
                    Endpoint(addresses: ["10.1.0.2", "10.1.0.3"], ready: false), Endpoint(addresses: ["10.1.0.4"]),
                ],
                ports: [ServicePort(name: "http", number: 8_080), ServicePort(number: nil)],
                lastChangeTriggerTime: "2026-01-01T00:00:00Z")),
        .endpointSlice(
            EndpointSlice(
                key: key("web-2"), labels: ["kubernetes.io/service-name": "web"], serviceName: "web",
                addressType: .ipv6)),
        .pod(Pod(key: key("web-0"), labels: ["app": "web"], ip: "10.1.0.1")),
        .pod(Pod(key: key("web-1"), ip: "", phase: "Pending")),
        .pod(Pod(key: key("web-2"), ip: "10.1.0.9", phase: "Running", isTerminating: true)),
        .serviceImport(
            ServiceImport(key: key("shared"), ips: ["10.2.0.1"], ports: [ServicePort(name: "http", number: 80)])),
        .serviceImport(ServiceImport(key: key("spread"), kind: .headless)),
    ]

    static func key(_ name: String) -> ObjectKey { ObjectKey(namespace: "prod", name: name) }

    static func service(_ name: String, _ address: String = "10.0.0.9", labels: [String: String] = [:]) -> ClusterObject
    {
        .service(Service(key: key(name), labels: labels, clusterIPs: [address]))
    }
}
