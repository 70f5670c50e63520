import HTTPClient
import KubernetesWatch
import Testing

/// What a pod finds in its environment and in /var/run/secrets.
struct InClusterTests {
    let folder: ConnectionFolder
    let variables = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "443"]

    /// As the kubelet lays it out: links to links to files.
    init() throws {
        folder = try ConnectionFolder()
        try folder.folder("..2026_10_17")
        try folder.write("..2026_10_17/token", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln")
        try folder.write("..2026_10_17/ca.crt", SamplePEM.authority)
        try folder.link("..data", to: "..2026_10_17")
        for name in ["token", "ca.crt"] { try folder.link(name, to: "..data/\(name)") }
    }

    private func mistakes(_ variables: [String: String]) -> [String] {
        do throws(ConnectionError) {
            _ = try APIConnection.inCluster(environment: { variables[$0] }, directory: folder.path)
            return []
        } catch {
            return error.mistakes.map(folder.relative)
        }
    }

    @Test(
        "reaches the server of the environment, over IPv4 and IPv6",
        arguments: [
            ("10.96.0.1", "443", "https://10.96.0.1:443"), ("fd00:96::1", "443", "https://[fd00:96::1]:443"),
            ("kubernetes.default", "6443", "https://kubernetes.default:6443"),
        ])
    func reachesServer(_ host: String, _ port: String, _ expected: String) throws {
        let variables = [
            "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port, "KUBERNETES_SERVICE_PORT_HTTPS": "1",
        ]
        let connection = try APIConnection.inCluster(environment: { variables[$0] }, directory: folder.path)
        var transport = HTTPTransport()
        transport.authorities = .pem(Array(SamplePEM.authority.utf8))
        #expect(
            connection
                == APIConnection(server: expected, transport: transport, credentials: .tokenFile(folder("token"))))
    }

    @Test(
        "says as CoreDNS does that it is in no pod",
        arguments: [
            [:], ["KUBERNETES_SERVICE_HOST": "10.96.0.1"], ["KUBERNETES_SERVICE_PORT": "443"],
            ["KUBERNETES_SERVICE_HOST": "", "KUBERNETES_SERVICE_PORT": "443"],
        ])
    func saysNoPod(_ variables: [String: String]) {
        #expect(
            mistakes(variables) == [
                "unable to load in-cluster configuration, KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT"
                    + " must be defined"
            ])
    }

    @Test(
        "knows the pod's namespace, or that there is none",
        arguments: [("shop", "shop"), ("shop\n", "shop"), ("", nil), (nil, nil)] as [(String?, String?)])
    func namespace(content: String?, expected: String?) throws {
        if let content { try folder.write("namespace", content) }
        #expect(APIConnection.inClusterNamespace(directory: folder.path) == expected)
    }

    @Test("tells everything that is missing at once")
    func tellsMissing() throws {
        try folder.delete("token")
        try folder.delete("ca.crt")
        let variables = ["KUBERNETES_SERVICE_HOST": "10.96.0.1", "KUBERNETES_SERVICE_PORT": "tcp"]
        #expect(
            mistakes(variables) == [
                "unable to load in-cluster configuration, the server of KUBERNETES_SERVICE_HOST and"
                    + " KUBERNETES_SERVICE_PORT has no port from 1 to 65535 behind the colon of '10.96.0.1:tcp'",
                "unable to load in-cluster configuration, the certificate authority ca.crt does not exist",
                "unable to load in-cluster configuration, the token of the service account, token does not exist",
            ])
    }

    @Test("tells what is wrong with what is there")
    func tellsWrong() throws {
        try folder.write("..data/token", "\n")
        try folder.write("..data/ca.crt", "")
        #expect(
            mistakes(variables) == [
                "unable to load in-cluster configuration, the certificate authority ca.crt"
                    + " holds no certificate (-----BEGIN CERTIFICATE-----)",
                "unable to load in-cluster configuration, the token of the service account, token is empty",
            ])
    }
}
