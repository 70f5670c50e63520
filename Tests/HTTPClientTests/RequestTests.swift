import Dispatch
import HTTPClient
import Testing

@Suite struct RequestTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        var method = "GET"
        var path = "/"
        var headers: [HTTPHeader] = []
        var body = ""
        let sent: String
        var testDescription: String { name }
    }

    static let cases: [Case] = [
        Case(
            name: "nothing that was not asked for",
            sent: "GET / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: tester/1.0\r\n\r\n"),
        Case(
            name: "path and query as they are", path: "/api/v1/services?watch=true&labelSelector=a%3Db%2Cc%21%3Dd",
            sent: "GET /api/v1/services?watch=true&labelSelector=a%3Db%2Cc%21%3Dd HTTP/1.1\r\nHost: HOST\r\n"
                + "User-Agent: tester/1.0\r\n\r\n"),
        Case(
            name: "header fields in their order",
            headers: [
                HTTPHeader("Accept", "application/json"), HTTPHeader("Authorization", "Bearer t"),
                HTTPHeader("Impersonate-Group", "a"), HTTPHeader("Impersonate-Group", "b"), HTTPHeader("Empty", ""),
            ],
            sent: "GET / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: tester/1.0\r\nAccept: application/json\r\n"
                + "Authorization: Bearer t\r\nImpersonate-Group: a\r\nImpersonate-Group: b\r\nEmpty:\r\n\r\n"),
        Case(
            name: "host and user agent are the client's",
            headers: [HTTPHeader("host", "other"), HTTPHeader("user-agent", "curl")],
            sent: "GET / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: tester/1.0\r\n\r\n"),
        Case(
            name: "content", method: "POST", path: "/dns-query",
            headers: [HTTPHeader("Content-Type", "application/dns-message")], body: "a\0b",
            sent: "POST /dns-query HTTP/1.1\r\nHost: HOST\r\nUser-Agent: tester/1.0\r\n"
                + "Content-Type: application/dns-message\r\nContent-Length: 3\r\n\r\na\0b"),
        Case(
            name: "content that is empty", method: "POST",
            sent: "POST / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: tester/1.0\r\nContent-Length: 0\r\n\r\n"),
        Case(
            name: "another method", method: "DELETE", path: "/x",
            sent: "DELETE /x HTTP/1.1\r\nHost: HOST\r\nUser-Agent: tester/1.0\r\n\r\n"),
        Case(
            name: "another method with content", method: "PUT", body: "new",
            sent: "PUT / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: tester/1.0\r\nContent-Length: 3\r\n\r\nnew"),
        Case(
            name: "the head alone", method: "HEAD",
            sent: "HEAD / HTTP/1.1\r\nHost: HOST\r\nUser-Agent: tester/1.0\r\n\r\n"),
    ]

    @Test("sends", arguments: cases)
    func bytes(_ example: Case) {
        let server = ScriptedServer([.receive, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .hold])
        let client = ClientUnderTest()
        var request = HTTPRequest(url: "http://127.0.0.1:\(server.port)\(example.path)")
        request.method = example.method
        request.headers = example.headers
        request.body = Array(example.body.utf8)
        let response = client.send(request)
        #expect(response.outcome == "complete")
        #expect(response.head?.status == 200)
        #expect(server.requests == [example.sent.replacing("HOST", with: "127.0.0.1:\(server.port)")])
    }

    @Test("sends a megabyte without asking first")
    func largeContent() {
        let server = ScriptedServer([.receive, .send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .hold])
        let client = ClientUnderTest()
        var request = HTTPRequest(url: server.url)
        request.method = "POST"
        request.body = [UInt8](repeating: UInt8(ascii: "x"), count: 2_000_000)
        #expect(client.send(request).outcome == "complete")
        #expect(server.requests.first?.hasSuffix(String(repeating: "x", count: 2_000_000)) == true)
        #expect(server.requests.first?.contains("Expect") == false)
    }

    struct Mistake: CustomTestStringConvertible, Sendable {
        let name: String
        let sentence: String
        let request: HTTPRequest
        var testDescription: String { name }

        init(
            _ name: String, _ sentence: String, url: String = "http://127.0.0.1/", _ change: (inout HTTPRequest) -> Void
        ) {
            self.name = name
            self.sentence = sentence
            var request = HTTPRequest(url: url)
            change(&request)
            self.request = request
        }
    }

    static let mistakes: [Mistake] = [
        Mistake("no URL", "'' is not a URL", url: "") { _ in },
        Mistake("no scheme", "'127.0.0.1:80' is not a URL", url: "127.0.0.1:80") { _ in },
        Mistake("a port that is none", "'https://a:99999/' is not a URL", url: "https://a:99999/") { _ in },
        Mistake("a space", "'http://127.0.0.1/a b' is not a URL", url: "http://127.0.0.1/a b") { _ in },
        Mistake(
            "another protocol", "'file:///etc/passwd' does not begin with https:// or http://",
            url: "file:///etc/passwd"
        ) { _ in },
        Mistake(
            "a long URL", "a URL is longer than 16384 bytes", url: "http://a/" + String(repeating: "x", count: 16_384)
        ) {
            _ in
        },
        Mistake("a line end in a value", "the header field 'A' has bytes that cannot be sent") {
            $0.headers = [HTTPHeader("A", "b\r\nC: d")]
        },
        Mistake("a name that is none", "the header field 'A B' has bytes that cannot be sent") {
            $0.headers = [HTTPHeader("A B", "c")]
        },
        Mistake("many fields", "a request has more than 64 header fields") {
            $0.headers = (0..<65).map { HTTPHeader("F\($0)", "x") }
        },
        Mistake("large fields", "a request has more than 65536 bytes of header fields") {
            $0.headers = [HTTPHeader("F", String(repeating: "x", count: 65_536))]
        },
        Mistake("a method that is none", "'GET /' is not a method of HTTP") { $0.method = "GET /" },
        Mistake("a proxy that is none", "the proxy is not an http://, https:// or socks5:// address") {
            $0.transport.proxy = "ftp://user:secret@proxy/"
        },
        Mistake("a server name that is none", "'a b' cannot be the name of a server", url: "https://127.0.0.1/") {
            $0.transport.serverName = "a b"
        },
        Mistake(
            "no authority", "the certificates to trust 127.0.0.1:443 by are empty", url: "https://127.0.0.1/"
        ) { $0.transport.authorities = .pem([]) },
    ]

    @Test("says what is wrong with a request, later", arguments: mistakes)
    func mistake(_ mistake: Mistake) {
        let client = ClientUnderTest()
        let response = client.queue.sync {
            let response = Recorder()
            _ = client.sendOnQueue(mistake.request, to: response)
            #expect(response.calls.isEmpty)
            return response
        }
        #expect(response.outcome == "misconfigured: \(mistake.sentence)")
    }

    @Test("a mistake that was cancelled is not told")
    func cancelledMistake() {
        let client = ClientUnderTest()
        let response = Recorder()
        client.queue.sync { client.sendOnQueue(HTTPRequest(url: "x"), to: response).cancel() }
        client.queue.sync {}
        #expect(response.calls.isEmpty)
    }
}
