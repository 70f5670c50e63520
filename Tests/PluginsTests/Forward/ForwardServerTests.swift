import DNSMessage
import Glibc
import PluginKit
import Plugins
import TestSupport
import Testing

/// Forwarding through real sockets, to upstreams that do what the test tells them.
@Suite("forward through sockets")
struct ForwardServerTests {
    private typealias Scripted = TestSupport.ScriptedUpstream
    private typealias Heard = Scripted.Heard
    private typealias Step = Scripted.Step
    private static let address = ["Www.example. 256 IN A 192.0.2.1"]
    private static let query: QueryText = "Www.example. A id=77 +edns"

    private static func good() throws -> Scripted { try Scripted { [.reply($0.answer())] } }

    /// The reply, for which this waits longer than a server may take.
    private func ask(_ server: TestServer, _ query: QueryText = query) throws -> Reply {
        let client = try server.udp()
        try client.send(query.bytes)
        return try #require(try client.receive(within: .seconds(60)))
    }

    @Test("forwards over UDP and TCP, each to the same")
    func forwards() throws {
        let upstream = try Self.good()
        let server = try TestServer(". {\n forward . \(upstream.address)\n}")
        for transport in [Transport.udp, .tcp] {
            let reply = try server.ask(Self.query, over: transport)
            #expect(reply.header == "NOERROR qr,rd,ra")
            #expect(reply.answer == Self.address)
        }
        #expect(upstream.heard.map(\.transport) == [.udp, .tcp])
    }

    @Test("refuses to pass zone transfers on", arguments: ["AXFR", "IXFR"])
    func refusesTransfers(type: String) throws {
        let upstream = try Self.good()
        let server = try TestServer(". {\n forward . \(upstream.address)\n}")
        for transport in [Transport.udp, .tcp] {
            let reply = try server.ask(QueryText("example. \(type) +edns"), over: transport)
            #expect(reply.header == "REFUSED qr,rd")
            #expect(reply.edns?.contains("zone transfers are not forwarded") == true)
        }
        #expect(upstream.heard.isEmpty)
    }

    private static let faults: [(String, @Sendable (Heard) -> [Step])] = [
        ("silence", { _ in [] }), ("another id", { [.reply($0.answer(id: 1 &+ UInt16($0.message[1])))] }),
        ("another question", { [.reply($0.answer(question: [3, 0x77, 0x77, 0x78, 0, 0, 1, 0, 1]))] }),
        ("another source", { [.replyFromElsewhere($0.answer())] }), ("garbage", { _ in [.reply([1, 2, 3])] }),
        ("a cut record", { [.reply(Array($0.answer().dropLast(2)))] }),
        ("SERVFAIL", { [.reply($0.answer(count: 0, code: 2))] }),
        ("REFUSED", { [.reply($0.answer(count: 0, code: 5))] }),
    ]

    @Test("another upstream makes up for a faulty one", arguments: faults.indices)
    func survives(_ index: Int) throws {
        let (name, fault) = Self.faults[index]
        let (bad, good) = (try Scripted(fault), try Self.good())
        let server = try TestServer(
            ". {\n forward . \(bad.address) \(good.address) {\n policy sequential\n}\n}")
        #expect(try ask(server).answer == Self.address, "\(name)")
        #expect(bad.heard.count >= 1)
    }

    @Test("waits past forged replies for the true one")
    func waitsPastForgeries() throws {
        let upstream = try Scripted { heard in
            [
                .reply(heard.answer(0xC000_0242, id: 1 &+ UInt16(heard.message[1]))),
                .replyFromElsewhere(heard.answer(0xC000_0242)), .pause(milliseconds: 20), .reply(heard.answer()),
            ]
        }
        let server = try TestServer(". {\n forward . \(upstream.address)\n}")
        #expect(try ask(server).answer == Self.address)
    }

    @Test("asks again over TCP what is truncated, and passes TC on if that fails", arguments: ["", "prefer_udp"])
    func truncates(_ option: String) throws {
        for hasTCP in [true, false] {
            let upstream = try Scripted { heard in
                if heard.transport == .udp { return [.reply(heard.answer(count: 0, truncated: true))] }
                return hasTCP ? [.reply(heard.answer(count: 2))] : [.close]
            }
            let server = try TestServer(". {\n cache\n forward . \(upstream.address) {\n \(option)\n}\n}")
            for _ in 0..<2 {
                let reply = try ask(server)
                #expect(reply.header == (hasTCP ? "NOERROR qr,rd,ra" : "NOERROR qr,tc,rd,ra"))
                #expect(reply.answer.count == (hasTCP ? 2 : 0))
            }
            #expect(upstream.heard.filter { $0.transport == .udp }.count == (hasTCP ? 1 : 2))
            let reply = try server.ask(Self.query, over: .tcp)
            #expect(reply.header == (hasTCP ? "NOERROR qr,rd,ra" : "SERVFAIL qr,rd"))
        }
    }

    @Test("leaves the letters of names alone if told to", arguments: [true, false])
    func mixesCase(_ isOn: Bool) throws {
        let upstream = try Self.good()
        let server = try TestServer(
            ". {\n forward . \(upstream.address) {\n case_randomization \(isOn ? "on" : "off")\n}\n}")
        let name = String(repeating: "abcdefghij", count: 6) + ".example."
        #expect(try ask(server, QueryText("\(name) A")).answer == ["\(name) 256 IN A 192.0.2.1"])
        // That sixty letters stay as they are by chance happens once in 2^60.
        let sent = try #require(upstream.heard.first).question
        #expect((sent == QueryText("\(name) A").bytes.dropFirst(12)[...].prefix(sent.count).map { $0 }) != isOn)
    }

    @Test("asks once what a worker is asked many times at once")
    func coalesces() throws {
        let upstream = try Scripted { [.pause(milliseconds: 300), .reply($0.answer())] }
        var setting = TestServer.Setting()
        setting.workers = 1
        let server = try TestServer(". {\n forward . \(upstream.address)\n}", setting)
        let client = try server.udp()
        for id in 0..<50 { try client.send(QueryText("Www.example. A id=\(id)").bytes) }
        var ids: Set<UInt16> = []
        for _ in 0..<50 {
            let reply = try #require(try client.receive(within: .seconds(60)))
            #expect(reply.answer == Self.address)
            ids.insert(reply.message.id)
        }
        #expect(ids.count == 50)
        #expect(upstream.heard.count < 10)
    }

    @Test("answers what was under way when the Corefile is replaced, and goes on")
    func reloads() throws {
        let upstream = try Scripted { [.pause(milliseconds: 300), .reply($0.answer())] }
        let server = try TestServer(". {\n forward . \(upstream.address)\n}")
        let client = try server.udp()
        try client.send(Self.query.bytes)
        // Until it is under way.
        #expect(patiently { !upstream.heard.isEmpty })
        try server.reload(". {\n forward . \(upstream.address) {\n max_fails 3\n}\n}")
        #expect(try #require(try client.receive(within: .seconds(60))).answer == Self.address)
        #expect(try ask(server).answer == Self.address)
    }

    @Test("logs and tells why there is no answer")
    func tellsWhy() throws {
        let nobody = FreePorts.take()
        let server = try TestServer(". {\n errors\n forward . 127.0.0.1:\(nobody) {\n max_fails 0\n}\n}")
        let reply = try ask(server)
        #expect(reply.header == "SERVFAIL qr,rd")
        #expect(reply.edns?.contains("ede=23:") == true)
        #expect(reply.edns?.contains("->127.0.0.1:\(nobody): read: connection refused") == true)
    }

    @Test("asks over TLS whom it trusts, and no other", .enabled(if: CertificateAuthority.isAvailable))
    func asksOverTLS() throws {
        let authority = try CertificateAuthority.shared()
        let directory = try TemporaryDirectory()
        let trusted = try directory.write(authority.certificate, to: "ca.pem")
        let acceptor = try TLSAcceptor(authority.issue(.localServer))
        let upstream = try Scripted(tls: acceptor) { [.reply($0.answer())] }
        let server = try TestServer(
            """
            . {
                forward . tls://\(upstream.address) {
                    tls \(trusted)
                    tls_servername localhost
                }
            }
            """)
        let reply = try ask(server)
        #expect(reply.answer == Self.address, "\(reply.edns ?? "")")
        #expect(upstream.heard.map(\.transport) == [.tls])
        let wrong = try TestServer(
            """
            . {
                forward . tls://127.0.0.1%nosuch.example:\(upstream.address.port) {
                    tls \(trusted)
                    max_fails 0
                }
            }
            """)
        #expect(try ask(wrong).header == "SERVFAIL qr,rd")
    }
}
