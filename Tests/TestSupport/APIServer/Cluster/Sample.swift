public import ClusterIndex

/// Objects of a small cluster.
public enum Sample {
    /// A namespace.
    public static func namespace(_ name: String, labels: [String: String] = [:]) -> ClusterObject {
        .namespace(Namespace(name: name, labels: labels))
    }

    /// A service with a cluster IP, or `None`, and the port `http`, 80.
    public static func service(
        _ name: String, in namespace: String = "shop", at address: String, labels: [String: String] = [:]
    ) -> ClusterObject {
        .service(
            Service(
                key: ObjectKey(namespace: namespace, name: name), labels: labels, clusterIPs: [address],
                ports: [ServicePort(name: "http", number: 80)]))
    }

    /// A headless service.
    public static func headless(_ name: String, in namespace: String = "shop") -> ClusterObject {
        service(name, in: namespace, at: "None")
    }

    /// The one slice of a service: ready endpoints whose port `http` is 8080.
    public static func slice(
        of service: String, in namespace: String = "shop", _ addresses: [String], changed: String = ""
    ) -> ClusterObject {
        .endpointSlice(
            EndpointSlice(
                key: ObjectKey(namespace: namespace, name: "\(service)-1"), serviceName: service,
                endpoints: addresses.map { Endpoint(addresses: [$0], ready: true) },
                ports: [ServicePort(name: "http", number: 8_080)], lastChangeTriggerTime: changed))
    }

    /// A pod that runs.
    public static func pod(_ name: String, in namespace: String = "shop", at address: String) -> ClusterObject {
        .pod(Pod(key: ObjectKey(namespace: namespace, name: name), ip: address))
    }

    /// `web` with an address of its own, `db` with two endpoints, both in `shop`.
    public static let shop = [
        namespace("shop"), service("web", at: "10.96.0.1"), headless("db"),
        slice(of: "db", ["10.128.0.1", "10.128.0.2"]),
    ]

    /// The name of a service.
    public static func name(_ service: String, in namespace: String = "shop") -> String {
        "\(service).\(namespace).svc.cluster.local."
    }

    /// The key of an object in a namespace.
    public static func key(_ name: String, in namespace: String = "shop") -> ObjectKey {
        ObjectKey(namespace: namespace, name: name)
    }
}
