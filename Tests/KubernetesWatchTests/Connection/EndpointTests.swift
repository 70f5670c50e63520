import HTTPClient
import KubernetesWatch
import Testing

/// The options `endpoint` and `tls`.
struct EndpointTests {
    let folder: ConnectionFolder
    var files: APIConnection.TLSFiles {
        APIConnection.TLSFiles(
            certificate: folder("client.crt"), key: folder("client.key"), authority: folder("ca.crt"))
    }

    init() throws {
        folder = try ConnectionFolder()
        try folder.write("client.crt", SamplePEM.certificate)
        try folder.write("client.key", SamplePEM.key)
        try folder.write("ca.crt", SamplePEM.authority)
    }

    @Test(
        "is plain without files, unless it says otherwise",
        arguments: [
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("localhost:8080", "http://localhost:8080"),
            ("https://k8s.example:6443/", "https://k8s.example:6443"),
        ])
    func isPlain(_ address: String, _ expected: String) throws {
        #expect(try APIConnection.endpoint(address) == APIConnection(server: expected))
    }

    @Test("uses the files for TLS", arguments: ["https://k8s.example:6443", "k8s.example:6443"])
    func usesFiles(_ address: String) throws {
        var transport = HTTPTransport()
        transport.authorities = .pem(Array(SamplePEM.authority.utf8))
        let expected = APIConnection(
            server: "https://k8s.example:6443", transport: transport,
            credentials: .certificateFiles(certificate: folder("client.crt"), key: folder("client.key")))
        #expect(try APIConnection.endpoint(address, tls: files) == expected)
    }

    @Test("has no use for the files without TLS")
    func ignoresFiles() throws {
        #expect(try APIConnection.endpoint("http://a:1", tls: files) == APIConnection(server: "http://a:1"))
    }

    @Test("tells every mistake at once")
    func tellsMistakes() throws {
        try folder.write("client.crt", SamplePEM.key)
        try folder.write("client.key", SamplePEM.encryptedKey)
        try folder.delete("ca.crt")
        var told: [String] = []
        do throws(ConnectionError) {
            _ = try APIConnection.endpoint("tcp://a", tls: files)
        } catch {
            told = error.mistakes.map(folder.relative)
        }
        #expect(
            told == [
                "the endpoint must start with https:// or http://",
                "tls: the certificate client.crt holds no certificate (-----BEGIN CERTIFICATE-----)",
                "tls: the key client.key holds an encrypted private key, and nobody is there to be asked for its"
                    + " passphrase",
                "tls: the certificate authority ca.crt does not exist",
            ])
    }
}
