import HTTPClient
import Testing

@testable import KubernetesWatch

/// What kubeconfigs come down to.
struct KubeconfigTests {
    let folder: ConnectionFolder
    let pair = HTTPTransport.ClientCertificate(
        certificate: Array(SamplePEM.certificate.utf8), key: Array(SamplePEM.key.utf8))

    init() throws { folder = try ConnectionFolder() }

    private func read(_ text: String, context: String? = nil) throws -> APIConnection {
        try folder.write("config", text)
        return try APIConnection.kubeconfig(folder("config"), context: context)
    }

    private var trusting: HTTPTransport {
        var transport = HTTPTransport()
        transport.authorities = .pem(Array(SamplePEM.authority.utf8))
        return transport
    }

    @Test("reads a kubeconfig of kind")
    func readsKind() throws {
        var transport = trusting
        transport.clientCertificate = pair
        #expect(
            try read(KubeconfigSamples.kind) == APIConnection(server: "https://127.0.0.1:39471", transport: transport))
    }

    @Test(
        "knows the namespace of a context, or that it names none",
        arguments: [(nil, "shop"), ("b", nil), ("c", nil), ("missing", nil)] as [(String?, String?)])
    func namespace(context: String?, expected: String?) throws {
        try folder.write(
            "config",
            """
            current-context: a
            contexts:
            - {name: a, context: {cluster: a, namespace: shop}}
            - {name: b, context: {cluster: a}}
            - {name: c, context: {cluster: a, namespace: [1]}}
            """)
        #expect(APIConnection.namespace(ofKubeconfig: folder("config"), context: context) == expected)
        #expect(APIConnection.namespace(ofKubeconfig: folder("nothing"), context: context) == nil)
    }

    @Test("takes several files as one: of equal names the first counts, and paths are seen from the file they stand in")
    func merges() throws {
        try folder.folder("a")
        try folder.folder("b")
        try folder.write(
            "a/config",
            """
            contexts:
            - {name: shop, context: {cluster: one, user: me, namespace: web}}
            clusters:
            - {name: other, cluster: {server: "https://192.0.2.9"}}
            """)
        try folder.write("b/token", "secret\n")
        try folder.write(
            "b/config",
            """
            current-context: shop
            contexts:
            - {name: shop, context: {cluster: other}}
            - {name: plain, context: {cluster: other}}
            clusters:
            - {name: one, cluster: {server: "https://192.0.2.1"}}
            - {name: other, cluster: {server: "https://192.0.2.2"}}
            users:
            - {name: me, user: {tokenFile: token}}
            """)
        let paths = [folder("a/config"), folder("b/config")]
        #expect(
            try APIConnection.kubeconfig(merging: paths)
                == APIConnection(server: "https://192.0.2.1", credentials: .tokenFile(folder("b/token"))))
        #expect(
            try APIConnection.kubeconfig(merging: paths, context: "plain") == APIConnection(server: "https://192.0.2.9")
        )
        #expect(APIConnection.namespace(ofKubeconfigs: paths) == "web")
        #expect(APIConnection.namespace(ofKubeconfigs: paths, context: "plain") == nil)
        #expect {
            try APIConnection.kubeconfig(merging: paths, context: "gone")
        } throws: { error in
            "\(error)".hasSuffix("context 'gone' not found; there are: shop, plain")
        }
    }

    @Test("finds files beside the kubeconfig, and leaves the kubelet's certificate to be read again")
    func readsKubelet() throws {
        try folder.folder("pki")
        try folder.write("pki/ca.crt", SamplePEM.authority)
        try folder.write("pki/kubelet-client-current.pem", SamplePEM.certificate + SamplePEM.key)
        let file = folder("pki/kubelet-client-current.pem")
        #expect(
            try read(KubeconfigSamples.kubelet)
                == APIConnection(
                    server: "https://[fd00::10]:6443", transport: trusting,
                    credentials: .certificateFiles(certificate: file, key: file)))
    }

    @Test("reads a kubeconfig of EKS")
    func readsEKS() throws {
        let plugin = ExecPlugin(
            command: "aws",
            arguments: ["--region", "eu-central-1", "eks", "get-token", "--cluster-name", "shop", "--output", "json"],
            environment: ["AWS_PROFILE": "production"], apiVersion: "client.authentication.k8s.io/v1beta1")
        #expect(
            try read(KubeconfigSamples.eks)
                == APIConnection(
                    server: "https://0123456789ABCDEF.gr7.eu-central-1.eks.amazonaws.com", transport: trusting,
                    credentials: .exec(plugin)))
    }

    @Test("reads a kubeconfig of GKE, whose plugin wants to know the cluster")
    func readsGKE() throws {
        let plugin = ExecPlugin(
            command: "gke-gcloud-auth-plugin", apiVersion: "client.authentication.k8s.io/v1beta1",
            installHint: "Install gke-gcloud-auth-plugin for use with kubectl by following"
                + " https://cloud.google.com/blog/products/containers-kubernetes/kubectl-auth-changes-in-gke",
            clusterInfo: #"{"server":"https://203.0.113.10","certificate-authority-data":""#
                + KubeconfigSamples.authorityData + #""}"#)
        #expect(
            try read(KubeconfigSamples.gke)
                == APIConnection(
                    server: "https://203.0.113.10", transport: trusting, credentials: .exec(plugin)))
    }

    @Test("reads a kubeconfig in JSON, with a token and a path behind the server")
    func readsRancher() throws {
        #expect(
            try read(KubeconfigSamples.rancher)
                == APIConnection(
                    server: "https://rancher.example.org/k8s/clusters/c-m-1",
                    credentials: .token("kubeconfig-u-abc:secret")))
    }

    @Test("tells nobody who we are without TLS, as client-go")
    func staysAnonymousWithoutTLS() throws {
        var transport = HTTPTransport()
        transport.proxy = "http://proxy:3128"
        let expected = APIConnection(server: "http://localhost:8080", transport: transport)
        #expect(try read(KubeconfigSamples.everything) == expected)
    }

    /// The cluster of all contexts but one.
    private var insecure: HTTPTransport {
        var transport = HTTPTransport()
        transport.verifiesServer = false
        transport.serverName = "api.internal"
        transport.proxy = "socks5://127.0.0.1:1080"
        return transport
    }

    @Test("reads the context that is named, with all that it can have")
    func readsNamedContext() throws {
        try folder.folder("secrets")
        try folder.write("secrets/token", "t\n")
        let headers = [
            HTTPHeader("Impersonate-User", "system:serviceaccount:kube-system:dns"), HTTPHeader("Impersonate-Uid", "7"),
            HTTPHeader("Impersonate-Group", "system:authenticated"), HTTPHeader("Impersonate-Group", "dns readers"),
            HTTPHeader("Impersonate-Extra-scopes", "read"), HTTPHeader("Impersonate-Extra-scopes", "write "),
            HTTPHeader("Impersonate-Extra-acme.io%2FProject", "ü"),
        ]
        #expect(
            try read(KubeconfigSamples.everything, context: "full")
                == APIConnection(
                    server: "https://10.0.0.1:6443", transport: insecure,
                    credentials: .tokenFile(folder("secrets/token")), headers: headers))
    }

    @Test("is nobody where the context has no user")
    func readsAnonymousContext() throws {
        #expect(
            try read(KubeconfigSamples.everything, context: "nobody")
                == APIConnection(server: "https://10.0.0.1:6443", transport: insecure))
    }

    @Test("takes the certificate from the text and its key from a file")
    func readsMixedPair() throws {
        try folder.write("client.key", SamplePEM.key)
        let text = KubeconfigSamples.everything.split(
            separator: "/secrets/client.key", omittingEmptySubsequences: false
        )
        .joined(separator: folder("client.key"))
        var transport = insecure
        transport.clientCertificate = pair
        #expect(
            try read(text, context: "key-in-file")
                == APIConnection(server: "https://10.0.0.1:6443", transport: transport))
    }

    @Test("takes a token before the plugin beside it")
    func prefersToken() throws {
        #expect(
            try read(KubeconfigSamples.everything, context: "token-wins")
                == APIConnection(server: "https://10.0.0.1:6443", transport: insecure, credentials: .token("t\n")))
    }

    @Test("takes data before the file beside it")
    func prefersData() throws {
        let text = KubeconfigSamples.kind
            .replacing(
                "certificate-authority-data:", with: "certificate-authority: /none\n    certificate-authority-data:"
            )
            .replacing("client-key-data:", with: "client-key: /none\n    client-key-data:")
        #expect(try read(text) == (try read(KubeconfigSamples.kind)))
    }

    @Test("finds the plugin beside the kubeconfig where it is a path")
    func resolvesPlugin() throws {
        let text = KubeconfigSamples.eks.replacing("command: aws", with: "command: bin/aws")
        guard case .exec(let plugin) = try read(text).credentials else {
            Issue.record("no plugin")
            return
        }
        #expect(plugin.command == folder("bin/aws"))
    }

    @Test("tells a plugin all of its cluster")
    func tellsPluginCluster() throws {
        let text = KubeconfigSamples.gke.replacing(
            "    certificate-authority-data: \(KubeconfigSamples.authorityData)\n",
            with: """
                    insecure-skip-tls-verify: true
                    tls-server-name: a"b
                    proxy-url: http://p
                    disable-compression: yes
                    extensions:
                    - name: client.authentication.k8s.io/exec
                      extension: {a: 1, b: 1.5, c: "1", d: [yes, ~, 0x10], e: {"x\\ty": é}, f: 1_0, g: .inf}

                """)
        guard case .exec(let plugin) = try read(text).credentials else {
            Issue.record("no plugin")
            return
        }
        #expect(
            plugin.clusterInfo
                == #"{"server":"https://203.0.113.10","tls-server-name":"a\"b","insecure-skip-tls-verify":true,"#
                + #""proxy-url":"http://p","disable-compression":true,"config":{"a":1,"b":1.5,"c":"1","#
                + #""d":[true,null,"0x10"],"e":{"x\ty":"é"},"f":"1_0","g":".inf"}}"#)
    }
}
