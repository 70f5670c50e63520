import DNSMessage
import PluginKit
import Plugins
import TestSupport
import Testing

/// The small plugins next to each other behind real sockets, as in CoreDNS's recorded scenario `small-plugins`; blocks
/// that it has `file` or `forward` in have `fixture` here.
@Suite("small plugins behind sockets")
struct SmallPluginsTests {
    private static let corefile = """
        .:{$PORT} {
            any
            chaos CoreDNS-test one two three
            local
            nsid server one
            header {
                response set ra
            }
            fixture {
                record www.example.org. 5 IN A 10.0.0.1
            }
        }
        who.test:{$PORT} {
            bufsize 700
            whoami
        }
        min.test:{$PORT} {
            minimal
            loadbalance
            fixture {
                record min.test. 5 IN SOA ns.min.test. admin.min.test. 1 2 3 4 5
                many answer many.min.test. 200
            }
        }
        """

    /// The fixture stands behind all plugins, where CoreDNS has those that answer from data.
    private static var setting: TestServer.Setting {
        var setting = TestServer.Setting()
        setting.kinds = Registry.kinds + [Fixture.self]
        return setting
    }

    @Test(
        "answer as recorded from CoreDNS",
        arguments: [
            ("www.example.org. ANY", "8482 IN HINFO \"ANY obsoleted\" \"See RFC 8482\"", "qr,rd"),
            ("version.bind. TXT CH", "0 CH TXT \"CoreDNS-test\"", "qr,rd"),
            ("hostname.bind. TXT CH", "0 CH TXT \"test-host\"", "qr,rd"),
            ("localhost.example.org. AAAA", "604800 IN AAAA ::1", "qr,rd"),
            ("1.0.0.127.in-addr.arpa. PTR", "604800 IN PTR localhost.", "qr,rd"),
            ("www.example.org. A", "5 IN A 10.0.0.1", "qr,aa,rd,ra"),
        ] as [(QueryText, String, String)])
    func answer(query: QueryText, data: String, flags: String) throws {
        let reply = try TestServer(Self.corefile, Self.setting).ask(query)
        #expect(reply.answer == ["\(query.description.split(separator: " ")[0]) \(data)"])
        #expect(reply.flags == flags)
    }

    @Test("leave what they do not answer alone")
    func leaveOthers() throws {
        let server = try TestServer(Self.corefile, Self.setting)
        #expect(try server.ask("other.bind. TXT CH").header == "REFUSED qr,rd")
        #expect(try server.ask("www.example.org. A CH").header == "REFUSED qr,rd")
        #expect(try server.ask("nope.example.org. A").header == "NXDOMAIN qr,aa,rd,ra")
    }

    @Test("tell the server's name and size to those who ask")
    func tellIdentifier() throws {
        let server = try TestServer(Self.corefile, Self.setting)
        #expect(try server.ask("www.example.org. A option=3:").edns == "size=1232 nsid=\"server one\"")
        #expect(try server.ask("www.example.org. A +do").edns == "size=1232 do")
        #expect(try server.ask("a.who.test. A +edns").edns == "size=700")
    }

    @Test("tell clients how they are seen, over UDP and TCP")
    func tellClient() throws {
        let server = try TestServer(Self.corefile, Self.setting)
        let overUDP = try server.ask("a.who.test. MX").additional
        #expect(overUDP[0] == "a.who.test. 0 IN A 127.0.0.1")
        #expect(overUDP[1].hasPrefix("_udp.a.who.test. 0 IN SRV 0 0 "))
        #expect(try server.ask("a.who.test. A", over: .tcp).additional[1].hasPrefix("_tcp.a.who.test. 0 IN SRV 0 0 "))
    }

    @Test("shuffle a reply before it is cut, and leave denials whole")
    func shuffle() throws {
        let server = try TestServer(Self.corefile, Self.setting)
        let client = try server.udp()
        let replies = try (1...60).map { try client.ask(QueryText("many.min.test. A id=\($0)")) }
        #expect(replies.allSatisfy { $0.answer.count == 30 && $0.message.flags.isTruncated })
        #expect(Set(replies.flatMap(\.answer)).count > 190)
        #expect(try client.ask("none.min.test. A").authority.count == 1)
    }
}
