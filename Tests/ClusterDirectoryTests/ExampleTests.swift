import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("The example programs")
struct ExampleTests {
    @Test("WatchEndpoints prints the endpoints as they change, and picks one of them")
    func watching() async throws {
        let scene = try Scene(Sample.shop)
        defer { scene.api.stop() }
        let program = try Program([scene.kubeconfig, "shop", "db", "http"], of: "WatchEndpoints")
        #expect(program.waitForOutput(containing: "2 ready: 10.128.0.1:8080 10.128.0.2:8080", within: .seconds(60)))
        scene.api.apply(Sample.slice(of: "db", ["10.128.0.7"]))
        #expect(program.waitForOutput(containing: "picked 10.128.0.7:8080", within: .seconds(60)))
        scene.api.delete(.services, Sample.key("db"))
        #expect(program.waitForOutput(containing: "there is no service shop/db", within: .seconds(60)))
        #expect(program.output[1].hasPrefix("picked 10.128.0."))
        #expect(program.output.count == 5)
    }

    @Test("WatchEndpoints says what it wants, and why it cannot start")
    func badStart() throws {
        let outcome = try Program(["in-cluster"], of: "WatchEndpoints").finish()
        #expect(outcome.code == 2)
        #expect(outcome.output == ["usage: WatchEndpoints in-cluster|KUBECONFIG NAMESPACE SERVICE PORT"])
        let lost = try Program(["nowhere", "shop", "db", "http"], of: "WatchEndpoints").finish()
        #expect(lost.code == 1)
        #expect(lost.output == ["kubeconfig nowhere does not exist"])
    }

    @Test("Directory looks names of manifests up")
    func lookingUp() throws {
        let manifest = """
            {apiVersion: v1, kind: Namespace, metadata: {name: prod}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: prod}
            spec: {clusterIPs: [10.96.0.7], ports: [{name: http, port: 80}]}
            """
        let words = ["cluster.yaml", "web.prod", "_http._tcp.web.prod", "10.96.0.7", "nothing.prod", "example.org."]
        let outcome = try Program(words, of: "Directory", files: ["cluster.yaml": manifest]).finish()
        #expect(outcome.code == 0)
        #expect(
            outcome.output == [
                "web.prod is web.prod.svc.cluster.local. 10.96.0.7, good for 5.0 seconds",
                "_http._tcp.web.prod is port 80 of web.prod.svc.cluster.local. 10.96.0.7",
                "10.96.0.7 is web.prod.svc.cluster.local.",
                "nothing.prod: there is no such name (NXDOMAIN)",
                "example.org.: the server failed with REFUSED: it is no name of the cluster, "
                    + "and there is no fallback to ask",
            ])
    }

    @Test("Directory looks names of a live cluster up")
    func live() throws {
        let scene = try Scene(Sample.shop)
        defer { scene.api.stop() }
        let outcome = try Program(["--kubeconfig", scene.kubeconfig, "web"], of: "Directory").finish()
        #expect(outcome.output == ["web is web.shop.svc.cluster.local. 10.96.0.1, good for 5.0 seconds"])
    }
}
