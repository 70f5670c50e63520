import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("metrics of the watch")
struct MetricTests {
    private static let programming = "dns_programming_duration_seconds_count"
    private static let changed = "2026-01-01T00:00:00Z"

    @Test("the programming duration counts changes of endpoints that tell when they happened, and no others")
    func programming() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop + [Sample.slice(of: "web", ["10.128.5.1"], changed: MetricTests.changed)])
        let dns = try TestServer(watching: api)
        func count(_ kind: String) throws -> Double {
            try dns.metric(MetricTests.programming, #"service_kind="\#(kind)""#) ?? 0
        }
        // What was there before is nobody's change, and neither is what does not tell when it was.
        api.apply(Sample.slice(of: "db", ["10.128.0.3"]))
        #expect(try await differences(dns, from: api) == [])
        #expect(try count("headless_with_selector") == 0)
        #expect(try count("cluster_ip") == 0)
        api.apply(Sample.slice(of: "db", ["10.128.0.4"], changed: MetricTests.changed))
        #expect(try await eventually { try count("headless_with_selector") == 1 })
        api.apply(Sample.slice(of: "web", ["10.128.5.2"], changed: MetricTests.changed))
        #expect(try await eventually { try count("cluster_ip") == 1 })
        #expect(try count("headless_with_selector") == 1)
        // A relist tells nothing new.
        api.forceRelists()
        api.apply(Sample.service("late", at: "10.96.1.1"))
        #expect(try await eventually { try dns.metric("relists_total", #"resource="endpointslices""#) == 2 })
        #expect(try await differences(dns, from: api) == [])
        #expect(try count("cluster_ip") == 1)
    }

    @Test("requests are counted by code, method and host, and those that are no watches timed")
    func requests() async throws {
        var behaviour = APIServer.Behaviour()
        behaviour.streamingLists = .switchedOff
        let api = try APIServer(behaviour)
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api)
        #expect(api.waitForWatches(count: 3))
        let host = "127.0.0.1:\(api.port)"
        func requests(_ code: String) throws -> Double {
            let name = "coredns_kubernetes_rest_client_requests_total"
            let line = #"\#(name){code="\#(code)",method="GET",host="\#(host)"} "#
            let other = #"\#(name){code="\#(code)",host="\#(host)",method="GET"} "#
            return try dns.metricLines(name).first { $0.hasPrefix(line) || $0.hasPrefix(other) }
                .flatMap { $0.split(separator: " ").last.flatMap { Double($0) } } ?? 0
        }
        // Three lists and three watches; what the server does not know was asked by the first, or by all.
        #expect(try await eventually { try requests("200") == 6 })
        #expect(try requests("422") >= 1)
        let timed = "rest_client_request_duration_seconds_count"
        #expect(try dns.metric(timed, #"verb="GET""#, #"host="\#(host)""#) == 3)
        api.inject(.respond(.internalError), into: .requests(of: .services))
        api.strike(.end, .requests(of: .services))
        #expect(try await eventually { try requests("500") == 1 })
        api.goDown()
        #expect(try await eventually { try requests("<error>") >= 1 })
    }

    @Test("lists, restarts and failures are counted by resource")
    func resources() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api, "pods verified")
        func value(_ name: String, _ resource: WatchedResource) throws -> Double {
            try dns.metric(name, #"host="127.0.0.1:\#(api.port)""#, #"resource="\#(resource)""#) ?? -1
        }
        for resource in [WatchedResource.namespaces, .services, .endpointSlices, .pods] {
            #expect(try value("relists_total", resource) == 1)
            // What has not happened is not shown.
            #expect(try value("watch_restarts_total", resource) == -1)
            #expect(try value("decode_errors_total", resource) == -1)
            #expect(try value("resource_synced", resource) == 1)
            #expect(try value("resource_age_seconds", resource) >= 0)
        }
        #expect(try value("relists_total", .serviceImports) == -1)
        api.strike(.cut, .requests(of: .pods))
        #expect(try await eventually { try value("watch_restarts_total", .pods) == 1 })
        #expect(try dns.metric("watch_failures_total", #"resource="pods""#, #"reason="cut""#) == 1)
        #expect(try dns.metric("watch_failures_total", #"resource="services""#, #"reason="cut""#) == nil)
        #expect(try value("relists_total", .pods) == 1)
        // With the feed its gauges go.
        try dns.reload(api.corefile())
        #expect(try value("resource_age_seconds", .pods) == -1)
        #expect(try value("resource_age_seconds", .services) >= 0)
    }
}
