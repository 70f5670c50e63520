import DNSMessage
import Glibc
import PluginKit
import Plugins
import Telemetry
import TestSupport
import Testing

/// Forwarding through real sockets to real servers, and what happens when they fail.
@Suite("forward and its upstreams")
struct ForwardPeersTests {
    private typealias Scripted = TestSupport.ScriptedUpstream
    private static let zone = """
        $ORIGIN example.
        $TTL 300
        @ IN SOA ns.example. hostmaster.example. 1 7200 1800 86400 30
        @ IN NS ns.example.
        ns IN A 192.0.2.53
        www IN A 192.0.2.1
        www IN AAAA 2001:db8::1
        alias IN CNAME www
        mail IN MX 10 www
        *.wild IN A 192.0.2.7

        """

    /// The reply, for which this waits longer than a server may take.
    private func ask(_ server: TestServer, _ query: QueryText) throws -> Reply {
        let client = try server.udp()
        try client.send(query.bytes)
        return try #require(try client.receive(within: .seconds(60)))
    }

    private func metric(_ server: TestServer, _ name: String) -> String? {
        String(decoding: server.metrics.exposition(), as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("\(name) ") || $0.hasPrefix("\(name){") }
            .map { String($0.split(separator: " ").last ?? "") }
    }

    @Test(
        "passes on what a real server says",
        arguments: NameServerProgram.Kind.allCases.filter(\.isAvailable), [Transport.udp, .tcp])
    func passesOn(_ kind: NameServerProgram.Kind, _ transport: Transport) throws {
        let program = try NameServerProgram(kind, zone: Name("example."), text: Self.zone)
        let server = try TestServer(". {\n forward . \(program.address)\n}")
        for question in [
            "WWW.example. A", "www.Example. AAAA", "alias.example. A", "mail.example. MX", "a.b.wild.example. A",
            "example. NS", "example. SOA", "nosuch.example. A", "www.example. TXT", "wild.example. A",
        ] {
            let query = QueryText("\(question) +edns")
            let direct = try TCPClient(to: program.address).ask(query)
            let reply = try server.ask(query, over: transport)
            #expect(reply.header == direct.header, "\(question)")
            #expect(reply.answer.map { $0.lowercased() } == direct.answer.map { $0.lowercased() }, "\(question)")
            #expect(reply.authority.sorted() == direct.authority.sorted(), "\(question)")
        }
    }

    @Test("goes on when an upstream dies", .enabled(if: NameServerProgram.Kind.nsd.isAvailable))
    func survivesDeath() throws {
        var first: NameServerProgram? = try NameServerProgram(.nsd, zone: Name("example."), text: Self.zone)
        let second = try NameServerProgram(.nsd, zone: Name("example."), text: Self.zone)
        let address = try #require(first?.address)
        let server = try TestServer(". {\n forward . \(address) \(second.address)\n}")
        for number in 0..<60 {
            if number == 20 { first = nil }
            let reply = try ask(server, QueryText("n\(number).wild.example. A"))
            #expect(reply.answer == ["n\(number).wild.example. 300 IN A 192.0.2.7"])
        }
        #expect(first == nil)
    }

    @Test(
        "asks over HTTPS", .enabled(if: TLSFront.isAvailable, "\(TLSFront.unavailable)"), arguments: ["POST", "GET"])
    func asksOverHTTPS(_ method: String) throws {
        let reply = Array(QueryText("www.example. A +qr +ra").bytes.dropFirst(2))
        let record: [UInt8] = [0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 1]
        let web = try ScriptedWeb { _ in
            var message = [0, 0] + reply
            message[7] = 1
            return .content(status: 200, type: "application/dns-message", message + record)
        }
        let front = try TLSFront(backendPort: web.port)
        let directory = try TemporaryDirectory()
        let trusted = try directory.write(front.authority, to: "ca.pem")
        let server = try TestServer(
            """
            . {
                forward . https://127.0.0.1:\(front.port)/dns-query {
                    doh_method \(method)
                    tls \(trusted)
                }
            }
            """)
        for name in ["www.example.", "WWW.Example."] {
            let reply = try ask(server, QueryText("\(name) A id=\(name.count)"))
            #expect(reply.header == "NOERROR qr,rd,ra")
            #expect(reply.answer == ["\(name) 300 IN A 192.0.2.1"])
        }
        #expect(web.requests.map { $0.head.hasPrefix(method.lowercased()) } == [true, true])
        let distrusting = try TestServer(". {\n forward . https://127.0.0.1:\(front.port) {\n max_fails 0\n}\n}")
        #expect(try ask(distrusting, "www.example. A").header == "SERVFAIL qr,rd")
        #expect(web.requests.count == 2)
    }

    @Test("tells the client when all upstreams are silent")
    func silence() throws {
        let silent = [try Scripted { _ in [] }, try Scripted { _ in [] }]
        let server = try TestServer(". {\n forward . \(silent[0].address) \(silent[1].address)\n}")
        let reply = try ask(server, "www.example. A +edns")
        #expect(reply.header == "SERVFAIL qr,rd")
        #expect(reply.edns?.contains("ede=22:") == true)
        #expect(silent.allSatisfy { !$0.heard.isEmpty })
    }

    @Test("asks a second upstream when the first takes longer than it used to")
    func hedges() throws {
        let first = try Scripted { heard in
            heard.question.starts(with: [4]) ? [] : [.reply(heard.answer())]
        }
        let second = try Scripted { [.reply($0.answer(0xC000_0263))] }
        let server = try TestServer(
            ". {\n forward . \(first.address) \(second.address) {\n policy sequential\n}\n}")
        for number in 0..<40 {
            // Names of several letters are answered by the first; each worker needs to know it.
            #expect(try ask(server, QueryText("number\(number).example. A")).answer.count == 1)
        }
        for number in 0..<5 {
            #expect(
                try ask(server, QueryText("slo\(number).example. A")).answer
                    == ["slo\(number).example. 256 IN A 192.0.2.99"])
        }
        let hedges = try #require(metric(server, "clusterdns_forward_hedges_total").flatMap(Double.init))
        #expect(hedges >= 1)
    }

    @Test("leaves out the upstream that leads back here")
    func leavesOutLoops() throws {
        let good = try Scripted { [.reply($0.answer())] }
        let server = try TestServer(
            ". {\n loop\n forward . 127.0.0.1:{$PORT} \(good.address) {\n policy sequential\n}\n}")
        let looping = "127.0.0.1:\(server.port)"
        #expect(patiently { metric(server, "coredns_loop_quarantined{to=\"\(looping)\"}") == "1" })
        for number in 0..<10 {
            let reply = try ask(server, QueryText("n\(number).example. A"))
            #expect(reply.answer == ["n\(number).example. 256 IN A 192.0.2.1"])
        }
    }
}
