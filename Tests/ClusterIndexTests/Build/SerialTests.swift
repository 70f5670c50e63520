import ClusterIndex
import Testing

@Suite("What a change means")
struct SerialTests {
    static let port = ServicePort(name: "p", number: 80)
    static let start: [ClusterObject] = [
        .service("web", ["10.0.0.1"], ports: [port]), .external("ext", "a.example"),
        .slice("s", of: "web", ["10.1.0.1"], ports: [port]),
        .serviceImport(ServiceImport(key: ObjectKey(namespace: "a", name: "imported"), ips: ["10.0.0.9"])),
    ]

    @Test(
        "moves the serial when names come or go, or ports, external names and ready endpoints change",
        arguments: [
            (ClusterObject.service("web", ["10.0.0.1"], ports: [port]), false),
            (.service("web", ["10.0.0.2"], ports: [port]), false), (.service("web", ["10.0.0.1"]), true),
            (.service("new", ["10.0.0.3"]), true), (.external("ext", "b.example"), true),
            (.external("ext", "a.example"), false),
            (.slice("s", of: "web", ["10.1.0.1"], ports: [port]), false),
            (.slice("s", of: "web", ["10.1.0.2"], ports: [port]), true),
            (.slice("s", of: "web", ["10.1.0.1"], hosts: ["h"], ports: [port]), true),
            (.slice("s", of: "web", ["10.1.0.1"]), true),
            (.slice("t", of: "", []), true), (.namespace(Namespace(name: "new")), false),
            (.pod(Pod(key: ObjectKey(namespace: "a", name: "p"), ip: "10.1.0.1")), true),
        ])
    func upserts(object: ClusterObject, moves: Bool) {
        var cluster = Cluster(IndexOptions(pods: .verified), Self.start)
        #expect(cluster.index.upsert(object).movesSerial == moves)
        #expect(!cluster.index.upsert(object).movesSerial)
    }

    @Test("moves the serial when an object goes that was there", arguments: [("web", true), ("nope", false)])
    func deletions(name: String, moves: Bool) {
        var cluster = Cluster(IndexOptions(), Self.start)
        #expect(cluster.index.delete(.service, ObjectKey(namespace: "a", name: name)).movesSerial == moves)
    }

    @Test("an endpoint that is not ready any more moves it, one that was not ready does not")
    func readiness() {
        var cluster = Cluster(IndexOptions(), Self.start)
        var slice = EndpointSlice(key: ObjectKey(namespace: "a", name: "s"), serviceName: "web", ports: [Self.port])
        slice.endpoints = [Endpoint(addresses: ["10.1.0.1"]), Endpoint(addresses: ["10.1.0.2"], ready: false)]
        #expect(!cluster.index.upsert(.endpointSlice(slice)).movesSerial)
        slice.endpoints[0].ready = false
        #expect(cluster.index.upsert(.endpointSlice(slice)).movesSerial)
    }

    @Test("of the cluster set moves its own serial")
    func clusterSet() {
        var cluster = Cluster(IndexOptions(), Self.start)
        let key = ObjectKey(namespace: "a", name: "imported")
        #expect(
            cluster.index.upsert(.serviceImport(ServiceImport(key: key, ips: [], ports: [Self.port])))
                == change(false, true))
        #expect(cluster.index.delete(.serviceImport, key) == change(true, true))
    }

    private func change(_ cluster: Bool, _ clusterSet: Bool) -> IndexChange {
        var change = IndexChange.none
        change.movesSerial = cluster
        change.movesClusterSetSerial = clusterSet
        return change
    }

    @Test("tells which kind of service a slice was entered for, if the service is known")
    func programmed() {
        var cluster = Cluster(IndexOptions(), Self.start + [.service("hl")])
        #expect(cluster.index.upsert(.slice("s", of: "web", ["10.1.0.7"])).programmed == .clusterIP)
        #expect(cluster.index.upsert(.slice("s", of: "web", ["10.1.0.7"])).programmed == nil)
        #expect(cluster.index.upsert(.slice("t", of: "hl", ["10.1.0.7"])).programmed == .headlessWithSelector)
        #expect(cluster.index.upsert(.slice("u", of: "nobody", ["10.1.0.7"])).programmed == nil)
        #expect(cluster.index.upsert(.slice("v", of: "ext", ["10.1.0.7"])).programmed == nil)
    }

    @Test("the serials stand in the SOA records of their zones")
    func serials() {
        var cluster = Cluster()
        cluster.index.serial = 17
        cluster.index.clusterSetSerial = 18
        #expect(cluster.ask("cluster.local SOA") == "SOA ns.dns.cluster.local. 17")
        #expect(cluster.ask("in-addr.arpa SOA") == "SOA ns.dns.in-addr.arpa. 17")
        #expect(cluster.ask("set.local SOA") == "SOA ns.dns.set.local. 18")
    }
}
