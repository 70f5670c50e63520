import Dispatch
import HTTPClient
import Locking
import TestSupport
import Testing

@Suite struct CancelTests {
    static let endless = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
    static let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

    @Test("nothing comes after a cancellation, however often it is asked for")
    func outside() {
        let server = ScriptedServer([.receive, .send(Self.endless), .hold])
        let client = ClientUnderTest()
        let response = Recorder()
        let exchange = client.send(HTTPRequest(url: server.url), to: response)
        #expect(response.waitForText("abc"))
        for _ in 0..<3 { client.cancel(exchange) }
        let calls = response.calls
        #expect(client.get(ScriptedServer([.receive, .send(Self.hello)]).url).waitForEnd() != nil)
        #expect(response.calls == calls)
        #expect(response.end == nil)
    }

    @Test("an exchange can be cancelled before it began")
    func atOnce() {
        let server = ScriptedServer([.receive, .send(Self.hello)])
        let client = ClientUnderTest()
        let response = Recorder()
        client.queue.sync { client.sendOnQueue(HTTPRequest(url: server.url), to: response).cancel() }
        #expect(client.get(server.url).outcome == "complete")
        #expect(response.calls.isEmpty)
    }

    @Test("the receiver may cancel its own exchange", arguments: [Recorder.Call.head, .bytes, .end])
    func within(_ call: Recorder.Call) {
        let server = ScriptedServer([.answerAll(Self.hello)])
        let client = ClientUnderTest()
        let response = Recorder()
        let exchange = Lock<HTTPExchange?>(nil)
        response.react { now in
            if now == call { exchange.withLock { $0 }?.cancel() }
        }
        client.queue.sync {
            let sent = client.sendOnQueue(HTTPRequest(url: server.url), to: response)
            exchange.withLock { $0 = sent }
        }
        #expect(patiently { response.calls.last == call })
        // What comes after shows that the client is well, and that nothing more is told.
        #expect(client.get(server.url).outcome == "complete")
        #expect(response.calls == [.head, .bytes, .end].prefix { $0 != call } + [call])
    }

    @Test("the receiver may cancel another exchange", arguments: [Recorder.Call.head, .bytes, .end])
    func another(_ call: Recorder.Call) {
        let slow = ScriptedServer([.receive, .send(Self.endless), .hold])
        let server = ScriptedServer([.answerAll(Self.hello)])
        let client = ClientUnderTest()
        let other = Recorder()
        let exchange = client.send(HTTPRequest(url: slow.url), to: other)
        #expect(other.waitForText("abc"))
        let response = Recorder { if $0 == call { exchange.cancel() } }
        _ = client.send(HTTPRequest(url: server.url), to: response)
        #expect(response.outcome == "complete")
        #expect(other.end == nil)
        #expect(client.get(server.url).outcome == "complete")
    }

    @Test("the receiver may send another request", arguments: [Recorder.Call.head, .bytes, .end])
    func sendWithin(_ call: Recorder.Call) {
        let server = ScriptedServer([.answerAll(Self.hello)])
        let client = ClientUnderTest()
        let second = Recorder()
        let first = Recorder { [url = server.url] now in
            if now == call { _ = client.sendOnQueue(HTTPRequest(url: url), to: second) }
        }
        _ = client.send(HTTPRequest(url: server.url), to: first)
        #expect(first.outcome == "complete")
        #expect(second.outcome == "complete")
        #expect(second.text == "hello")
        withExtendedLifetime(server) {}
    }

    @Test("the receiver may close the client, which is as new after it", arguments: [Recorder.Call.head, .bytes, .end])
    func closeWithin(_ call: Recorder.Call) {
        let slow = ScriptedServer([.receive, .send(Self.endless), .hold])
        let server = ScriptedServer([.answerAll(Self.hello)])
        let client = ClientUnderTest()
        let other = client.get(slow.url)
        #expect(other.waitForText("abc"))
        let response = Recorder { if $0 == call { client.closeOnQueue() } }
        _ = client.send(HTTPRequest(url: server.url), to: response)
        #expect(patiently { response.calls.last == call })
        #expect(client.get(server.url).outcome == "complete")
        #expect(response.calls.last == call)
        #expect(other.end == nil)
        #expect(server.connectionCount == 2)
    }

    @Test("the receiver may let go of the client", arguments: [Recorder.Call.head, .bytes, .end])
    func releaseWithin(_ call: Recorder.Call) {
        let server = ScriptedServer([.receive, .send(Self.hello), .hold])
        let queue = DispatchQueue(label: "test.http")
        let client = Lock<HTTPClient?>(HTTPClient(queue: queue, userAgent: "tester"))
        let response = Recorder { now in
            if now == call { client.withLock { $0 = nil } }
        }
        queue.sync {
            let held = client.withLock { $0 }
            _ = held?.send(HTTPRequest(url: server.url), to: response)
        }
        #expect(patiently { response.calls.contains(call) })
        queue.sync {}
        #expect(client.withLock { $0 == nil })
    }

    @Test("an exchange outlives what the caller keeps of it, and its client outlives it")
    func unheld() {
        let server = ScriptedServer([.receive, .pause, .send(Self.hello)])
        var client: ClientUnderTest? = ClientUnderTest()
        let response = client?.get(server.url)
        server.proceed()
        #expect(response?.outcome == "complete")
        client = nil
        #expect(response?.calls == [.head, .bytes, .end])
    }

    @Test("what had failed already is not told after the client was closed")
    func closeAfterFailure() {
        let client = ClientUnderTest()
        let response = Recorder()
        client.queue.sync {
            _ = client.sendOnQueue(HTTPRequest(url: "x"), to: response)
            client.closeOnQueue()
        }
        client.queue.sync {}
        #expect(response.calls.isEmpty)
    }
}
