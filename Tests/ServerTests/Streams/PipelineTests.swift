import DNSMessage
import PluginKit
import Server
import TestSupport
import Testing

/// Messages on a TCP connection, however they are cut and joined (section J.9).
@Suite struct PipelineTests {
    private static let corefile = """
        . {
            fixture {
                record web.example. 5 IN A 10.0.0.1
                many answer data.example. 4000
                drop silent.example.
            }
        }
        """

    @Test("answers hundreds of queries from one segment, in their order")
    func answersOneSegment() throws {
        let server = try TestServer(Self.corefile)
        let client = try server.tcp()
        let ids = 0..<600 as Range<UInt16>
        try client.send(ids.flatMap { QueryText("web.example. A id=\($0)").framed })
        for id in ids { #expect(try client.receive()?.message.id == id) }
    }

    @Test("answers messages that arrive byte by byte")
    func answersSingleBytes() throws {
        let server = try TestServer(Self.corefile)
        let client = try server.tcp()
        let stream = QueryText("web.example. A id=1").framed + QueryText("web.example. A id=2 +do").framed
        for byte in stream { try client.send([byte]) }
        #expect(try client.receive()?.message.id == 1)
        #expect(try client.receive()?.edns == "size=1232 do")
    }

    @Test("answers two messages whose segments part at any byte")
    func answersEveryCut() throws {
        let server = try TestServer(Self.corefile)
        let client = try server.tcp()
        let stream = QueryText("web.example. A id=1").framed + QueryText("web.example. AAAA id=2").framed
        for cut in 1..<stream.count {
            try client.send(Array(stream[..<cut]))
            if cut >= stream.count / 2 { #expect(try client.receive()?.message.id == 1) }
            try client.send(Array(stream[cut...]))
            if cut < stream.count / 2 { #expect(try client.receive()?.message.id == 1) }
            #expect(try client.receive()?.message.id == 2)
        }
    }

    @Test("passes over empty, short and foreign messages and goes on")
    func passesOverOddMessages() throws {
        let server = try TestServer(Self.corefile)
        let client = try server.tcp()
        try client.send([0, 0] + [0, 0] + [0, 1, 42] + HexBytes("1234 8100 0001 0000 0000 00").bytes.framed)
        try client.send(QueryText("silent.example. A").framed + QueryText("web.example. A +qr").framed + [0, 0])
        #expect(try client.ask("web.example. A id=3").message.id == 3)
    }

    @Test("answers what was asked before the client stopped sending, then closes")
    func answersAfterHalfClose() throws {
        let server = try TestServer(Self.corefile)
        let client = try server.tcp()
        try client.send((0..<200).flatMap { QueryText("web.example. A id=\($0)").framed } + [0, 40, 1, 2])
        client.finishSending()
        for id in 0..<200 { #expect(try client.receive()?.message.id == UInt16(id)) }
        #expect(client.end() == .closed)
    }

    @Test("gives a client that reads late all of its large answers, in their order")
    func answersLateReaders() throws {
        let server = try TestServer(Self.corefile)
        let client = try TCPClient(to: server.address(), receiveBuffer: 8_192)
        let ids = 0..<100 as Range<UInt16>
        try client.send(ids.flatMap { QueryText("data.example. A id=\($0)").framed })
        client.finishSending()
        for id in ids {
            let reply = try client.receive()
            #expect(reply?.message.id == id)
            #expect(reply?.answer.count == 4_000)
        }
        #expect(client.end() == .closed)
    }

    @Test("serves thousands of connections one after another and leaves none behind")
    func servesManyConnections() throws {
        var setting = TestServer.Setting()
        setting.streams.connectionsMax = 100
        let server = try TestServer(Self.corefile, setting)
        let descriptors = OpenDescriptors.count
        for id in 0..<3_000 {
            let client = try server.tcp()
            let id = UInt16(truncatingIfNeeded: id)
            if id.isMultiple(of: 5) { try client.send([0, 40, 1]) }
            if !id.isMultiple(of: 5) {
                // A connection of before may still be on its way out and hold a place.
                guard try client.ask(QueryText("web.example. A id=\(id)")).message.id == id else { return }
            }
        }
        // Other tests of this process have sockets, too; far fewer than were opened here.
        #expect(OpenDescriptors.settle(at: descriptors + 1_000) <= descriptors + 1_000)
    }
}
