import ClusterIndex
import DNSMessage
import Testing

@Suite("Ready endpoints of a port")
struct ReadyEndpointTests {
    /// `address:port` of all, with host name and zone where there are any; `none`; `no service`.
    private static func text(_ cluster: Cluster, _ service: String, _ port: PortChoice) -> String {
        var found: [String] = []
        let key = ObjectKey(namespace: "a", name: service)
        let exists = cluster.index.forEachReadyEndpoint(of: key, port: port) { address, hostname, zone in
            found.append(["\(address)", hostname, zone].filter { !$0.isEmpty }.joined(separator: "/"))
        }
        guard exists else { return found.isEmpty ? "no service" : "endpoints of no service: \(found)" }
        return found.isEmpty ? "none" : found.joined(separator: " ")
    }

    private static let cluster: Cluster = {
        var options = IndexOptions()
        options.keepsZones = true
        var cluster = Cluster(
            options,
            [
                .service("web", ["10.0.0.1"], ports: [.tcp("http", 80), .tcp("admin", 81)]),
                .slice(
                    "web-1", of: "web", ["10.1.0.1", "10.1.0.2"], ports: [.tcp("admin", 9_000), .tcp("http", 8_080)]),
                .slice("web-2", of: "web", ["10.1.0.3"], ports: [.tcp("admin", 9_001)]),
                .slice("web-6", of: "web", ["fd00::1"], ports: [.tcp("http", 8_080)], type: .ipv6),
                .slice("web-n", of: "web", ["host.example"], ports: [.tcp("http", 8_080)], type: .fqdn),
                .service("dns", ports: [ServicePort(name: "dns", transport: "UDP", number: 53), .tcp("dns-tcp", 53)]),
                .slice(
                    "dns-1", of: "dns", ["10.1.1.1"],
                    ports: [ServicePort(name: "dns", transport: "UDP", number: 5_353), .tcp("dns-tcp", 5_354)]),
                .service("bare"), .slice("bare-1", of: "bare", ["10.1.2.1"]),
                .slice("bare-2", of: "bare", ["10.1.2.2"], ports: [.tcp("", 7)]),
                .service("all", ports: [.tcp("any", 90)]),
                .slice("all-1", of: "all", ["10.1.3.1"], ports: [.tcp("any", nil)]),
                .slice("lost-1", of: "lost", ["10.1.4.1"], ports: [.tcp("http", 80)]),
                .external("alias", "example.org"),
            ])
        let endpoints = [
            Endpoint(addresses: ["10.1.5.1"], hostname: "DB-0", zone: "Zone-A.1"),
            Endpoint(addresses: ["10.1.5.2"], ready: false), Endpoint(addresses: ["10.1.5.3"], ready: true, zone: "b"),
        ]
        cluster.index.upsert(.service("db", ports: [.tcp("sql", 5_432)]))
        cluster.index.upsert(
            .endpointSlice(
                EndpointSlice(
                    key: ObjectKey(namespace: "a", name: "db-1"), serviceName: "db", endpoints: endpoints,
                    ports: [.tcp("sql", 5_432)])))
        return cluster
    }()

    @Test(
        "are those of the port's name in every slice",
        arguments: [
            ("web", "http", "10.1.0.1:8080 10.1.0.2:8080 [fd00::1]:8080"),
            ("WEB", "HTTP", "10.1.0.1:8080 10.1.0.2:8080 [fd00::1]:8080"),
            ("web", "admin", "10.1.0.1:9000 10.1.0.2:9000 10.1.0.3:9001"), ("web", "nothing", "none"),
            ("web", 80, "10.1.0.1:8080 10.1.0.2:8080 [fd00::1]:8080"), ("web", 8_080, "none"),
            ("web", .first, "10.1.0.1:8080 10.1.0.2:8080 [fd00::1]:8080"),
            ("dns", 53, "10.1.1.1:5353 10.1.1.1:5354"), ("dns", "dns-tcp", "10.1.1.1:5354"),
            ("bare", .first, "10.1.2.1:0 10.1.2.2:7"), ("bare", 1_234, "10.1.2.1:1234 10.1.2.2:1234"),
            ("all", "any", "10.1.3.1:90"), ("all", .first, "10.1.3.1:90"),
            ("db", "sql", "10.1.5.1:5432/db-0/zone-a.1 10.1.5.3:5432/b"),
            ("alias", .first, "none"), ("lost", "http", "no service"), ("nothing", .first, "no service"),
            ("", .first, "no service"),
        ] as [(String, PortChoice, String)])
    func endpoints(service: String, port: PortChoice, expected: String) {
        #expect(Self.text(Self.cluster, service, port) == expected)
    }

    @Test("are not told of namespaces that are not answered")
    func hidden() {
        var cluster = Self.cluster
        cluster.index.delete(.namespace, ObjectKey(name: "a"))
        #expect(Self.text(cluster, "web", "http") == "no service")
    }

    @Test("belong to the service that a slice names, as long as it is known")
    func owners() {
        var index = Self.cluster.index
        let slice = ObjectKey(namespace: "A", name: "Web-1")
        #expect(index.service(ofSlice: slice) == ObjectKey(namespace: "a", name: "web"))
        index.upsert(.slice("web-1", of: "db", []))
        #expect(index.service(ofSlice: slice) == ObjectKey(namespace: "a", name: "db"))
        index.upsert(.slice("web-1", of: "", []))
        #expect(index.service(ofSlice: slice) == nil)
        index.delete(.endpointSlice, ObjectKey(namespace: "a", name: "web-1"))
        #expect(index.service(ofSlice: slice) == nil)
        #expect(index.service(ofSlice: ObjectKey(namespace: "nothing", name: "web-1")) == nil)
    }

    @Test("keep their zones only where they are wanted")
    func zones() {
        let cluster = Cluster(
            IndexOptions(),
            [
                .service("db"),
                .endpointSlice(
                    EndpointSlice(
                        key: ObjectKey(namespace: "a", name: "db-1"), serviceName: "db",
                        endpoints: [Endpoint(addresses: ["10.1.5.1"], zone: "b")])),
            ])
        #expect(Self.text(cluster, "db", .first) == "10.1.5.1:0")
    }
}
