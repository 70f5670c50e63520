import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("what is asked of the API server")
struct WantedTests {
    private static let all = ["namespaces", "services", "endpointslices"]
    private static let live = "status.phase!=Succeeded,status.phase!=Failed,status.phase!=Unknown"

    @Test(
        "only what the configuration needs is watched, and selectors go to the server",
        arguments: [
            ("", all),
            ("pods insecure", all),
            ("pods verified", all + ["pods fields=\(live)"]),
            ("noendpoints", ["namespaces", "services"]),
            ("multicluster cluster.local", all + ["serviceimports"]),
            (
                "namespaces shop",
                [
                    "namespaces fields=metadata.name=shop", "services fields=metadata.namespace=shop",
                    "endpointslices fields=metadata.namespace=shop",
                ]
            ),
            ("namespaces shop back", all),
            (
                "namespaces shop\npods verified\nnoendpoints\nmulticluster cluster.local",
                [
                    "namespaces fields=metadata.name=shop", "services fields=metadata.namespace=shop",
                    "pods fields=metadata.namespace=shop,\(live)", "serviceimports fields=metadata.namespace=shop",
                ]
            ),
            (
                "labels app=web,tier!=old",
                ["namespaces", "services labels=app=web,tier!=old", "endpointslices labels=app=web,tier!=old"]
            ),
            (
                "labels app in (a,b)\npods verified",
                ["namespaces"] + ["services", "endpointslices"].map { "\($0) labels=app in (a,b)" }
                    + ["pods labels=app in (a,b) fields=\(live)"]
            ),
            (
                "namespace_labels team=web",
                ["namespaces labels=team=web", "services", "endpointslices"]
            ),
        ])
    func watches(options: String, wanted: [String]) throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api, options)
        #expect(try dns.readiness() == 200)
        let asked = Set(api.requests.map(WantedTests.text))
        #expect(asked == Set(wanted))
        #expect(api.requests.count == wanted.count)
        #expect(api.watchCount() == wanted.count)
        #expect(api.requests.allSatisfy { $0.userAgent == "clusterdns/test (linux)" })
    }

    private static func text(_ request: APIRequest) -> String {
        let parts = [("labels", "labelSelector"), ("fields", "fieldSelector")]
            .compactMap { name, parameter in request.parameters[parameter].map { " \(name)=\($0)" } }
        return (request.resource?.rawValue ?? request.path) + parts.joined()
    }

    @Test("what the server leaves out is not answered", arguments: ["labels app=web", "namespace_labels team=web"])
    func selects(options: String) async throws {
        let api = try APIServer()
        defer { api.stop() }
        let labelled = ["app": "web"]
        api.apply([
            Sample.namespace("shop", labels: ["team": "web"]), Sample.namespace("back"),
            Sample.service("web", at: "10.96.0.1", labels: labelled),
            Sample.service("other", at: "10.96.0.2"), Sample.service("web", in: "back", at: "10.96.0.3"),
        ])
        let dns = try TestServer(watching: api, options)
        #expect(try dns.outcome("web.shop.svc.cluster.local. A") == "10.96.0.1")
        #expect(try dns.outcome("web.back.svc.cluster.local. A") == "NXDOMAIN")
        // What gets the label comes, and what loses it goes.
        api.apply(Sample.namespace("back", labels: ["team": "web"]))
        api.apply(Sample.service("web", in: "back", at: "10.96.0.3", labels: labelled))
        api.apply(Sample.namespace("shop"))
        api.apply(Sample.service("web", at: "10.96.0.1"))
        #expect(try await eventually { try dns.outcome("web.back.svc.cluster.local. A") == "10.96.0.3" })
        #expect(try await eventually { try dns.outcome("web.shop.svc.cluster.local. A") == "NXDOMAIN" })
    }

    @Test("server blocks that want the same share one feed")
    func shares() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let second = """
            }
            other.local:{$PORT} {
                kubernetes other.local {
                    endpoint \(api.url)
                    ttl 30
                    pods insecure
                }
            }
            third.local:{$PORT} {
                kubernetes third.local {
                    endpoint \(api.url)
                }
            """
        let dns = try TestServer(watching: api, behind: second)
        #expect(try dns.outcome("web.shop.svc.third.local. A") == "10.96.0.1")
        #expect(try dns.outcome("web.shop.svc.other.local. A") == "10.96.0.1")
        // Watches that have become old are made anew.
        #expect(api.requests.count == 6)
        api.apply(Sample.service("web", at: "10.96.0.9"))
        for zone in ["cluster.local", "other.local", "third.local"] {
            #expect(try await eventually { try dns.outcome("web.shop.svc.\(zone). A") == "10.96.0.9" })
        }
        // Names of pods are another index, and so another feed.
        #expect(api.watchCount(.requests(of: .services)) == 2)
        dns.stop()
        #expect(await eventually { api.connectionCount == 0 })
    }
}
