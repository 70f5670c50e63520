import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("a large cluster")
struct RelistTests {
    /// The benchmarks have 100,000; this test is right with as many, and slow.
    private static let endpoints = 10_000
    private static let relists = 2

    @Test("relists under query load give no wrong answer and lose none", arguments: [true, false])
    func relists(offersProtobuf: Bool) async throws {
        var behaviour = APIServer.Behaviour()
        behaviour.offersProtobuf = offersProtobuf
        let api = try APIServer(behaviour)
        defer { api.stop() }
        let cluster = GeneratedCluster(services: RelistTests.endpoints / 10, endpoints: RelistTests.endpoints)
        api.apply(cluster.objects + Sample.shop)
        let dns = try TestServer(watching: api)
        let expectation = Expectation(api)
        #expect(try expectation.differences(from: dns) == [])
        let load = QueryLoad(on: dns, expectation, threads: 3)
        for relist in 1...RelistTests.relists {
            let asked = load.asked
            api.forceRelists()
            // Lists begin with what was there; the next event comes when all of that has been told.
            api.apply(Sample.slice(of: "late\(relist)", ["10.129.0.\(relist)"]))
            api.apply(Sample.headless("late\(relist)"))
            #expect(
                try await eventually {
                    try dns.outcome("late\(relist).shop.svc.cluster.local. A") == "10.129.0.\(relist)"
                })
            for resource in ["namespaces", "services", "endpointslices"] {
                let lists = Double(relist + 1)
                #expect(
                    try await eventually { try dns.metric("relists_total", #"resource="\#(resource)""#) == lists })
            }
            #expect(await eventually { load.asked > asked })
        }
        #expect(load.stop() == [])
        #expect(try await differences(dns, from: api) == [])
    }
}
