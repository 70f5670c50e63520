import HTTPClient
import TestSupport
import Testing

@Suite(.enabled(if: TLSFront.isAvailable, Comment(rawValue: TLSFront.unavailable)))
struct HTTP2Tests {
    @Test("requests sent at once share one connection")
    func shared() throws {
        let backend = ScriptedServer([.answerAll(CancelTests.hello)])
        let front = try TLSFront(backendPort: backend.port)
        let client = ClientUnderTest()
        let responses = (0..<50).map { _ in client.send(front.request()) }
        #expect(responses.allSatisfy { $0.outcome == "complete" && $0.text == "hello" })
        #expect(Set(responses.compactMap { $0.head?.value("X-Front-Connection") }).count == 1)
    }

    @Test("streams stay open beside each other, and beside short requests")
    func streams() throws {
        let streams = ScriptedServer([
            .receive, .send(CancelTests.endless), .pause, .send("3\r\ndef\r\n0\r\n\r\n"),
        ])
        let front = try TLSFront(backendPort: streams.port, directives: ["location /short { return 200 short; }"])
        let client = ClientUnderTest()
        let watches = (0..<3).map { _ in client.send(front.request()) }
        #expect(watches.allSatisfy { $0.waitForText("abc") })
        let short = client.send(front.request("/short"))
        #expect(short.outcome == "complete")
        #expect(watches.allSatisfy { $0.text == "abc" && $0.end == nil })
        for _ in watches { streams.proceed() }
        #expect(watches.allSatisfy { $0.outcome == "complete" && $0.text == "abcdef" })
        #expect(Set((watches + [short]).compactMap { $0.head?.value("X-Front-Connection") }).count == 1)
    }

    @Test("more streams than the server allows on a connection are open all the same")
    func manyStreams() throws {
        let streams = ScriptedServer([.receive, .send(CancelTests.endless), .hold])
        let front = try TLSFront(backendPort: streams.port, directives: ["http2_max_concurrent_streams 2;"])
        let client = ClientUnderTest()
        let watches = (0..<7).map { _ in client.send(front.request()) }
        #expect(watches.allSatisfy { $0.waitForText("abc") })
        #expect(watches.allSatisfy { $0.end == nil })
    }

    @Test("one stream is cancelled, the others do not notice")
    func cancelOne() throws {
        let streams = ScriptedServer([.receive, .send(CancelTests.endless), .pause, .send("3\r\ndef\r\n"), .hold])
        let front = try TLSFront(backendPort: streams.port)
        let client = ClientUnderTest()
        let (first, second) = (Recorder(), Recorder())
        let exchange = client.send(front.request(), to: first)
        _ = client.send(front.request(), to: second)
        #expect(first.waitForText("abc") && second.waitForText("abc"))
        client.cancel(exchange)
        for _ in 0..<2 { streams.proceed() }
        #expect(second.waitForText("abcdef"))
        #expect(first.text == "abc" && first.end == nil)
    }

    @Test("GOAWAY: what is under way goes on, what comes after has a new connection, nothing is lost")
    func goaway() throws {
        let streams = ScriptedServer([.receive, .send(CancelTests.endless), .pause, .send("3\r\ndef\r\n0\r\n\r\n")])
        let front = try TLSFront(
            backendPort: streams.port,
            directives: ["keepalive_requests 10;", "location /short { return 200 short; }"])
        let client = ClientUnderTest()
        let watch = client.send(front.request())
        #expect(watch.waitForText("abc"))
        for _ in 0..<30 {
            let short = client.send(front.request("/short"))
            #expect(short.outcome == "complete")
            #expect(short.text == "short")
        }
        #expect(watch.end == nil)
        streams.proceed()
        #expect(watch.outcome == "complete")
        #expect(watch.text == "abcdef")
    }

    @Test("GOAWAY among many requests at once: each comes to an end, and none to a wrong one")
    func goawayUnderLoad() throws {
        let front = try TLSFront(backendPort: nil, directives: ["keepalive_requests 7;"])
        let client = ClientUnderTest()
        var completeCount = 0
        for _ in 0..<5 {
            let responses = (0..<60).map { _ in client.send(front.request()) }
            for response in responses {
                let outcome = response.outcome
                #expect(outcome == "complete" || outcome.hasPrefix("cutShort: "))
                guard outcome == "complete" else { continue }
                completeCount += 1
                #expect(response.text == "hello")
            }
        }
        // libcurl sends again what the server refused; how often it may is its own business.
        #expect(completeCount > 150)
        #expect(client.send(front.request()).outcome == "complete")
    }

    @Test("the server goes in mid-stream: every stream is cut short", arguments: [true, false])
    func serverGone(http2: Bool) throws {
        let streams = ScriptedServer([.receive, .send(CancelTests.endless), .hold])
        let front = try TLSFront(backendPort: streams.port, http2: http2)
        let client = ClientUnderTest()
        let watches = (0..<3).map { _ in client.send(front.request()) }
        #expect(watches.allSatisfy { $0.waitForText("abc") })
        front.stop()
        for watch in watches {
            #expect(watch.outcome.hasPrefix("cutShort: the connection to 127.0.0.1:\(front.port) ended early: "))
            #expect(watch.text == "abc")
        }
        #expect(client.send(front.request()).failureKind == .unreachable)
    }

    @Test("the server behind the front goes in mid-stream: the stream is reset, the connection stays")
    func backendGone() throws {
        let streams = ScriptedServer([.receive, .send(CancelTests.endless), .pause])
        let front = try TLSFront(
            backendPort: streams.port, directives: ["location /short { return 200 short; }"])
        let client = ClientUnderTest()
        let watch = client.send(front.request())
        #expect(watch.waitForText("abc"))
        streams.proceed()
        #expect(watch.failureKind == .cutShort)
        let short = client.send(front.request("/short"))
        #expect(short.outcome == "complete")
        #expect(short.head?.value("X-Front-Connection") == watch.head?.value("X-Front-Connection"))
    }

    @Test("content goes up")
    func post() throws {
        let backend = ScriptedServer([.answerAll(CancelTests.hello)])
        let front = try TLSFront(backendPort: backend.port)
        let client = ClientUnderTest()
        var request = front.request("/dns-query")
        request.method = "POST"
        request.headers = [HTTPHeader("Content-Type", "application/dns-message")]
        request.body = Array("a query".utf8)
        #expect(client.send(request).outcome == "complete")
        #expect(backend.requests.first?.hasPrefix("POST /dns-query HTTP/1.1\r\n") == true)
        #expect(backend.requests.first?.hasSuffix("\r\n\r\na query") == true)
        #expect(backend.requests.first?.contains("X-Front-Protocol: HTTP/2.0\r\n") == true)
    }

    @Test("many megabytes arrive on several streams at once")
    func large() throws {
        let text = String(repeating: "0123456789abcdef", count: 200_000)
        let backend = ScriptedServer([
            .receive, .send("HTTP/1.1 200 OK\r\nContent-Length: \(text.utf8.count)\r\n\r\n\(text)"),
        ])
        let front = try TLSFront(backendPort: backend.port)
        let client = ClientUnderTest()
        let responses = (0..<4).map { _ in client.send(front.request()) }
        for response in responses {
            #expect(response.outcome == "complete")
            #expect(response.count == text.utf8.count)
            #expect(response.text == text)
        }
    }
}
