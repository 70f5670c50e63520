import HTTPClient
import Testing

@Suite struct ResponseTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let name: String
        let sent: String
        var status = 200
        var headers: [String] = []
        var text = ""
        var outcome = "complete"
        var testDescription: String { name }
    }

    static let whole: [Case] = [
        Case(
            name: "content of a known length", sent: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            headers: ["Content-Length: 5"], text: "hello"),
        Case(
            name: "chunks",
            sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
            headers: ["Transfer-Encoding: chunked"], text: "hello"),
        Case(
            name: "chunks and trailers",
            sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n",
            headers: ["Transfer-Encoding: chunked", "Trailer: A"], text: "x"),
        Case(name: "content up to the end of the connection", sent: "HTTP/1.0 200 OK\r\n\r\nhello", text: "hello"),
        Case(name: "no content", sent: "HTTP/1.1 204 No Content\r\n\r\n", status: 204),
        Case(
            name: "a status without reason", sent: "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", status: 404,
            headers: ["Content-Length: 0"]),
        Case(
            name: "an error is a response as well",
            sent: "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\n"
                + "Content-Length: 4\r\n\r\nwait",
            status: 429, headers: ["Retry-After: 1", "Content-Length: 4"], text: "wait"),
        Case(
            name: "a redirect is not followed",
            sent: "HTTP/1.1 302 Found\r\nLocation: /other\r\n"
                + "Content-Length: 0\r\n\r\n",
            status: 302, headers: ["Location: /other", "Content-Length: 0"]),
        Case(
            name: "interim responses are passed over",
            sent: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
                + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
            headers: ["Content-Length: 2"], text: "ok"),
        Case(
            name: "white space around values, a line that goes on, a value with a colon, no value",
            sent: "HTTP/1.1 200 OK\r\nA:   b \t\r\n  c\r\nD: e:f\r\nG:\r\nContent-Length: 0\r\n\r\n",
            headers: ["A: b c", "D: e:f", "G: ", "Content-Length: 0"]),
        Case(
            name: "the same field twice", sent: "HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nContent-Length: 0\r\n\r\n",
            headers: ["A: 1", "a: 2", "Content-Length: 0"]),
        Case(
            name: "compression that nobody asked for is left alone",
            sent: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
            headers: ["Content-Encoding: gzip", "Content-Length: 3"], text: "abc"),
    ]

    @Test("hands over head and content", arguments: whole, [false, true])
    func wholeResponses(_ example: Case, isSlow: Bool) {
        let server = ScriptedServer([.receive, isSlow ? .trickle(example.sent) : .send(example.sent)])
        let client = ClientUnderTest()
        let response = client.get(server.url)
        #expect(response.outcome == example.outcome)
        #expect(response.head?.status == example.status)
        #expect(response.head?.headers.map { "\($0.name): \($0.value)" } == example.headers)
        #expect(response.text == example.text)
    }

    static let fields = (0..<300).map { "Field-\($0): value\r\n" }.joined()
    static let broken: [Case] = [
        Case(name: "nothing at all", sent: "", outcome: "cutShort"),
        Case(name: "half a status line", sent: "HTTP/1.1 20", outcome: "cutShort"),
        Case(name: "half a head", sent: "HTTP/1.1 200 OK\r\nA: b\r\n", outcome: "cutShort"),
        Case(
            name: "content that is too short", sent: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc",
            text: "abc", outcome: "cutShort"),
        Case(
            name: "an end in mid-chunk", sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
            text: "abc", outcome: "cutShort"),
        Case(
            name: "an end without the last chunk",
            sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", text: "abc",
            outcome: "cutShort"),
        Case(name: "no HTTP", sent: "SSH-2.0-OpenSSH_9.2\r\n", outcome: "garbled"),
        Case(name: "no HTTP, and long", sent: String(repeating: "garbage ", count: 20_000), outcome: "garbled"),
        Case(name: "a status that is none", sent: "HTTP/1.1 banana\r\n\r\n", outcome: "garbled"),
        Case(name: "a length that is none", sent: "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", outcome: "garbled"),
        Case(
            name: "a chunk that is none",
            sent: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n", outcome: "garbled"),
        Case(
            name: "too many header fields", sent: "HTTP/1.1 200 OK\r\n\(fields)Content-Length: 0\r\n\r\n",
            outcome: "garbled"),
        Case(
            name: "a header field that is too long",
            sent: "HTTP/1.1 200 OK\r\nA: \(String(repeating: "a", count: 70_000))\r\n\r\n", outcome: "garbled"),
        Case(
            name: "interim responses without end",
            sent: String(repeating: "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", count: 2_000),
            outcome: "garbled"),
    ]

    @Test("a response that is not whole, or none, is told apart", arguments: broken)
    func brokenResponses(_ example: Case) {
        let server = ScriptedServer([.receive, .send(example.sent)])
        let client = ClientUnderTest()
        let response = client.get(server.url)
        #expect(response.outcome.hasPrefix("\(example.outcome): "))
        #expect(response.outcome.contains("127.0.0.1:\(server.port)"))
        #expect(!response.outcome.hasSuffix("."))
        #expect(response.text == example.text)
        #expect(response.calls.filter { $0 == .end }.count == 1)
    }

    @Test("a connection that is reset is cut short")
    func reset() {
        let server = ScriptedServer([
            .receive, .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), .pause, .reset,
        ])
        let client = ClientUnderTest()
        let response = client.get(server.url)
        #expect(response.waitForText("abc"))
        server.proceed()
        #expect(response.failureKind == .cutShort)
    }

    @Test("bytes are handed over when they come, not when all are there")
    func streaming() {
        let server = ScriptedServer([
            .receive, .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), .pause,
            .send("3\r\nabc\r\n"), .pause, .send("3\r\ndef\r\n"), .pause, .send("0\r\n\r\n"),
        ])
        let client = ClientUnderTest()
        let response = client.get(server.url)
        #expect(response.waitForHead())
        server.proceed()
        #expect(response.waitForText("abc"))
        server.proceed()
        #expect(response.waitForText("abcdef"))
        #expect(response.end == nil)
        server.proceed()
        #expect(response.outcome == "complete")
    }

    @Test("a megabyte arrives whole")
    func large() {
        let text = (0..<150_000).map { "\($0)\n" }.joined()
        let server = ScriptedServer([
            .receive, .send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"),
        ])
        let client = ClientUnderTest()
        let response = client.get(server.url)
        #expect(response.outcome == "complete")
        #expect(response.text == text)
    }

    @Test("requests that follow each other use one connection; one that the server closed is not used")
    func reuse() {
        let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
        let server = ScriptedServer([.receive, .send(hello), .receive, .send(hello)], [.answerAll(hello)])
        let client = ClientUnderTest()
        for _ in 0..<4 {
            let response = client.get(server.url)
            #expect(response.outcome == "complete")
            #expect(response.text == "hello")
        }
        #expect(server.connectionCount == 2)
    }
}
