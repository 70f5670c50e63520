import ClusterIndex
import DNSMessage
import Testing

@Suite("Names longer than a DNS label")
struct LongNameTests {
    /// As long as a name of the Kubernetes API can be.
    private let long = String(repeating: "n", count: 253)

    /// A cluster with one ordinary service.
    private func index() -> ClusterIndex {
        var index = ClusterIndex()
        index.upsert(.namespace(Namespace(name: "default")))
        index.upsert(.service(Service(key: ObjectKey(namespace: "default", name: "web"), clusterIPs: ["10.96.0.5"])))
        return index
    }

    private func answers(_ index: ClusterIndex) throws -> [Record] {
        let zone = ClusterZone("cluster.local")
        return try index.lookup("web.default.svc.cluster.local", .a, in: zone).answer
            + index.lookup("6.0.96.10.in-addr.arpa", .ptr, in: zone).answer
    }

    @Test("do no harm as a slice's service, a service or a namespace, and can be deleted")
    func areHarmless() throws {
        var index = index()
        let before = try answers(index)
        #expect(before.count == 1)
        let endpoint = Endpoint(addresses: ["10.96.0.6"])
        let key = ObjectKey(namespace: "default", name: "slice")
        let objects: [ClusterObject] = [
            .endpointSlice(EndpointSlice(key: key, serviceName: long + long)),
            .endpointSlice(EndpointSlice(key: key, serviceName: long, endpoints: [endpoint])),
            .endpoints(
                Endpoints(key: ObjectKey(namespace: "default", name: long), subsets: [.init(ready: [endpoint])])),
            .service(Service(key: ObjectKey(namespace: "default", name: long), clusterIPs: ["10.96.0.6"])),
            .service(Service(key: ObjectKey(namespace: long, name: "web"), clusterIPs: ["10.96.0.6"])),
            .namespace(Namespace(name: long)),
        ]
        for object in objects {
            index.upsert(object)
            #expect(try answers(index) == before, "\(object)")
        }
        for object in objects { index.delete(object.kind, object.key) }
        #expect(try answers(index) == before)
    }
}
