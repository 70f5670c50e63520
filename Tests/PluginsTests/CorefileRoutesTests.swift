import ClusterIndex
import Corefile
import DNSMessage
import Explanation
import PluginKit
import TestSupport
import Testing

@testable import Plugins

@Suite("Routes of a Corefile")
struct CorefileRoutesTests {
    private func routes(_ text: String) -> [ServerRoute] {
        CorefileRoutes.routes(of: Corefile.parse(text: text, file: "Corefile").corefile, host: TestServer.host)
    }

    @Test("have kubernetes and forward with their places, in the order of execution and not of the text")
    func order() throws {
        let route = try #require(
            routes(
                """
                . {
                    forward . 192.0.2.1
                    kubernetes cluster.local
                    log
                    hosts
                    template IN AAAA example.org
                    cache
                    rewrite name a b
                    acl
                    whoami
                }
                """
            ).first)
        #expect(route.steps.map(\.plugin) == ["kubernetes", "forward"])
        #expect(route.steps.map(\.place) == ["Corefile:3", "Corefile:2"])
        #expect(route.place == "the server block . in line 1")
        #expect(route.port == 53)
        #expect(route.block == 0)
    }

    @Test("know the options of kubernetes, although nobody connects")
    func cluster() throws {
        let text = """
            . {
                kubernetes cluster.local 10.0.0.0/8 cluster.set {
                    kubeconfig /nowhere
                    pods verified
                    namespaces a b
                    ttl 7
                    multicluster cluster.set
                    fallthrough 10.0.0.0/8
                }
            }
            """
        guard case .cluster(let step) = try #require(routes(text).first?.steps.first?.action) else {
            Issue.record("no cluster")
            return
        }
        #expect(step.zones == ["cluster.local", "10.in-addr.arpa", "cluster.set"])
        #expect(step.clusterSetZones == ["cluster.set"])
        #expect(step.options.pods == .verified)
        #expect(step.options.namespaces == .named(["a", "b"]))
        #expect(step.ttl == 7)
        #expect(step.passedOn == ["10.in-addr.arpa"])
    }

    @Test("are one for each port, and pass over what is not plain DNS")
    func ports() {
        let found = routes("a.example:53 b.example:54 c.example:54 tls://d.example {\n whoami\n}")
        #expect(found.map(\.port) == [53, 54])
        #expect(found.map(\.zones) == [["a.example"], ["b.example", "c.example"]])
    }

    @Test(
        "know the addresses behind a word of forward",
        arguments: [("192.0.2.1", 1), ("dns://192.0.2.1:54", 1), ("tls://192.0.2.1", 0), ("/nowhere", 0), ("a%%", 0)])
    func addresses(word: String, count: Int) { #expect(CorefileRoutes.addresses(of: word).count == count) }

    @Test("know the manifests of kubernetes")
    func manifests() {
        let text = ". {\n kubernetes a {\n manifests x.yaml y\n }\n}\n"
        #expect(CorefileRoutes.manifests(of: Corefile.parse(text: text, file: "C").corefile) == ["x.yaml", "y"])
    }
}
