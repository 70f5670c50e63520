import AdminHTTP
import Testing

private let ok = "HTTP/1.1 200 OK|Content-Type: text/plain; charset=utf-8|Content-Length: 2|"
private let notFound = "HTTP/1.1 404 Not Found|Content-Type: text/plain; charset=utf-8|Content-Length: 19|"

@Suite("requests")
struct RequestTests {
    @Test(
        "are answered by path, whatever the method",
        arguments: [
            ("GET /health HTTP/1.1\r\nHost: x\r\n\r\n", ok + "|OK"),
            ("HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n", ok + "|"),
            ("POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", ok + "|OK"),
            ("DELETE /health?verbose=1 HTTP/1.1\r\nHost: x\r\n\r\n", ok + "|OK"),
            ("GET http://x/health HTTP/1.1\r\nHost: x\r\n\r\n", ok + "|OK"),
            ("\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n", ok + "|OK"),
            ("GET /health HTTP/1.1\nHost: x\n\n", ok + "|OK"),
            ("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", notFound + "|404 page not found\n"),
            ("GET /health/ HTTP/1.1\r\nHost: x\r\n\r\n", notFound + "|404 page not found\n"),
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", notFound + "|404 page not found\n"),
            ("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", notFound + "|"),
            ("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", notFound + "|404 page not found\n"),
        ])
    func answered(request: String, response: String) throws {
        let fixture = try Fixture.health()
        defer { fixture.stop() }
        #expect(flattened(try fixture.exchange(request)) == response)
    }

    @Test(
        "close the connection when the client or the version wants it",
        arguments: [
            ("GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", true),
            ("GET /health HTTP/1.1\r\nHost: x\r\nConnection: TE, Close\r\n\r\n", true),
            ("GET /health HTTP/1.0\r\n\r\n", true),
            ("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", false),
            ("GET /health HTTP/1.1\r\nHost: x\r\n\r\n", false),
            ("PUT /health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", true),
            ("PUT /health HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n", true),
        ])
    func persistence(request: String, closes: Bool) throws {
        let fixture = try Fixture.health()
        defer { fixture.stop() }
        let client = try #require(Client(port: fixture.port))
        client.send(request)
        let response = flattened(client.readResponse())
        #expect(response == ok + (closes ? "Connection: close||OK" : "|OK"))
        client.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(flattened(client.readResponse()) == (closes ? "" : ok + "|OK"))
    }

    @Test(
        "that are malformed or too large are refused, and the connection closed",
        arguments: [
            ("hello\r\n\r\n", "400 Bad Request"),
            ("GET /health\r\n\r\n", "400 Bad Request"),
            ("GET  /health HTTP/1.1\r\nHost: x\r\n\r\n", "400 Bad Request"),
            ("GET /health HTTP/1.1\r\n\r\n", "400 Bad Request"),
            ("GET /health HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400 Bad Request"),
            ("GET /health HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", "400 Bad Request"),
            ("GET /health HTTP/1.1\r\nHost : x\r\n\r\n", "400 Bad Request"),
            ("GET /health HTTP/1.1\r\nHost: x\r\nA: \u{1}\r\n\r\n", "400 Bad Request"),
            ("GET /health HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", "400 Bad Request"),
            ("GET /hea\0lth HTTP/1.1\r\nHost: x\r\n\r\n", "400 Bad Request"),
            ("GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400 Bad Request"),
            ("GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n", "400 Bad Request"),
            ("GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 Bad Request"),
            (
                "GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "400 Bad Request"
            ),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 HTTP Version Not Supported"),
            ("POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", "413 Content Too Large"),
            (
                "GET /health HTTP/1.1\r\nHost: x\r\n" + String(repeating: "A: b\r\n", count: 64) + "\r\n",
                "431 Request Header Fields Too Large"
            ),
            (
                "GET /health HTTP/1.1\r\nHost: x\r\nA: " + String(repeating: "b", count: 8192) + "\r\n\r\n",
                "431 Request Header Fields Too Large"
            ),
            ("GET /" + String(repeating: "b", count: 100_000), "431 Request Header Fields Too Large"),
        ])
    func refused(request: String, status: String) throws {
        let fixture = try Fixture.health()
        defer { fixture.stop() }
        let client = try #require(Client(port: fixture.port))
        client.send(request)
        let head = "HTTP/1.1 \(status)|Content-Type: text/plain; charset=utf-8|"
        let response = flattened(client.readToEnd())
        #expect(response == head + "Content-Length: \(status.utf8.count + 1)|Connection: close||\(status)\n")
    }

    @Test("may come one byte at a time")
    func byteByByte() throws {
        let fixture = try Fixture.health()
        defer { fixture.stop() }
        let client = try #require(Client(port: fixture.port))
        for _ in 0..<2 {
            for character in "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab".unicodeScalars {
                client.send(String(character))
            }
            #expect(flattened(client.readResponse()) == ok + "|OK")
        }
    }

    @Test("may be pipelined, with bodies, and are answered in order")
    func pipelined() throws {
        let fixture = try Fixture([
            ("/a", { HTTPResponse(text: "a" + $0.query) }), ("/b", { HTTPResponse(text: "b" + $0.query) }),
        ])
        defer { fixture.stop() }
        let client = try #require(Client(port: fixture.port))
        let rounds = 300
        var text = ""
        for round in 0..<rounds {
            text += "GET /a?\(round) HTTP/1.1\r\nHost: x\r\n\r\n"
            text += "POST /b?\(round) HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nGET /"
        }
        client.send(text)
        for round in 0..<rounds {
            #expect(client.readResponse().hasSuffix("\r\n\r\na\(round)"))
            #expect(client.readResponse().hasSuffix("\r\n\r\nb\(round)"))
        }
    }

    @Test("reach the handler with method, path and query")
    func parts() throws {
        let fixture = try Fixture([
            ("/ready", { HTTPResponse(status: 503, text: "\($0.method) \($0.path) \($0.query)") })
        ])
        defer { fixture.stop() }
        let response = try fixture.exchange("PATCH /ready?a=b?c HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(response.hasPrefix("HTTP/1.1 503 Service Unavailable\r\n"))
        #expect(response.hasSuffix("\r\n\r\nPATCH /ready a=b?c"))
        #expect(
            response.contains(#/Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} 20\d\d \d\d:\d\d:\d\d GMT\r\n/#)
        )
    }
}
