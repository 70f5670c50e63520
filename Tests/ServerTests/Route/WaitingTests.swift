import DNSMessage
import Glibc
import Plugins
import TestSupport
import Testing

/// Queries that wait inside the server, while others are answered.
@Suite struct WaitingTests {
    private static let corefile = """
        . {
            waiting
            fixture {
                record web.example. 5 IN A 10.0.0.1
                record slow.example. 5 IN A 10.0.0.2
                record twice.example. 5 IN A 10.0.0.3
                record later.example. 5 IN A 10.0.0.4
                record alias.example. 5 IN CNAME slow.example.
                record slow2.example. 5 IN CNAME slow.example.
            }
        }
        """

    private static func server(_ corefile: String = corefile) throws -> TestServer {
        var setting = TestServer.Setting()
        setting.kinds = [Waiting.self, Fixture.self] + Registry.kinds
        return try TestServer(corefile, setting)
    }

    @Test(
        "answers a query that waited, over UDP and TCP",
        arguments: [
            ("slow.example. A id=7", ["slow.example. 5 IN A 10.0.0.2"]),
            ("SLOW.Example. A id=7 +do", ["SLOW.Example. 5 IN A 10.0.0.2"]),
            ("twice.example. A id=7", ["twice.example. 5 IN A 10.0.0.3"]),
            ("alias.example. A id=7", ["alias.example. 5 IN CNAME slow.example.", "slow.example. 5 IN A 10.0.0.2"]),
            ("slow2.example. A id=7", ["slow2.example. 5 IN CNAME slow.example.", "slow.example. 5 IN A 10.0.0.2"]),
        ])
    func answersLate(_ query: String, _ answer: [String]) throws {
        let server = try Self.server()
        let text = QueryText(query)
        for reply in [try server.udp().ask(text), try server.tcp().ask(text)] {
            #expect(reply.message.id == 7)
            #expect(reply.answer == answer)
        }
    }

    @Test("answers others while a query waits, also on the same connection")
    func overtakes() throws {
        let server = try Self.server()
        let udp = try server.udp()
        try udp.send(QueryText("slow.example. A id=1").bytes)
        try udp.send(QueryText("web.example. A id=2").bytes)
        #expect(try udp.receive()?.message.id == 2)
        #expect(try udp.receive()?.message.id == 1)
        let tcp = try server.tcp()
        try tcp.send(QueryText("slow.example. A id=1").framed + QueryText("web.example. A id=2").framed)
        #expect(try tcp.receive()?.message.id == 2)
        #expect(try tcp.receive()?.message.id == 1)
    }

    @Test("lets hundreds wait, more than keep their memory and more than a connection may have waiting")
    func letsManyWait() throws {
        let server = try Self.server()
        let tcp = try server.tcp()
        let ids = 0..<700 as Range<UInt16>
        try tcp.send(ids.flatMap { QueryText("slow.example. A id=\($0)").framed })
        let udp = try server.udp()
        for id in ids where id % 2 == 0 { try udp.send(QueryText("Slow.example. A id=\(id)").bytes) }
        var seen: Set<UInt16> = []
        for _ in ids {
            let reply = try #require(try tcp.receive())
            #expect(reply.answer == ["slow.example. 5 IN A 10.0.0.2"])
            seen.insert(reply.message.id)
        }
        #expect(seen == Set(ids))
        #expect(try udp.receive()?.answer == ["Slow.example. 5 IN A 10.0.0.2"])
    }

    @Test("answers a client that has finished sending, then closes")
    func answersHalfClosed() throws {
        let server = try Self.server()
        let tcp = try server.tcp()
        try tcp.send(QueryText("slow.example. A id=1").framed)
        tcp.finishSending()
        #expect(try tcp.receive()?.message.id == 1)
        #expect(tcp.end() == .closed)
    }

    @Test("goes on when a client is gone before its answer")
    func survivesGoneClients() throws {
        let server = try Self.server()
        for _ in 0..<50 { try server.tcp().send(QueryText("slow.example. A").framed) }
        #expect(try server.udp().ask(QueryText("slow.example. A id=3")).message.id == 3)
    }

    @Test("answers what waits when another configuration takes over, and when the server stops")
    func answersBeforeTheEnd() throws {
        let server = try Self.server()
        let udp = try server.udp()
        let tcp = try server.tcp()
        try udp.send(QueryText("slow.example. A id=1").bytes)
        try tcp.send(QueryText("slow.example. A id=2").framed)
        #expect(try server.udp().ask(QueryText("web.example. A id=9")).message.id == 9)
        try server.reload(". {\n fixture {\n record web.example. 5 IN A 10.0.0.9\n }\n}\n")
        #expect(try udp.receive()?.message.answer.count == 1)
        #expect(try tcp.receive()?.message.answer.count == 1)
        try server.reload(Self.corefile)
        try udp.send(QueryText("slow.example. A id=3").bytes)
        #expect(try server.udp().ask(QueryText("web.example. A id=9")).message.id == 9)
        server.stop()
        #expect(try udp.receive()?.message.id == 3)
    }

    @Test("asks again what a plugin wants asked again, but not for ever")
    func asksAgain() throws {
        let server = try Self.server()
        let reply = try server.udp().ask(QueryText("again.example. A"))
        #expect(reply.answer == ["web.example. 5 IN A 10.0.0.1"])
        #expect(try server.udp().ask(QueryText("forever.example. A")).code == .servFail)
    }

    @Test("asks in the background while the client has its reply already")
    func asksInBackground() throws {
        let server = try Self.server()
        #expect(try server.udp().ask(QueryText("later.example. A")).code == .servFail)
        var answers = 0
        // A worker that is asked without a pause comes to its background last, and other tests may have all threads.
        for _ in 0..<5_000 where answers == 0 {
            usleep(10_000)
            answers = try server.udp().ask(QueryText("later.example. A")).message.answer.count
        }
        #expect(answers == 1)
    }
}
