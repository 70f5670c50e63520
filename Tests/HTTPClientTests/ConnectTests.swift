import HTTPClient
import TestSupport
import Testing

@Suite struct ConnectTests {
    @Test("a port where nobody listens is refused", arguments: ["http", "https"])
    func refused(_ scheme: String) {
        let client = ClientUnderTest()
        let port = FreePorts.take()
        let response = client.get("\(scheme)://127.0.0.1:\(port)/")
        #expect(response.outcome == "unreachable: connection to 127.0.0.1:\(port) refused")
    }

    @Test("a proxy that does not listen is refused")
    func refusedProxy() {
        let client = ClientUnderTest()
        let port = FreePorts.take()
        var request = HTTPRequest(url: "https://127.0.0.1:6443/")
        request.transport.proxy = "http://127.0.0.1:\(port)"
        #expect(client.send(request).outcome == "unreachable: connection to the proxy 127.0.0.1:\(port) refused")
    }

    /// RFC 6761 §6.4: nothing has an address below invalid.
    private let nowhere = "api.invalid"

    @Test("a name without an address is told")
    func unresolved() {
        let client = ClientUnderTest()
        #expect(client.get("http://\(nowhere)/").outcome == "unresolved: the name api.invalid has no address")
    }

    @Test("a server that does not answer TLS is given up after the time allowed, and so are those that wait for it")
    func connectTimeout() {
        let server = ScriptedServer([.hold])
        let client = ClientUnderTest()
        var request = HTTPRequest(url: "https://127.0.0.1:\(server.port)/")
        request.connectTimeout = .milliseconds(100)
        let responses = (0..<3).map { _ in client.send(request) }
        for response in responses {
            #expect(response.outcome == "connectTimedOut: no connection to 127.0.0.1:\(server.port) in time")
        }
    }

    @Test("the time to connect is not one to answer")
    func slowAnswer() {
        let server = ScriptedServer([.receive, .pause, .send(CancelTests.hello)])
        let client = ClientUnderTest()
        var request = HTTPRequest(url: server.url)
        request.connectTimeout = .milliseconds(300)
        let response = client.send(request)
        #expect(patiently { !server.requests.isEmpty })
        #expect(!patiently(within: .seconds(1)) { response.end != nil })
        server.proceed()
        #expect(response.outcome == "complete")
    }

    @Test("a stream without an end does not hold up others over HTTP/1.1 with TLS", .enabled(if: TLSFront.isAvailable))
    func endlessOverTLS() throws {
        let backend = ScriptedServer([.receive, .pause, .send(CancelTests.endless), .hold])
        let front = try TLSFront(
            backendPort: backend.port, http2: false, directives: ["location /short { return 200 short; }"])
        let client = ClientUnderTest()
        let silent = (0..<3).map { _ in client.send(front.request()) }
        #expect(patiently { backend.requests.count == 3 })
        #expect(client.send(front.request("/short")).outcome == "complete")
        #expect(silent.allSatisfy { $0.calls.isEmpty })
    }

    @Test("a request that gets no answer does not hold up others to the same server")
    func noAnswer() {
        let server = ScriptedServer([.hold], [.answerAll(CancelTests.hello)])
        let client = ClientUnderTest()
        let silent = client.get(server.url)
        #expect(patiently { server.connectionCount == 1 })
        #expect(client.get(server.url).outcome == "complete")
        #expect(silent.calls.isEmpty)
    }

    @Test("a server that does not speak TLS is told")
    func noTLS() {
        let server = ScriptedServer([.read(5), .send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), .hold])
        let client = ClientUnderTest()
        let response = client.get("https://127.0.0.1:\(server.port)/")
        #expect(response.outcome == "tls: 127.0.0.1:\(server.port) does not speak TLS")
    }

    @Test("an end in mid-handshake is one of TLS")
    func handshakeCut() {
        let server = ScriptedServer([.read(5), .reset])
        let client = ClientUnderTest()
        let response = client.get("https://127.0.0.1:\(server.port)/")
        #expect(response.failureKind == .tls)
        #expect(response.outcome.hasPrefix("tls: no TLS with 127.0.0.1:\(server.port): "))
    }

    @Test("more requests than there may be are refused, and those before are not disturbed")
    func tooMany() {
        let server = ScriptedServer([.receive, .send(CancelTests.endless), .hold])
        let client = ClientUnderTest()
        // Without TLS each would have a connection; with it all wait for the one that does not come to be.
        let silent = ScriptedServer([.hold])
        let first = client.get(server.url)
        #expect(first.waitForText("abc"))
        let waiting = (0..<999).map { _ in client.get("https://127.0.0.1:\(silent.port)/") }
        #expect(client.get(server.url).outcome == "cutShort: more than 1000 requests at a time")
        client.close()
        #expect(waiting.allSatisfy { $0.calls.isEmpty })
        #expect(first.end == nil)
    }
}
