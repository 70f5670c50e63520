import DNSMessage
import PluginKit
import TestSupport
import Testing

/// The OPT record of replies, and Extended DNS Errors (section J.4; rows 8 and 11 of the deviations).
@Suite struct EDNSTests {
    private static let corefile = """
        example {
            fixture {
                record web.example. 5 IN A 10.0.0.1
                fail broken.example. SERVFAIL
                explain broken.example. 14
            }
        }
        small.example {
            bufsize 512
            fixture {
                record small.example. 5 IN A 10.0.0.1
            }
        }
        empty {
        }
        last {
            fixture {
                next
            }
        }
        """

    static let rows: [(String, String?)] = [
        ("web.example. A", nil),
        ("web.example. A +edns", "size=1232"),
        ("web.example. A bufsize=0", "size=1232"),
        ("web.example. A bufsize=65535 +do", "size=1232 do"),
        ("web.example. A flags=0xC001", "size=1232 do"),
        ("web.example. A flags=0x4000", "size=1232"),
        ("small.example. A bufsize=4096", "size=512"),
        // Neither cookies without a server's half, nor any other option, come back as they were sent.
        ("web.example. A option=65001:0102030405060708 padding=10 option=8:000118000a0000", "size=1232"),
        ("nothing.example. A +do", "size=1232 do"),
        ("web.example. A version=1", "size=1232"),
        ("web.example. A version=255 +do", "size=1232"),
        ("elsewhere. A", nil),
        ("elsewhere. A +edns", "size=1232 ede=20:\"no server block has a zone for this name\""),
        ("web.example. A CH", nil),
        ("web.example. A CH +edns", "size=1232 ede=21:\"only class IN is served here\""),
        ("web.example. A CH version=1", "size=1232 ede=21:\"only class IN is served here\""),
        ("broken.example. A", nil),
        ("broken.example. A +edns", "size=1232 ede=14:\"fixture\""),
        ("empty. A +do", "size=1232 do ede=0:\"the server block has no plugins\""),
        ("x.last. A +edns", "size=1232 ede=0:\"no plugin of the server block answered\""),
    ]

    @Test(
        "has an OPT record if the query has one, with this server's size and nothing of the client's", arguments: rows)
    func mirrorsTheOPTRecord(query: String, edns: String?) throws {
        let server = try TestServer(Self.corefile)
        #expect(try server.ask(QueryText(query)).edns == edns)
        #expect(try server.ask(QueryText(query), over: .tcp).edns == edns)
    }

    @Test("answers BADVERS with question, OPT record of version 0 and nothing else")
    func answersBadVersion() throws {
        let server = try TestServer(Self.corefile)
        let reply = try server.ask("web.example. A version=1 +do id=7")
        #expect(reply.text == "BADVERS qr,rd\nquestion: web.example. IN A\nedns: size=1232")
        #expect(reply.message.flags.responseCode == .noError)
    }
}
