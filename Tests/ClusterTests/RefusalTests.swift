import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("what the API server refuses")
struct RefusalTests {
    private static func forbid(_ resource: WatchedResource, by api: APIServer) {
        api.configure { $0.forbidden = [.init(.watch, resource), .init(.list, resource)] }
    }

    private static let cases: [(WatchedResource, String)] = [
        (.namespaces, #"namespaces in API group """#), (.services, #"services in API group """#),
        (.endpointSlices, #"endpointslices in API group "discovery.k8s.io""#),
        (.serviceImports, #"serviceimports in API group "multicluster.x-k8s.io""#),
        (.pods, #"pods in API group """#),
    ]

    @Test("a permission that the role lacks is named, and is soon noticed when the role has it", arguments: cases)
    func forbidden(resource: WatchedResource, words: String) async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        RefusalTests.forbid(resource, by: api)
        let multicluster = resource == .serviceImports ? "multicluster cluster.set" : ""
        let dns = try TestServer(
            """
            .:{$PORT} {
                ready 127.0.0.1:{$PORT1}
                kubernetes cluster.local cluster.set in-addr.arpa {
                    endpoint \(api.url)
                    pods verified
                    \(multicluster)
                    startup_timeout 50ms
                }
            }
            """)
        let journal = Journal(dns)
        let sentence = "the role of system:admin may not watch \(words) at the cluster scope"
        #expect(
            await eventually {
                !journal.lines(
                    with: "[ERROR] plugin/kubernetes: cannot watch \(resource): \(sentence)",
                    "it needs the verbs list and watch"
                ).isEmpty
            })
        #expect(try dns.readiness() == 503)
        // What the others bring is answered.
        if resource != .services, resource != .namespaces {
            #expect(try await eventually { try dns.outcome("web.shop.svc.cluster.local. A") == "10.96.0.1" })
        }
        if resource != .services {
            #expect(
                try await eventually {
                    try dns.outcome("1.0.96.10.in-addr.arpa. PTR") == "web.shop.svc.cluster.local."
                })
        }
        #expect(try dns.outcome("nothing.shop.svc.cluster.local. A") == "SERVFAIL")
        api.configure { $0.forbidden = [] }
        #expect(try await eventually { try dns.readiness() == 200 })
        #expect(try await differences(dns, from: api) == [])
    }

    @Test("a permission that is taken away later leaves what is known, until it is given back")
    func takenAway() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api)
        let journal = Journal(dns)
        let load = QueryLoad(on: dns, Expectation(api))
        RefusalTests.forbid(.services, by: api)
        api.strike(.end)
        #expect(
            await eventually {
                !journal.lines(with: "[ERROR]", "may not watch services", "answering what was known").isEmpty
            })
        api.delete(.endpointSlices, Sample.key("other-1"))
        api.apply(Sample.headless("late"))
        api.apply(Sample.slice(of: "late", ["10.128.3.1"]))
        #expect(try dns.outcome("late.shop.svc.cluster.local. A") == "NXDOMAIN")
        #expect(try dns.metric("watch_failures_total", #"resource="services""#, #"reason="forbidden""#) ?? 0 > 0)
        api.configure { $0.forbidden = [] }
        #expect(try await differences(dns, from: api) == [])
        #expect(load.stop() == [])
    }

    @Test(
        "a resource that there is not is told with what would help",
        arguments: [
            (WatchedResource.endpointSlices, "Kubernetes 1.21 or newer is needed", 503),
            // A cluster without ServiceImports has none of them.
            (.serviceImports, "the custom resource definition of ServiceImport is not installed", 200),
        ])
    func missing(resource: WatchedResource, remedy: String, readiness: Int) async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        api.configure { $0.resources.remove(resource) }
        let dns = try TestServer(
            """
            .:{$PORT} {
                ready 127.0.0.1:{$PORT1}
                kubernetes cluster.local cluster.set in-addr.arpa {
                    endpoint \(api.url)
                    multicluster cluster.set
                    startup_timeout 50ms
                }
            }
            """)
        let journal = Journal(dns)
        let sentence = "the API server has no \(resource) (\(resource.group)/\(resource.apiVersion)); \(remedy)"
        #expect(
            await eventually {
                !journal.lines(with: "[ERROR] plugin/kubernetes: cannot watch \(resource): \(sentence)").isEmpty
            })
        #expect(try await eventually { try dns.readiness() == readiness })
        #expect(try await eventually { try dns.outcome("web.shop.svc.cluster.local. A") == "10.96.0.1" })
        api.configure { $0.resources.insert(resource) }
        #expect(try await eventually { try dns.readiness() == 200 })
        #expect(try await differences(dns, from: api) == [])
    }
}
