import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("The made-up cluster")
struct GeneratedClusterTests {
    /// What `Tests/Benchmarks/cluster.py` makes of 30 services and 400 endpoints, digested.
    @Test("is that of the benchmarks")
    func matchesPython() {
        let lines = Self.lines(GeneratedCluster(services: 30, endpoints: 400))
        #expect(lines.count == 430)
        #expect(
            Array(lines.prefix(4)) == [
                "service team-000/address-alert-00000 10.96.1.0  https:443",
                "service team-000/trace-survey-00001 10.96.1.1  db:5432",
                "service team-000/blog-survey-00002 None  :5432",
                "service team-000/stock-rating-00003 10.96.1.3  grpc:9000",
            ])
        #expect(Self.digest(lines.joined(separator: "\n")) == 0x2E8A_6E85_ABF8_A411)
    }

    /// A line for each service, slice and endpoint.
    private static func lines(_ cluster: GeneratedCluster) -> [String] {
        cluster.objects.flatMap { object -> [String] in
            switch object {
            case .service(let service):
                let ports = service.ports.map { "\($0.name):\($0.number ?? 0)" }.joined(separator: ",")
                let addresses = service.clusterIPs.joined(separator: ",")
                return ["service \(service.key) \(addresses) \(service.externalName) \(ports)"]
            case .endpointSlice(let slice):
                return slice.endpoints.map { endpoint in
                    "endpoint \(slice.key) \(endpoint.addresses[0]) \(endpoint.ready == true) \(endpoint.hostname) "
                        + "\(endpoint.targetName) \(endpoint.zone)"
                }
            default: return []
            }
        }
    }

    /// FNV-1a.
    private static func digest(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    @Test(
        "has as many services, slices, endpoints and pods as asked for",
        arguments: [
            GeneratedCluster.Shape.usual, .wide,
        ])
    func counts(shape: GeneratedCluster.Shape) {
        let cluster = GeneratedCluster(services: 300, endpoints: 3_000, shape: shape)
        let slices = cluster.services.flatMap { cluster.slices($0) }
        #expect(cluster.objects.count { $0.kind == .service } == 300)
        #expect(slices.reduce(0) { $0 + $1.endpoints.count } == 3_000)
        #expect(slices.allSatisfy { (1...100).contains($0.endpoints.count) })
        if shape == .wide { #expect(slices.count == 30) }
        #expect(Set(cluster.objects.map { "\($0.kind) \($0.key)" }).count == cluster.objects.count)
        #expect(cluster.pods(50).count == 50)
        #expect(Set(cluster.pods(50).map(\.key)).count == 50)
    }

    @Test("moves endpoints to addresses of their own, and back")
    func churn() throws {
        let server = try APIServer()
        let cluster = GeneratedCluster(services: 20, endpoints: 200)
        server.apply(cluster.objects)
        let before = server.objects(.endpointSlices)
        var churn = EndpointChurn(cluster)
        let first = churn.move(server)
        #expect(first.address == "10.224.1.1")
        #expect(first.name.hasPrefix("10-224-1-1.") && first.name.hasSuffix(".svc.cluster.local"))
        #expect(first.change.version == server.version)
        #expect(server.objects(.endpointSlices) != before)
        let moved = churn.move(first.slice.description, server)
        let back = try #require(moved)
        #expect(back.address.hasPrefix("10.128."))
        #expect(server.objects(.endpointSlices) == before)
        let missed = churn.move("nope", server)
        #expect(missed == nil)
    }
}
