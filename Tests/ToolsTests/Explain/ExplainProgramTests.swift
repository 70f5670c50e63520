import ClusterIndex
import DNSMessage
import KubernetesWatch
import TestSupport
import Testing

@Suite("clusterdns explain")
struct ExplainProgramTests {
    private func run(_ arguments: [String], files: [String: String] = [:]) throws -> Program.Outcome {
        try Program(["explain"] + arguments, files: files).finish()
    }

    private static let manifest = """
        apiVersion: v1
        kind: Namespace
        metadata: {name: default}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: web, namespace: shop}
        spec: {clusterIPs: ["10.96.0.7"], ports: [{port: 80}], selector: {app: web}}
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: web-1, namespace: shop, labels: {kubernetes.io/service-name: web}}
        addressType: IPv4
        endpoints: [{addresses: ["10.244.0.7"]}]
        """

    // MARK: Manifests and the command line

    @Test(
        "tells by its exit code whether the name resolves",
        arguments: [
            (["web.shop"], 0, "web.shop resolves to 10.96.0.7, the Service web in the namespace shop."),
            (
                ["wbe.shop.svc.cluster.local."], 1,
                "wbe.shop.svc.cluster.local. does not resolve: there is no Service wbe in the namespace shop."
            ),
            (
                ["www.example.com.", "--no-upstream"], 3,
                "Whether www.example.com. resolves could not be found out: www.example.com is forwarded, and whether"
            ),
        ])
    func exitCodes(arguments: [String], code: Int32, first: String) throws {
        let outcome = try run(
            arguments + ["--manifests", "cluster.yaml"], files: ["cluster.yaml": Self.manifest])
        #expect(outcome.code == code)
        #expect(outcome.output.first == first)
        #expect(outcome.errors.isEmpty)
    }

    @Test(
        "refuses a command line that cannot be meant",
        arguments: [
            ([], "name"), (["web", "--manifests", "a", "--server", "b"], "Only one of --manifests, --server"),
            (["web", "--pod", "a/b", "--namespace", "c"], "Only one of --pod and --namespace"),
            (["web", "--pod", "web-1"], "A pod is named with its namespace"),
            (["web", "--type", "FOO"], "no type 'FOO'"), (["web", "--client", "me"], "'me' is no address"),
            (["web", "--timeout", "0"], "--timeout is 1 to 600"),
            (["web", "--dns", "1.2.3.4"], "--dns goes with --server"),
        ])
    func usage(arguments: [String], words: String) throws {
        let outcome = try run(arguments)
        #expect(outcome.code == 2)
        #expect(outcome.errors.joined(separator: "\n").contains(words), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    @Test(
        "says why it cannot find out",
        arguments: [
            (["web", "--manifests", "gone.yaml"], "there are no objects in gone.yaml"),
            (["web", "--manifests", "cluster.yaml", "--conf", "gone"], "cannot read gone: no such file"),
            (["web", "--manifests", "cluster.yaml", "--conf", "plain"], "plain has no kubernetes block"),
            (
                ["web", "--manifests", "cluster.yaml", "--pod", "shop/web-1"],
                "there is no Pod shop/web-1 in the manifests"
            ),
            (["web", "--kubeconfig", "gone"], "gone"),
            (["web", "--server", "127.0.0.1:1"], "127.0.0.1:1 refused"),
        ])
    func failures(arguments: [String], words: String) throws {
        let outcome = try run(
            arguments, files: ["cluster.yaml": Self.manifest, "plain": ". {\n forward . 127.0.0.1\n}\n"])
        #expect(outcome.code == 3)
        #expect(outcome.errors.joined(separator: "\n").contains(words), "\(outcome.errors)")
    }

    @Test("takes the objects from the manifests of a Corefile, and its domain")
    func corefile() throws {
        let corefile = ". {\n kubernetes corp.local {\n manifests cluster.yaml\n }\n}\n"
        let outcome = try run(
            ["web.shop", "--conf", "Corefile"], files: ["cluster.yaml": Self.manifest, "Corefile": corefile])
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("2. web.shop.svc.corp.local."))
        #expect(outcome.output.contains("            Corefile: Corefile"))
    }

    @Test("asks the servers that the Corefile forwards to, and tells their answers and how long they took")
    func upstream() throws {
        let upstream = try TestServer(". {\n bind 127.0.0.1\n hosts {\n 192.0.2.80 www.example.com\n }\n}")
        let corefile = """
            . {
                kubernetes cluster.local {
                    manifests cluster.yaml
                }
                forward . 127.0.0.1:\(upstream.port)
            }
            """
        let outcome = try run(
            ["www.example.com.", "--type", "A", "--conf", "Corefile"],
            files: ["cluster.yaml": Self.manifest, "Corefile": corefile])
        #expect(outcome.code == 0)
        #expect(outcome.output.first == "www.example.com. resolves to 192.0.2.80.")
        #expect(
            outcome.output.contains { $0.contains("127.0.0.1:\(upstream.port): NOERROR after ") }, "\(outcome.output)")
    }

    // MARK: A running server

    private static func served(_ extra: String = "") -> String {
        """
        . {
            bind 127.0.0.1
            prometheus 127.0.0.1:{$PORT1}
            \(extra)
            kubernetes cluster.local {
                manifests cluster.yaml
            }
        }
        """
    }

    /// A running program that serves the manifest, with the arguments that explain needs to find it.
    private func server(_ extra: String = "") throws -> (program: Program, arguments: [String]) {
        let (dns, admin) = (FreePorts.take(), FreePorts.take())
        let corefile = Self.served(extra).replacing("{$PORT1}", with: "\(admin)")
        let program = try Program(
            ["-conf", "Corefile", "-dns.port", "\(dns)"], files: ["Corefile": corefile, "cluster.yaml": Self.manifest])
        try #require(program.waitForOutput(containing: "linux/"), "\(program.errors)")
        return (program, ["--server", "127.0.0.1:\(admin)", "--dns", "127.0.0.1:\(dns)"])
    }

    @Test("asks a running server what it answers, and why")
    func running() throws {
        let (program, arguments) = try server()
        let found = try run(["web.shop"] + arguments)
        #expect(found.code == 0, "\(found.errors)")
        #expect(found.output.first == "web.shop resolves to 10.96.0.7, the Service web in the namespace shop.")
        #expect(found.output.contains { $0.contains(": NOERROR after ") })
        let missing = try run(["web.shp"] + arguments)
        #expect(missing.code == 1)
        #expect(missing.output.contains("  - Did you mean web.shop?"))
        withExtendedLifetime(program) {}
    }

    @Test("tells where a running server answers otherwise than its objects say")
    func otherwise() throws {
        // Two that do not have the same Corefile: one is asked why, the other what.
        let (program, arguments) = try server()
        let (other, others) = try server("template IN A {\n match ^web\n rcode NXDOMAIN\n }")
        let outcome = try run(
            ["web.shop.svc.cluster.local.", "--type", "A"] + arguments.prefix(2) + others.suffix(2))
        #expect(outcome.code == 1)
        let text = outcome.output.joined(separator: " ")
        #expect(text.contains("with NXDOMAIN, although by its objects it should be 1 record."), "\(text)")
        withExtendedLifetime((program, other)) {}
    }

    @Test("says what is missing where a server has no metrics listener")
    func noListener() throws {
        let (program, arguments) = try server()
        let dns = arguments[3]
        let outcome = try run(["web.shop", "--server", dns, "--timeout", "1"])
        #expect(outcome.code == 3)
        withExtendedLifetime(program) {}
    }

    // MARK: The API server

    private func apiServer() throws -> APIServer {
        let server = try APIServer()
        for name in ["default", "shop"] { server.apply(.namespace(Namespace(name: name))) }
        let key = ObjectKey(namespace: "shop", name: "web")
        server.apply(.service(Service(key: key, clusterIPs: ["None"], ports: [ServicePort(number: 80)])))
        return server
    }

    private func explain(
        _ arguments: [String], from server: APIServer, namespace: String = "default"
    ) throws -> Program.Outcome {
        let kubeconfig = """
            apiVersion: v1
            kind: Config
            current-context: test
            contexts: [{name: test, context: {cluster: test, namespace: \(namespace)}}]
            clusters: [{name: test, cluster: {server: "\(server.url)"}}]
            """
        return try run(arguments + ["--kubeconfig", "kubeconfig", "--no-upstream"], files: ["kubeconfig": kubeconfig])
    }

    @Test("reads the cluster, its Corefile, the selector and the Pods from the API server")
    func fromAPI() throws {
        let server = try apiServer()
        server.configure {
            $0.documents = [
                "/api/v1/namespaces/kube-system/configmaps/coredns":
                    #"{"kind":"ConfigMap","data":{"Corefile":". {\n kubernetes corp.local\n}\n"}}"#,
                "/api/v1/namespaces/shop/services/web":
                    #"{"kind":"Service","metadata":{"namespace":"shop","name":"web"},"#
                    + #""spec":{"selector":{"app":"web"}}}"#,
                "/api/v1/namespaces/shop/pods":
                    #"{"kind":"PodList","items":[{"metadata":{"namespace":"shop","name":"w","#
                    + #""labels":{"app":"wbe"}}}]}"#,
            ]
        }
        let outcome = try explain(["web.shop.svc.corp.local."], from: server)
        #expect(outcome.code == 1)
        #expect(
            outcome.output.joined(separator: " ").hasPrefix(
                "web.shop.svc.corp.local. does not resolve: the Service web in the namespace shop selects Pods with "
                    + "app=web, and no Pod in the namespace shop is labelled so; Pods there have app=wbe."),
            "\(outcome.output)")
        #expect(outcome.output.contains("            Corefile: ConfigMap kube-system/coredns"))
        #expect(outcome.errors == ["Reading the cluster from \(server.url) ..."])
    }

    @Test(
        "asks from the namespace of the kubeconfig's context, unless the command line names another",
        arguments: [([], "shop"), (["--namespace", "default"], "default")])
    func contextNamespace(arguments: [String], namespace: String) throws {
        let outcome = try explain(["web", "--json"] + arguments, from: try apiServer(), namespace: "shop")
        #expect(outcome.output.joined().contains(#""description":"a pod in the namespace \#(namespace)""#))
    }

    @Test("goes by the Pod's own settings")
    func pod() throws {
        let server = try apiServer()
        server.configure {
            $0.documents = [
                "/api/v1/namespaces/shop/pods/host": #"""
                {"kind":"Pod","metadata":{"namespace":"shop","name":"host"},
                 "spec":{"hostNetwork":true,"dnsPolicy":"ClusterFirst"}}
                """#
            ]
        }
        let outcome = try explain(["web", "--pod", "shop/host"], from: server)
        let text = outcome.output.joined(separator: " ")
        #expect(
            text.contains("The Pod shop/host uses the network of its node") || text.contains("the Pod shop/host uses"))
        let missing = try explain(["web", "--pod", "shop/gone"], from: server)
        #expect(missing.code == 3)
        #expect(missing.errors.last?.contains("the Pod shop/gone cannot be read: ") == true, "\(missing.errors)")
    }

    @Test("says which right is missing, at once")
    func forbidden() throws {
        let server = try apiServer()
        server.configure {
            $0.forbidden = [
                APIServer.Permission(.list, .endpointSlices), APIServer.Permission(.watch, .endpointSlices),
            ]
        }
        let outcome = try explain(["web.shop"], from: server)
        #expect(outcome.code == 3)
        #expect(outcome.errors.last?.contains("endpointslices") == true, "\(outcome.errors)")
    }

    @Test("does not wait for ever for an API server that says nothing")
    func silent() throws {
        let server = try apiServer()
        let url = server.url
        server.stop()
        let kubeconfig = """
            apiVersion: v1
            kind: Config
            current-context: test
            contexts: [{name: test, context: {cluster: test}}]
            clusters: [{name: test, cluster: {server: "\(url)"}}]
            """
        let outcome = try run(
            ["web", "--kubeconfig", "kubeconfig", "--timeout", "1"], files: ["kubeconfig": kubeconfig])
        #expect(outcome.code == 3)
        #expect(outcome.errors.last?.contains("within 1 s") == true, "\(outcome.errors)")
    }
}
