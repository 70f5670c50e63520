import ClusterIndex

/// Objects of a small cluster.
enum Sample {
    static func namespace(_ name: String, labels: [String: String] = [:]) -> ClusterObject {
        .namespace(Namespace(name: name, labels: labels))
    }

    static func service(
        _ name: String, in namespace: String = "shop", at address: String, labels: [String: String] = [:]
    ) -> ClusterObject {
        .service(
            Service(
                key: ObjectKey(namespace: namespace, name: name), labels: labels, clusterIPs: [address],
                ports: [ServicePort(name: "http", number: 80)]))
    }

    static func headless(_ name: String, in namespace: String = "shop") -> ClusterObject {
        service(name, in: namespace, at: "None")
    }

    static func slice(
        of service: String, in namespace: String = "shop", _ addresses: [String], changed: String = ""
    ) -> ClusterObject {
        .endpointSlice(
            EndpointSlice(
                key: ObjectKey(namespace: namespace, name: "\(service)-1"), serviceName: service,
                endpoints: addresses.map { Endpoint(addresses: [$0], ready: true) },
                ports: [ServicePort(name: "http", number: 8_080)], lastChangeTriggerTime: changed))
    }

    static func pod(_ name: String, in namespace: String = "shop", at address: String) -> ClusterObject {
        .pod(Pod(key: ObjectKey(namespace: namespace, name: name), ip: address))
    }

    /// `web` with an address of its own, `db` with two endpoints, both in `shop`.
    static let shop = [
        namespace("shop"), service("web", at: "10.96.0.1"), headless("db"),
        slice(of: "db", ["10.128.0.1", "10.128.0.2"]),
    ]

    /// The name of a service.
    static func name(_ service: String, in namespace: String = "shop") -> String {
        "\(service).\(namespace).svc.cluster.local."
    }

    static func key(_ name: String, in namespace: String = "shop") -> ObjectKey {
        ObjectKey(namespace: namespace, name: name)
    }
}
