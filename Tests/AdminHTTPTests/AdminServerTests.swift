import AdminHTTP
import Dispatch
import Testing

private let get = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"

@Suite("admin server")
struct AdminServerTests {
    @Test("listens on IPv4 and IPv6 with one wildcard socket", arguments: [":0", "[::]:0"])
    func wildcard(text: String) throws {
        let mount = try AdminServer().mount("/health", on: ListenAddress(text)) { _ in HTTPResponse(text: "OK") }
        defer { mount.remove() }
        for overIPv6 in [false, true] {
            let client = try #require(Client(port: mount.address.port, overIPv6: overIPv6))
            client.send(get)
            #expect(client.readResponse().hasSuffix("OK"))
        }
    }

    @Test("listens where the address says, and nowhere else", arguments: ["127.0.0.1:0", "localhost:0", "[::1]:0"])
    func addressed(text: String) throws {
        let mount = try AdminServer().mount("/health", on: ListenAddress(text)) { _ in HTTPResponse(text: "OK") }
        defer { mount.remove() }
        let isIPv6 = text.hasPrefix("[")
        #expect(Client(port: mount.address.port, overIPv6: isIPv6) != nil)
        #expect(Client(port: mount.address.port, overIPv6: !isIPv6) == nil)
    }

    @Test("tells in a sentence why it cannot listen")
    func cannotListen() throws {
        let fixture = try Fixture.health()
        defer { fixture.stop() }
        let taken = ListenAddress(host: "127.0.0.1", port: fixture.port)
        #expect(failure(taken) == "listen tcp 127.0.0.1:\(fixture.port): bind: address already in use")
        #expect(
            failure(.init(host: "192.0.2.1", port: 0))
                == "listen tcp 192.0.2.1:0: bind: cannot assign requested address")
        #expect(failure(.init(host: "no such host", port: 0)) == "listen tcp: lookup no such host: no such host")
    }

    private func failure(_ address: ListenAddress) -> String? {
        do {
            try AdminServer().mount("/", on: address) { _ in HTTPResponse(text: "") }.remove()
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test("shares a socket among mounts, and closes it with the last")
    func shared() throws {
        let fixture = try Fixture([("/a", { _ in HTTPResponse(text: "a") }), ("/b", { _ in HTTPResponse(text: "b") })])
        #expect(fixture.mounts[0].address == fixture.mounts[1].address)
        #expect(try fixture.exchange("GET /b HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("\r\n\r\nb"))
        fixture.mounts[1].remove()
        #expect(try fixture.exchange("GET /b HTTP/1.1\r\nHost: x\r\n\r\n").hasPrefix("HTTP/1.1 404 "))
        #expect(try fixture.exchange("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").hasSuffix("\r\n\r\na"))
        fixture.mounts[0].remove()
        #expect(try fixture.exchange(get) == "refused")
        fixture.mounts[0].remove()
    }

    @Test("lets the latest mount of a path answer, and the one before when that goes")
    func handOver() throws {
        let fixture = try Fixture([("/health", { _ in HTTPResponse(text: "old") })])
        defer { fixture.stop() }
        let new = try fixture.server.mount("/health", on: fixture.mounts[0].address) { _ in HTTPResponse(text: "new") }
        #expect(try fixture.exchange(get).hasSuffix("new"))
        new.remove()
        #expect(try fixture.exchange(get).hasSuffix("old"))
    }

    @Test("closes socket and connections at once, so that the port is free again")
    func stop() throws {
        let server = AdminServer()
        var address = ListenAddress(host: "127.0.0.1", port: 0)
        for _ in 0..<5 {
            let mount = try server.mount("/health", on: address) { _ in HTTPResponse(text: "OK") }
            address = mount.address
            let idle = try #require(Client(port: address.port))
            let busy = try #require(Client(port: address.port))
            busy.send(get)
            #expect(busy.readResponse().hasSuffix("OK"))
            mount.remove()
            #expect(busy.readToEnd() == "")
            #expect(idle.readToEnd() == "")
            #expect(Client(port: address.port) == nil)
        }
    }

    @Test("sends large answers whole, also to a client that is slow to read")
    func large() throws {
        let body = String(repeating: "0123456789abcdef", count: 1 << 18)
        let fixture = try Fixture([("/metrics", { _ in HTTPResponse(text: body) })])
        defer { fixture.stop() }
        let client = try #require(Client(port: fixture.port))
        client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n")
        let response = client.readResponse()
        #expect(response.hasSuffix("\r\n\r\n" + body))
        #expect(client.readResponse().hasPrefix("HTTP/1.1 404"))
    }
}
