import HTTPClient
import TestSupport
import Testing

@Suite(.enabled(if: TLSFront.isAvailable, Comment(rawValue: TLSFront.unavailable)))
struct TLSTests {
    @Test("TLS from memory, over the version of HTTP that the server has", arguments: [(true, "2.0"), (false, "1.1")])
    func hello(http2: Bool, version: String) throws {
        let front = try TLSFront(backendPort: nil, http2: http2)
        let client = ClientUnderTest()
        let response = client.send(front.request())
        #expect(response.outcome == "complete")
        #expect(response.text == "hello")
        #expect(response.head?.status == 200)
        #expect(response.head?.value("x-front-protocol") == "HTTP/\(version)")
    }

    @Test("the certificate of a client is shown")
    func clientCertificate() throws {
        let backend = ScriptedServer([.answerAll(CancelTests.hello)])
        let front = try TLSFront(backendPort: backend.port, clientCertificates: .required)
        let client = ClientUnderTest()
        var request = front.request()
        let without = client.send(request)
        #expect(without.head?.status == 400 || without.waitForEnd() != nil)
        #expect(without.head?.status == 400)
        request.transport.clientCertificate = .init(front.clientCertificate)
        #expect(client.send(request).outcome == "complete")
        #expect(backend.requests.count == 1)
        #expect(backend.requests.first?.contains("X-Front-Client: CN=tester,O=testers\r\n") == true)
    }

    @Test("two users of one server have connections of their own")
    func twoUsers() throws {
        let backend = ScriptedServer([.answerAll(CancelTests.hello)])
        let front = try TLSFront(backendPort: backend.port, clientCertificates: .required)
        let client = ClientUnderTest()
        for name in ["one", "two", "one"] {
            var request = front.request()
            request.transport.clientCertificate = .init(try user(name))
            #expect(client.send(request).outcome == "complete")
        }
        let users = backend.requests.map { request in
            request.split(separator: "\r\n").first { $0.hasPrefix("X-Front-Client: ") }
        }
        // A name may be issued twice with different keys; who asks is who is seen.
        #expect(users == ["X-Front-Client: CN=one", "X-Front-Client: CN=two", "X-Front-Client: CN=one"])
    }

    private func user(_ name: String) throws -> CertificateAuthority.Pair {
        try CertificateAuthority.shared().issue(.client(name))
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var subject = CertificateAuthority.Subject.localServer
        var host = "127.0.0.1"
        var directives: [String] = []
        /// `PORT` stands for the port; a sentence of libcurl or OpenSSL may follow.
        let outcome: String
        var change: @Sendable (inout HTTPTransport) throws -> Void = { _ in }
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(name: "by name", host: "localhost", outcome: "complete"),
        Case(
            name: "another authority",
            outcome: "untrusted: the certificate of 127.0.0.1:PORT is signed by an unknown authority",
            change: { $0.authorities = .pem(try CertificateAuthority(named: "other").certificate) }),
        Case(
            name: "what the system trusts",
            outcome: "untrusted: the certificate of 127.0.0.1:PORT is signed by an unknown authority",
            change: { $0.authorities = .system }),
        Case(
            name: "expired", subject: .init(name: "old", addresses: ["127.0.0.1"], days: -1),
            outcome: "untrusted: the certificate of 127.0.0.1:PORT has expired"),
        Case(
            name: "another address", subject: .init(name: "x", hostNames: ["api.test"], addresses: ["10.96.0.1"]),
            outcome: "untrusted: the certificate of 127.0.0.1:PORT is not valid for 127.0.0.1, "
                + "but for api.test, 10.96.0.1"),
        Case(
            name: "another name", subject: .init(name: "x", hostNames: ["api.test"]), host: "localhost",
            outcome: "untrusted: the certificate of localhost:PORT is not valid for localhost, but for api.test"),
        Case(
            name: "another name, which is the one asked for", subject: .init(name: "x", hostNames: ["api.test"]),
            outcome: "complete", change: { $0.serverName = "api.test" }),
        Case(
            name: "another name asked for than it has",
            outcome: "untrusted: the certificate of 127.0.0.1:PORT is not valid for api.test, "
                + "but for localhost, 127.0.0.1, 0:0:0:0:0:0:0:1",
            change: { $0.serverName = "api.test" }),
        Case(
            name: "a certificate for clients", subject: .client("127.0.0.1"),
            outcome: "untrusted: the certificate of 127.0.0.1:PORT is not one for a server"),
        Case(
            name: "no verification", subject: .init(name: "old", hostNames: ["api.test"], days: -1),
            outcome: "complete",
            change: {
                $0.verifiesServer = false
                $0.authorities = .system
            }),
        Case(
            name: "authorities that are none",
            outcome: "misconfigured: the certificates to trust 127.0.0.1:PORT by cannot be read: …",
            change: { $0.authorities = .pem(Array("no certificate".utf8)) }),
        Case(
            name: "a key of another certificate",
            outcome: "misconfigured: certificate and key of the client do not belong together, or the key is damaged",
            change: {
                let (one, two) = (try client("one"), try client("two"))
                $0.clientCertificate = .init(certificate: one.certificate, key: two.key)
            }),
        Case(
            name: "a certificate of the client that is none",
            outcome: "misconfigured: the certificate of the client is no certificate in PEM",
            change: { $0.clientCertificate = .init(certificate: [1], key: try client("one").key) }),
        Case(
            name: "a key of the client that is none",
            outcome: "misconfigured: the key of the client is no private key in PEM",
            change: { $0.clientCertificate = .init(certificate: try client("one").certificate, key: [1]) }),
        Case(
            name: "no key", outcome: "misconfigured: the key of the client is no private key in PEM",
            change: { $0.clientCertificate = .init(certificate: try client("one").certificate, key: []) }),
        Case(
            name: "a key that asks for a passphrase", outcome: "misconfigured: the key of the client is encrypted",
            change: {
                let key = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII=\n-----END ENCRYPTED PRIVATE KEY-----\n"
                $0.clientCertificate = .init(certificate: try client("one").certificate, key: Array(key.utf8))
            }),
        Case(
            name: "a certificate of the client that is damaged",
            outcome: "misconfigured: the certificate of the client cannot be read: …",
            change: {
                let damaged = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n"
                $0.clientCertificate = .init(certificate: Array(damaged.utf8), key: try client("one").key)
            }),
        Case(
            name: "TLS 1.2", directives: ["ssl_protocols TLSv1.2;"], outcome: "complete"),
        Case(
            name: "TLS 1.1", directives: ["ssl_protocols TLSv1.1;", "ssl_ciphers ALL:@SECLEVEL=0;"],
            outcome: "tls: 127.0.0.1:PORT ends TLS: protocol version"),
    ]

    private static func client(_ name: String) throws -> CertificateAuthority.Pair {
        try CertificateAuthority.shared().issue(.client(name))
    }

    @Test("trusts whom it may, and says why not", arguments: cases)
    func trust(_ example: Case) throws {
        let front = try TLSFront(
            backendPort: nil, certificate: try CertificateAuthority.shared().issue(example.subject),
            directives: example.directives)
        var request = front.request(host: example.host)
        try example.change(&request.transport)
        let client = ClientUnderTest()
        let response = client.send(request)
        let expected = example.outcome.replacing("PORT", with: "\(front.port)")
        if let prefix = expected.split(separator: "…").first, expected.hasSuffix("…") {
            #expect(response.outcome.hasPrefix(prefix))
        } else {
            #expect(response.outcome == expected)
        }
    }

    @Test("an authority given is trusted alone")
    func noSystemAuthorities() throws {
        // The same authority as a file of the system's folder would be: only what is given counts.
        let other = try CertificateAuthority(named: "other")
        let certificate = try other.issue(.localServer)
        let front = try TLSFront(backendPort: nil, certificate: certificate)
        let client = ClientUnderTest()
        var request = front.request()
        #expect(client.send(request).failureKind == .untrusted)
        request.transport.authorities = .pem(other.certificate)
        #expect(client.send(request).outcome == "complete")
        request.transport.authorities = .pem(front.authority + other.certificate)
        #expect(client.send(request).outcome == "complete")
    }

    @Test("the name of the server is in SNI, the host of the URL in the request", arguments: [true, false])
    func serverName(http2: Bool) throws {
        let backend = ScriptedServer([.answerAll(CancelTests.hello)])
        let certificate = try CertificateAuthority.shared().issue(.init(name: "x", hostNames: ["api.test"]))
        let front = try TLSFront(backendPort: backend.port, http2: http2, certificate: certificate)
        var request = front.request()
        request.transport.serverName = "api.test"
        let client = ClientUnderTest()
        let response = client.send(request)
        #expect(response.outcome == "complete")
        #expect(response.head?.value("X-Front-Name") == "api.test")
        #expect(backend.requests.first?.contains("Host: 127.0.0.1:\(front.port)\r\n") == true)
    }

    @Test("a certificate of the client that the server does not know is told", arguments: [true, false])
    func unknownClient(http2: Bool) throws {
        let front = try TLSFront(backendPort: nil, clientCertificates: .required, http2: http2)
        let stranger = try CertificateAuthority(named: "other").issue(.client("stranger"))
        var request = front.request()
        request.transport.clientCertificate = .init(stranger)
        let client = ClientUnderTest()
        let response = client.send(request)
        // nginx lets TLS stand and answers 400.
        #expect(response.outcome == "complete")
        #expect(response.head?.status == 400)
    }
}

extension HTTPTransport.ClientCertificate {
    init(_ pair: CertificateAuthority.Pair) { self.init(certificate: pair.certificate, key: pair.key) }
}

extension TLSFront {
    /// A request to it that trusts it.
    func request(_ path: String = "/", host: String = "127.0.0.1") -> HTTPRequest {
        var request = HTTPRequest(url: "https://\(host):\(port)\(path)")
        request.transport.authorities = .pem(authority)
        return request
    }
}
