import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("before the first sync")
struct StartTests {
    /// A name that only the plugin behind `kubernetes` has.
    private static let behind = """
        fixture {
            record elsewhere.shop.svc.cluster.local. 60 IN A 192.0.2.9
        }
        """

    @Test(
        "every name is SERVFAIL with Not Ready, nothing falls through, and the apex answers",
        arguments: [
            "web.shop.svc.cluster.local. A", "nothing.shop.svc.cluster.local. AAAA",
            "elsewhere.shop.svc.cluster.local. A", "1-2-3-4.shop.pod.cluster.local. A",
            "_http._tcp.web.shop.svc.cluster.local. SRV", "shop.svc.cluster.local. A",
            "1.0.96.10.in-addr.arpa. PTR", "1.0.0.0.f.ip6.arpa. PTR",
        ])
    func unsynced(query: String) async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        api.inject(.silence, times: nil)
        let dns = try TestServer(
            watching: api, "pods insecure\nfallthrough\nstartup_timeout 0s", behind: StartTests.behind)
        let journal = Journal(dns)
        #expect(journal.lines(with: "[WARNING]", "starting server with unsynced Kubernetes API").count == 1)
        let reply = try dns.ask(QueryText("\(query) +edns"))
        #expect(reply.header == "SERVFAIL qr,rd")
        #expect(reply.edns == #"size=1232 ede=14:"the objects of the cluster have not arrived yet""#)
        #expect(reply.authority.isEmpty)
        for apex in ["cluster.local. SOA", "cluster.local. NS", "dns-version.cluster.local. TXT"] {
            #expect(try dns.ask(QueryText(apex)).header == "NOERROR qr,aa,rd", "\(apex)")
        }
        #expect(try dns.readiness() == 503)
        api.heal()
        #expect(try await eventually { try dns.readiness() == 200 })
        #expect(try await differences(dns, from: api).isEmpty)
        #expect(try dns.outcome("elsewhere.shop.svc.cluster.local. A") == "192.0.2.9")
        #expect(journal.lines(with: "[INFO]", "in sync with \(api.url) after ").count == 1)
    }

    @Test(
        "starts whatever the API server does, and is in sync as soon as that is well",
        arguments: [
            Fault.silence, .close, .reset, .stream(.hang, .afterHead), .stream(.hang, .afterEvents(1)),
            .stream(.hang, .afterBytes(100)), .respond(.internalError), .respond(.loginPage),
            .respond(.tooManyRequests(retryAfterSeconds: 1)), .stream(.garbage, .afterHead),
            .trickle(bytes: 1, every: .milliseconds(100)),
        ])
    func ailing(fault: Fault) async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        api.inject(fault, times: nil)
        let dns = try TestServer(watching: api, "startup_timeout 50ms")
        #expect(try dns.readiness() == 503)
        #expect(try dns.outcome("nothing.shop.svc.cluster.local. A") == "SERVFAIL")
        api.heal()
        #expect(try await eventually { try dns.readiness() == 200 })
        #expect(try await differences(dns, from: api).isEmpty)
        #expect(try dns.outcome("nothing.shop.svc.cluster.local. A") == "NXDOMAIN")
    }

    @Test("starts without an API server, and is in sync once there is one")
    func alone() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        api.goDown()
        let dns = try TestServer(watching: api, "startup_timeout 50ms")
        let journal = Journal(dns)
        #expect(try dns.readiness() == 503)
        #expect(try dns.outcome("web.shop.svc.cluster.local. A") == "SERVFAIL")
        #expect(await eventually { !journal.lines(with: "cannot watch services: connection to", "refused").isEmpty })
        try api.comeBack()
        #expect(try await eventually { try dns.readiness() == 200 })
        #expect(try await differences(dns, from: api).isEmpty)
    }

    @Test("waits for the first objects, and says for which")
    func waits() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        api.inject(.silence, into: .requests(of: .endpointSlices), times: nil)
        let dns = try TestServer(watching: api, "startup_timeout 2s")
        let journal = Journal(dns)
        #expect(
            !journal.lines(
                with: "waiting for Kubernetes API before starting server; not here yet: endpointslices"
            ).isEmpty)
        // What is known already is answered.
        #expect(try await eventually { try dns.outcome("web.shop.svc.cluster.local. A") == "10.96.0.1" })
        #expect(try dns.outcome("db.shop.svc.cluster.local. A") == "SERVFAIL")
        api.heal()
        #expect(try await differences(dns, from: api).isEmpty)
    }
}
