import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("while the API server is away")
struct OutageTests {
    /// A service, two endpoints and a namespace stay; the rest is changed by `changes`.
    private static let before =
        Sample.shop + [
            Sample.service("moved", at: "10.96.0.2"), Sample.service("deleted", at: "10.96.0.3"),
            Sample.service("replaced", at: "10.96.0.4"), Sample.headless("scaled"),
            Sample.slice(of: "scaled", ["10.128.1.1", "10.128.1.2"]), Sample.namespace("doomed"),
            Sample.service("web", in: "doomed", at: "10.96.1.1"), Sample.headless("db", in: "doomed"),
            Sample.slice(of: "db", in: "doomed", ["10.128.2.1"]), Sample.namespace("renewed"),
            Sample.service("web", in: "renewed", at: "10.96.2.1"),
        ]

    private static func change(_ api: APIServer) {
        api.apply(Sample.service("moved", at: "10.96.9.2"))
        api.delete(.services, Sample.key("deleted"))
        api.delete(.services, Sample.key("replaced"))
        api.apply(Sample.headless("replaced"))
        api.apply(Sample.slice(of: "replaced", ["10.128.9.4"]))
        api.apply(Sample.slice(of: "scaled", ["10.128.1.2", "10.128.9.3"]))
        for (resource, name) in [(.services, "web"), (.services, "db"), (.endpointSlices, "db-1")]
            as [(WatchedResource, String)]
        {
            api.delete(resource, Sample.key(name, in: "doomed"))
        }
        api.delete(.namespaces, ObjectKey(name: "doomed"))
        api.delete(.namespaces, ObjectKey(name: "renewed"))
        api.apply(Sample.namespace("renewed", labels: ["again": "yes"]))
        api.apply([Sample.namespace("new"), Sample.service("web", in: "new", at: "10.96.3.1")])
    }

    @Test(
        "everything known is answered throughout, and afterwards exactly what there is then",
        arguments: [
            (APIServer.Departure.killed, false), (.reset, false), (.terminated(drain: .milliseconds(300)), false),
            (.killed, true),
        ])
    func outage(departure: APIServer.Departure, keepsHistory: Bool) async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(OutageTests.before)
        let dns = try TestServer(watching: api)
        let journal = Journal(dns)
        #expect(try await differences(dns, from: api).isEmpty)
        let before = Expectation(api)
        let kept = QueryLoad(on: dns, Expectation(Sample.shop))

        api.goDown(departure)
        OutageTests.change(api)
        let after = Expectation(api)
        #expect(try await OutageTests.isAging(dns, beyond: 1.5))
        #expect(try before.differences(from: dns) == [])
        #expect(try dns.readiness() == 200)
        #expect(!journal.lines(with: "[WARNING]", "cannot watch", "answering what was known", "ago").isEmpty)
        #expect(try await eventually { try dns.metric("watch_failures_total", "unreachable") ?? 0 > 0 })

        try api.comeBack(keepingHistory: keepsHistory)
        #expect(try await differences(dns, from: api, gone: after.without(before)) == [])
        #expect(try await OutageTests.isFresh(dns, api))
        #expect(try dns.readiness() == 200)
        #expect(await eventually { !journal.lines(with: "[INFO]", "watching again after", "failed attempt").isEmpty })
        #expect(kept.stop() == [])
    }

    private static let resources = ["namespaces", "services", "endpointslices"]

    private static func ages(_ dns: TestServer) throws -> [Double] {
        try resources.compactMap { try dns.metric("resource_age_seconds", #"resource="\#($0)""#) }
    }

    private static func isAging(_ dns: TestServer, beyond seconds: Double) async throws -> Bool {
        try await eventually { try ages(dns).count { $0 > seconds } == resources.count }
    }

    private static func isFresh(_ dns: TestServer, _ api: APIServer) async throws -> Bool {
        try await eventually {
            api.sendBookmarks()
            return try ages(dns).count { $0 < 1 } == resources.count
        }
    }

    @Test("an API server that comes and goes leaves the age growing until it is heard again")
    func ages() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api)
        api.strike(.hang)
        #expect(try await OutageTests.isAging(dns, beyond: 0.5))
        api.heal()
        #expect(try await OutageTests.isFresh(dns, api))
    }
}
