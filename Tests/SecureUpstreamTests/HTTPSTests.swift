import DNSMessage
import SecureUpstream
import TestSupport
import Testing
import Upstream

@Suite("Asking over HTTPS", .enabled(if: TLSFront.isAvailable, "\(TLSFront.unavailable)"))
struct HTTPSTests {
    private func options(_ front: TLSFront, _ method: HTTPSOptions.Method = .post) throws -> HTTPSOptions {
        var tls = TLSOptions()
        tls.authorities = front.authority
        return try HTTPSOptions(url: "https://127.0.0.1:\(front.port)", tls: tls, method: method)
    }

    @Test("asks as RFC 8484 wants it, and gets the reply", arguments: [HTTPSOptions.Method.post, .get])
    func asks(method: HTTPSOptions.Method) throws {
        let web = try ScriptedWeb { .answer(type: "application/dns-message; charset=x", $0) }
        let front = try TLSFront(backendPort: web.port)
        let asker = try Asker(.https(options(front, method)))
        for _ in 0..<3 {
            let outcome = asker.ask("Some.Example.0. A")
            #expect(outcome.transport == .https, "\(outcome)")
            #expect(outcome.reply?.questionName == "Some.Example.0.")
            #expect(outcome.reply?.prefix(2) == [0, 0])
        }
        let requests = web.requests
        #expect(requests.count == 3)
        #expect(Set(requests.map { $0.field("x-front-protocol") }) == ["http/2.0"])
        #expect(Set(requests.map { $0.field("x-front-connection") }).count == 1)
        #expect(Set(requests.map { $0.field("accept") }) == ["application/dns-message"])
        // The id is 0; in base64 the header, without padding, is this.
        let start = method == .post ? "post /dns-query http" : "get /dns-query?dns=aaabaaabaaaaaaaa"
        #expect(requests.allSatisfy { $0.head.hasPrefix(start) }, "\(requests)")
        #expect(requests.allSatisfy { !$0.head.contains("= http") && !$0.head.contains("%") })
        #expect(asker.pendingCount == 0)
    }

    @Test(
        "what comes wrong ends in words",
        arguments: [
            ("status", "the server answers with status 502"),
            ("type", "the server answers with content of type 'text/html'"),
            ("size", "the server answers with more than 65535 bytes"),
            ("other", "the server's reply does not answer the query"),
            ("empty", "the server's reply does not answer the query"), ("silence", "timed out"),
        ])
    func failsInWords(fault: String, word: String) throws {
        let type = "application/dns-message"
        let web = try ScriptedWeb { request in
            switch fault {
            case "status": .answer(status: 502, type: type, request)
            case "type": .answer(type: "text/html", request)
            case "size": .content(status: 200, type: type, [UInt8](repeating: 1, count: 65_536))
            case "other": .content(status: 200, type: type, QueryText("other.example. A +qr").bytes)
            case "empty": .content(status: 200, type: type, [])
            default: .silence
            }
        }
        let front = try TLSFront(backendPort: web.port)
        let asker = try Asker(.https(options(front)))
        let outcome = asker.ask("a.example. A", milliseconds: fault == "silence" ? 300 : 30_000)
        #expect(outcome.word == word)
        #expect(asker.pendingCount == 0)
    }

    @Test("a server that is not to be trusted, or not there, fails in words")
    func refusesServer() throws {
        let front = try TLSFront(backendPort: nil)
        let trusting = try Asker(.https(HTTPSOptions(url: "https://127.0.0.1:\(front.port)")))
        #expect(trusting.ask("a.example. A").word.contains("certificate"))
        let nobody = try Asker(.https(HTTPSOptions(url: "https://127.0.0.1:\(FreePorts.take())")))
        #expect(nobody.ask("a.example. A").word.contains("127.0.0.1"))
    }

    @Test("what was taken back or closed is not heard of any more")
    func endsQuietly() throws {
        let web = try ScriptedWeb { _ in .silence }
        let front = try TLSFront(backendPort: web.port)
        let asker = try Asker(.https(options(front)))
        let taken = asker.start("a.example. A")
        asker.cancel(taken)
        let last = asker.start("b.example. A", milliseconds: 300)
        asker.close()
        #expect(asker.ask("c.example. A").word == "closed")
        #expect(last.wait().word == "timed out")
        #expect(taken.count == 0)
        #expect(asker.pendingCount == 0)
    }
}

extension ScriptedWeb.Response {
    /// The answer to the query of a POST, or without content of any.
    fileprivate static func answer(status: Int = 200, type: String, _ request: ScriptedWeb.Request) -> Self {
        let query = request.content.isEmpty ? QueryText("Some.Example.0. A id=0").bytes : request.content
        return .content(status: status, type: type, [0, 0, 0x81, 0x80] + query[4...])
    }
}
