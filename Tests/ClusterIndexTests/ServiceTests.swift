import ClusterIndex
import DNSMessage
import Testing

@Suite("Services with cluster IPs")
struct ServiceTests {
    @Test("answers the cluster IP of a service")
    func clusterIP() throws {
        var index = ClusterIndex()
        index.upsert(.namespace(Namespace(name: "default")))
        index.upsert(.service(Service(key: ObjectKey(namespace: "default", name: "web"), clusterIPs: ["10.96.0.5"])))
        let zone = ClusterZone("cluster.local")
        let answer = try index.lookup("web.default.svc.cluster.local", .a, in: zone)
        #expect(answer.responseCode == .noError)
        #expect(answer.answer == [Record("web.default.svc.cluster.local", ttl: 5, .a(IPAddress(v4: 0x0A60_0005)))])
        #expect(try index.lookup("web.default.svc.cluster.local", .aaaa, in: zone).authority.count == 1)
        #expect(try index.lookup("nope.default.svc.cluster.local", .a, in: zone).reason == .noSuchService)
    }
}
