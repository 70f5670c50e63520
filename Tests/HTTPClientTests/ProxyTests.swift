import Glibc
import HTTPClient
import TestSupport
import Testing

@Suite struct ProxyTests {
    /// RFC 6761 §6.4: nothing has an address below invalid.
    static let nowhere = "api.invalid"
    static let established = "HTTP/1.1 200 Connection established\r\nProxy-Agent: test\r\n\r\n"

    @Test("TLS goes through a tunnel, of which the proxy learns the address alone", .enabled(if: TLSFront.isAvailable))
    func tunnel() throws {
        let front = try TLSFront(backendPort: nil)
        let proxy = ScriptedServer([.receive, .send(Self.established), .tunnel(front.port)])
        let client = ClientUnderTest()
        var request = front.request("/secret")
        request.headers = [HTTPHeader("Authorization", "Bearer secret")]
        request.transport.proxy = "http://user:pass@127.0.0.1:\(proxy.port)"
        let response = client.send(request)
        #expect(response.outcome == "complete")
        #expect(response.head?.value("X-Front-Protocol") == "HTTP/2.0")
        #expect(response.head?.value("Proxy-Agent") == nil)
        #expect(response.text == "hello")
        let asked = proxy.requests.joined()
        #expect(asked.hasPrefix("CONNECT 127.0.0.1:\(front.port) HTTP/1.1\r\n"))
        #expect(asked.contains("Proxy-Authorization: Basic dXNlcjpwYXNz\r\n"))
        #expect(!asked.contains("secret"))
    }

    @Test("through a proxy too the name of the server may be another", .enabled(if: TLSFront.isAvailable))
    func serverName() throws {
        let certificate = try CertificateAuthority.shared().issue(.init(name: "x", hostNames: ["api.test"]))
        let front = try TLSFront(backendPort: nil, certificate: certificate)
        let proxy = ScriptedServer([.receive, .send(Self.established), .tunnel(front.port)])
        let client = ClientUnderTest()
        var request = front.request()
        request.transport.proxy = "http://127.0.0.1:\(proxy.port)"
        request.transport.serverName = "api.test"
        let response = client.send(request)
        #expect(response.outcome == "complete")
        #expect(response.head?.value("X-Front-Name") == "api.test")
        #expect(proxy.requests.first?.hasPrefix("CONNECT 127.0.0.1:\(front.port) HTTP/1.1\r\n") == true)
    }

    @Test("a SOCKS proxy looks the name up", .enabled(if: TLSFront.isAvailable))
    func socks() throws {
        let certificate = try CertificateAuthority.shared().issue(.init(name: "x", hostNames: ["api.invalid"]))
        let front = try TLSFront(backendPort: nil, certificate: certificate)
        // RFC 1928: greeting, method 0; then CONNECT to a name of 11 bytes, done.
        let proxy = ScriptedServer([
            .drain, .sendBytes([5, 0]), .drain, .sendBytes([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]), .tunnel(front.port),
        ])
        let client = ClientUnderTest()
        var request = front.request(host: "api.invalid")
        request.transport.proxy = "socks5://127.0.0.1:\(proxy.port)"
        #expect(client.send(request).outcome == "complete")
    }

    @Test("plain requests are the proxy's to send")
    func plain() {
        let proxy = ScriptedServer([.answerAll(CancelTests.hello)])
        let client = ClientUnderTest()
        var request = HTTPRequest(url: "http://\(Self.nowhere)/x")
        request.transport.proxy = "http://127.0.0.1:\(proxy.port)"
        let response = client.send(request)
        #expect(response.outcome == "complete")
        #expect(response.text == "hello")
        let line = "GET http://\(Self.nowhere)/x HTTP/1.1\r\nHost: \(Self.nowhere)\r\n"
        #expect(proxy.requests.first?.hasPrefix(line) == true)
    }

    @Test("what a proxy refuses is told", arguments: [403, 407, 502])
    func refusal(_ status: Int) {
        let proxy = ScriptedServer([.receive, .send("HTTP/1.1 \(status) No\r\nContent-Length: 2\r\n\r\nno"), .hold])
        let client = ClientUnderTest()
        var request = HTTPRequest(url: "https://\(Self.nowhere):6443/")
        request.transport.proxy = "http://127.0.0.1:\(proxy.port)"
        let response = client.send(request)
        #expect(
            response.outcome == "unreachable: the proxy 127.0.0.1:\(proxy.port) does not connect to api.invalid:6443: "
                + "status \(status)")
        #expect(response.calls == [.end])
    }

    @Test("a proxy that goes, or talks nonsense, is told", arguments: ["", "nonsense\r\n\r\n"])
    func broken(_ answer: String) {
        let proxy = ScriptedServer([.receive, .send(answer)])
        let client = ClientUnderTest()
        var request = HTTPRequest(url: "https://\(Self.nowhere):6443/")
        request.transport.proxy = "http://127.0.0.1:\(proxy.port)"
        let response = client.send(request)
        #expect([.cutShort, .unreachable, .garbled].contains(response.failureKind))
        #expect(response.calls == [.end])
    }

    @Test("a proxy without an address is told")
    func unresolved() {
        let client = ClientUnderTest()
        var request = HTTPRequest(url: "https://127.0.0.1/")
        request.transport.proxy = "http://user:secret@proxy.invalid:3128"
        #expect(
            client.send(request).outcome == "unresolved: the name of the proxy proxy.invalid:3128 has no address")
    }

    @Test("the environment has no say")
    func environment() async {
        await #expect(processExitsWith: .success) {
            setenv("http_proxy", "http://127.0.0.1:1", 1)
            setenv("all_proxy", "http://127.0.0.1:1", 1)
            let server = ScriptedServer([.answerAll(CancelTests.hello)])
            let client = ClientUnderTest()
            exit(client.get(server.url).outcome == "complete" ? 0 : 1)
        }
    }
}
