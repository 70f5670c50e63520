import ClusterIndex
import KubernetesWatch
import TestSupport
import Testing

@Suite("who asks the API server", .enabled(if: TLSFront.isAvailable))
struct CredentialTests {
    private static func know(_ tokens: String..., by api: APIServer) {
        let users = Dictionary(uniqueKeysWithValues: tokens.map { ($0, "clusterdns") })
        api.configure { $0.users = .known(tokens: users) }
    }

    @Test("a token that the kubelet replaces is used at once: watches go on, and nothing is listed anew")
    func rotation() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let front = try TLSFront(backendPort: api.port)
        let account = try ClusterAccount(front)
        try account.rotate(to: "token-0")
        CredentialTests.know("token-0", by: api)
        let dns = try TestServer(watching: api, at: account.place)
        let load = QueryLoad(on: dns, Expectation(api))
        #expect(try dns.readiness() == 200)
        for number in 1...4 {
            CredentialTests.know("token-\(number - 1)", "token-\(number)", by: api)
            try account.rotate(to: "token-\(number)")
            CredentialTests.know("token-\(number)", by: api)
            api.forgetRequests()
            api.strike(.end)
            api.apply(Sample.service("late", at: "10.96.1.\(number)"))
            #expect(try await differences(dns, from: api) == [])
            #expect(api.waitForWatches(count: 3))
            #expect(api.requests.allSatisfy { $0.authorization == "Bearer token-\(number)" })
            #expect(api.requests.allSatisfy { $0.verb == .watch && $0.parameters["sendInitialEvents"] == nil })
        }
        #expect(load.stop() == [])
    }

    @Test("a token that has expired is told, and watches go on where they stopped once there is another")
    func expiry() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let front = try TLSFront(backendPort: api.port)
        let account = try ClusterAccount(front)
        try account.rotate(to: "old")
        CredentialTests.know("old", by: api)
        let dns = try TestServer(watching: api, at: account.place)
        let journal = Journal(dns)
        let load = QueryLoad(on: dns, Expectation(api))
        CredentialTests.know("new", by: api)
        api.forgetRequests()
        api.strike(.end)
        let sentence = "cannot watch services: the API server does not accept our credentials: Unauthorized"
        #expect(await eventually { !journal.lines(with: "[ERROR]", sentence, "answering what was known").isEmpty })
        #expect(try dns.readiness() == 200)
        api.apply(Sample.service("late", at: "10.96.1.1"))
        try account.rotate(to: "new")
        #expect(try await differences(dns, from: api) == [])
        #expect(api.requests.allSatisfy { $0.parameters["sendInitialEvents"] == nil && $0.verb == .watch })
        #expect(load.stop() == [])
    }

    @Test("HTTP/2 with a client certificate: one connection, and another one when the server says goodbye")
    func http2() async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        api.configure { $0.users = .known(tokens: [:], certificates: ["CN=tester,O=testers": "tester"]) }
        let front = try TLSFront(
            backendPort: api.port, clientCertificates: .required, directives: ["keepalive_requests 6;"])
        let account = try ClusterAccount(front, certificate: front.clientCertificate)
        let dns = try TestServer(watching: api, at: account.place)
        #expect(try dns.readiness() == 200)
        #expect(Set(api.requests.map { $0.headers["x-front-protocol"] }) == ["HTTP/2.0"])
        #expect(Set(api.requests.map { $0.headers["x-front-connection"] }).count == 1)
        let load = QueryLoad(on: dns, Expectation(api))
        for number in 1...4 {
            api.strike(.end)
            api.apply(Sample.service("late", at: "10.96.1.\(number)"))
            #expect(try await differences(dns, from: api) == [])
        }
        #expect(load.stop() == [])
        #expect(Set(api.requests.map { $0.headers["x-front-connection"] }).count > 1)
        #expect(api.requests.count { $0.parameters["sendInitialEvents"] != nil } == 3)
    }

    /// Why nobody is let in.
    enum Mistake { case otherAuthority, noCertificate, unknownCertificate, unknownToken }

    @Test(
        "what is wrong with us or with the server is told in a sentence, and the server starts without",
        arguments: [
            (Mistake.otherAuthority, "is signed by an unknown authority"),
            (.noCertificate, "was refused with 400"),
            (.unknownCertificate, "the API server does not accept our credentials: Unauthorized"),
            (.unknownToken, "the API server does not accept our credentials: Unauthorized"),
        ])
    func mistakes(mistake: Mistake, sentence: String) async throws {
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        api.configure { $0.users = .known(tokens: ["right": "clusterdns"]) }
        let front = try TLSFront(
            backendPort: api.port, clientCertificates: mistake == .noCertificate ? .required : .optional)
        let other = mistake == .otherAuthority ? try CertificateAuthority(named: "somebody else").certificate : nil
        let account = try ClusterAccount(
            front, trusting: other, certificate: mistake == .unknownCertificate ? front.clientCertificate : nil)
        try account.rotate(to: mistake == .unknownToken ? "wrong" : "right")
        let dns = try TestServer(watching: api, "startup_timeout 50ms", at: account.place)
        let journal = Journal(dns)
        #expect(await eventually { !journal.lines(with: "cannot watch services: ", sentence).isEmpty })
        #expect(try dns.readiness() == 503)
        #expect(try dns.outcome("web.shop.svc.cluster.local. A") == "SERVFAIL")
    }
}
