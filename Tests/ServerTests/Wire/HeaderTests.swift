import DNSMessage
import PluginKit
import TestSupport
import Testing

/// The header and the question of ordinary replies (sections J.2, J.11 and G.1 of CoreDNS's behaviour).
@Suite struct HeaderTests {
    private static let corefile = """
        example {
            fixture {
                record example. 5 IN SOA ns.example. host.example. 1 7200 1800 86400 5
                record web.example. 5 IN A 10.0.0.1
                fail broken.example. SERVFAIL
                fail secret.example. REFUSED
                drop silent.example.
            }
        }
        empty {
        }
        """

    static let flags = [
        ("web.example. A", "NOERROR qr,aa,rd"),
        ("web.example. A +nord", "NOERROR qr,aa"),
        ("web.example. A +cd", "NOERROR qr,aa,rd,cd"),
        ("web.example. A +tc +aa +ra +z +ad", "NOERROR qr,aa,rd"),
        ("web.example. TXT", "NOERROR qr,aa,rd"),
        ("nothing.example. A +nord +cd", "NXDOMAIN qr,aa,cd"),
        ("broken.example. A +cd", "SERVFAIL qr,rd,cd"),
        ("secret.example. A", "REFUSED qr,rd"),
        ("elsewhere. A +ad", "REFUSED qr,rd"),
        ("web.example. A CH", "REFUSED qr,rd"),
        ("empty. A", "REFUSED qr,rd"),
        ("web.example. ANY", "NOERROR qr,aa,rd"),
        ("web.example. TYPE65280", "NOERROR qr,aa,rd"),
        ("web.example. A version=1", "BADVERS qr,rd"),
    ]

    @Test("sets each flag as the query and the answer want it", arguments: flags)
    func setsFlags(query: String, header: String) throws {
        let server = try TestServer(Self.corefile)
        #expect(try server.ask(QueryText(query)).header == header)
        #expect(try server.ask(QueryText(query), over: .tcp).header == header)
    }

    @Test(
        "repeats the question byte for byte",
        arguments: [
            "WeB.eXaMpLe. A", "nOtHiNg.ExAmPlE. AAAA", "ELSEWHERE. TYPE65280", "web.EXAMPLE. A CLASS513",
            "\\000\\255a\\.b.example. TXT", "Broken.example. ANY ANY", ". NS", "web.example. AXFR",
            "web.Example. A version=7",
        ])
    func repeatsTheQuestion(query: QueryText) throws {
        let server = try TestServer(Self.corefile)
        let reply = try server.ask(query)
        let length = query.bytes.count - 12 - (query.description.contains("version") ? 11 : 0)
        #expect(Array(reply.bytes[4..<6]) == [0, 1])
        #expect(Array(reply.bytes[12..<12 + length]) == Array(query.bytes[12..<12 + length]))
    }

    @Test("answers in the client's spelling")
    func answersInTheClientsSpelling() throws {
        let server = try TestServer(Self.corefile)
        #expect(try server.ask("WeB.ExAmPlE. A").answer == ["WeB.ExAmPlE. 5 IN A 10.0.0.1"])
    }

    @Test("answers a question whose name is compressed")
    func answersACompressedQuestion() throws {
        let server = try TestServer(Self.corefile)
        let client = try server.udp()
        // The pointer leads to a zero byte of the header, which is as good a root as any.
        try client.send(HexBytes("1234 0100 0001 0000 0000 0000 03776562 076578616d706c65 c004 0001 0001").bytes)
        #expect(try client.receive()?.answer == ["web.example. 5 IN A 10.0.0.1"])
    }

    @Test("sends nothing where a plugin wants that, over UDP and TCP")
    func staysSilent() throws {
        let server = try TestServer(Self.corefile)
        let udp = try server.udp()
        try udp.send(QueryText("silent.example. A").bytes)
        #expect(try udp.ask("web.example. A id=2").message.id == 2)
        let tcp = try server.tcp()
        try tcp.send(QueryText("silent.example. A").framed)
        #expect(try tcp.ask("web.example. A id=2").message.id == 2)
    }
}
