import ClusterIndex
import Instance
import KubernetesWatch
import TestSupport
import Testing

@Suite("a reload")
struct ReloadTests {
    @Test(
        "with the same options of the cluster keeps the feed, and no name is unknown for a moment",
        arguments: ["", "ttl 30", "fallthrough", "negative_ttl 1", "startup_timeout 1s"])
    func same(option: String) async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api)
        let load = QueryLoad(on: dns, Expectation(api))
        api.forgetRequests()
        for _ in 0..<5 { try dns.reload(api.corefile(option)) }
        #expect(load.stop() == [])
        #expect(api.requests.isEmpty)
        #expect(api.watchCount() == 3)
        #expect(try dns.readiness() == 200)
        api.apply(Sample.service("web", at: "10.96.0.9"))
        #expect(try await differences(dns, from: api).isEmpty)
        dns.stop()
        #expect(await eventually { api.connectionCount == 0 })
    }

    @Test(
        "with other options brings a new feed in sync while the old one answers",
        arguments: ["pods verified", "pods insecure", "namespaces shop", "endpoint_pod_names"])
    func other(option: String) async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop + [Sample.pod("web-1", at: "10.128.0.1")])
        let dns = try TestServer(watching: api)
        let load = QueryLoad(on: dns, Expectation(api))
        api.inject(.trickle(bytes: 500, every: .milliseconds(20)), into: .watches, times: nil)
        try dns.reload(api.corefile(option))
        api.heal()
        #expect(load.stop() == [])
        let wanted = option == "pods verified" ? 4 : 3
        #expect(await eventually { api.watchCount() == wanted })
        #expect(try dns.readiness() == 200)
        #expect(try dns.outcome("10-128-0-1.shop.pod.cluster.local. A").hasPrefix("10") == option.hasPrefix("pods"))
        // And back.
        try dns.reload(api.corefile())
        #expect(await eventually { api.watchCount() == 3 })
        #expect(try await differences(dns, from: api).isEmpty)
    }

    @Test("with other options while the API server is away keeps what is known, and says so")
    func away() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api)
        let load = QueryLoad(on: dns, Expectation(api))
        api.inject(.close, into: .all, times: nil)
        let failure = #expect(throws: Instance.Failure.self) {
            try dns.reload(api.corefile("pods verified\nstartup_timeout 500ms"))
        }
        #expect(failure?.isTemporary == true)
        #expect(failure?.description.contains("has not told everything within 500ms") == true)
        // What does not need the API server goes on.
        try dns.reload(api.corefile("ttl 30"))
        #expect(load.stop() == [])
        #expect(try dns.readiness() == 200)
        api.heal()
        try dns.reload(api.corefile("pods verified"))
        #expect(try dns.readiness() == 200)
    }

    @Test("of a Corefile with a mistake changes nothing")
    func wrong() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api)
        api.forgetRequests()
        #expect(throws: TestServer.Failure.self) { try dns.reload(api.corefile("pods verifed")) }
        #expect(try await differences(dns, from: api).isEmpty)
        #expect(api.requests.isEmpty)
        #expect(api.watchCount() == 3)
    }
}
