import DNSMessage
import PluginKit
import TestSupport
import Testing

/// Which server block a question goes to (section G.1).
@Suite struct RoutingTests {
    private static let corefile = """
        . {
            fixture {
                record who.a.b.example. 5 IN TXT root
                record b.example. 5 IN TXT root
                record example. 5 IN TXT root
                record example. 5 IN DS 0102
                record other. 5 IN TXT root
                record xb.example. 5 IN TXT root
                record . 5 IN TXT root
                record . 5 IN DS 0304
            }
        }
        b.example {
            fixture {
                record who.a.b.example. 5 IN TXT b
                record b.example. 5 IN TXT b
                record b.example. 5 IN DS 0b
            }
        }
        Example {
            fixture {
                record example. 5 IN TXT example
                record b.example. 5 IN DS 0a
                record who.a.b.example. 5 IN TXT example
                record xb.example. 5 IN TXT example
            }
        }
        a.b.EXAMPLE. {
            fixture {
                record who.a.b.example. 5 IN TXT a
            }
        }
        """

    static let rows: [(QueryText, [String])] = [
        ("who.a.b.example. TXT", ["who.a.b.example. 5 IN TXT \"a\""]),
        ("WHO.A.B.EXAMPLE. TXT", ["WHO.A.B.EXAMPLE. 5 IN TXT \"a\""]),
        ("b.example. TXT", ["b.example. 5 IN TXT \"b\""]),
        ("example. TXT", ["example. 5 IN TXT \"example\""]),
        // A label that merely ends like a zone is not in it.
        ("xb.example. TXT", ["xb.example. 5 IN TXT \"example\""]),
        ("other. TXT", ["other. 5 IN TXT \"root\""]),
        (". TXT", [". 5 IN TXT \"root\""]),
        // The DS record of a zone belongs to its parent, as long as somebody serves that.
        ("b.example. DS", ["b.example. 5 IN DS \\# 1 0a"]),
        ("example. DS", ["example. 5 IN DS \\# 2 0102"]),
        (". DS", [". 5 IN DS \\# 2 0304"]),
    ]

    @Test("sends a question to the longest zone, and DS questions to the parent's", arguments: rows)
    func routes(query: QueryText, answer: [String]) throws {
        let server = try TestServer(Self.corefile)
        #expect(try server.ask(query).answer == answer)
        #expect(try server.ask(query, over: .tcp).answer == answer)
    }

    @Test("answers a DS question itself where the parent is served by nobody here")
    func answersDSWithoutParent() throws {
        let server = try TestServer("b.example {\n fixture {\n record b.example. 5 IN DS 0b\n }\n}")
        #expect(try server.ask("b.example. DS").answer == ["b.example. 5 IN DS \\# 1 0b"])
    }

    @Test("keeps the blocks of different ports apart")
    func keepsPortsApart() throws {
        let server = try TestServer(
            """
            .:{$PORT} {
                fixture {
                    record x. 5 IN TXT first
                }
            }
            .:{$PORT1} {
                fixture {
                    record x. 5 IN TXT second
                }
            }
            """)
        #expect(try server.ask("x. TXT").answer == ["x. 5 IN TXT \"first\""])
        let other = try UDPClient(to: .loopback(server.ports[1]))
        #expect(try other.ask("x. TXT").answer == ["x. 5 IN TXT \"second\""])
    }

    static let refusals: [(QueryText, String)] = [
        ("elsewhere. A", "REFUSED qr,rd\nquestion: elsewhere. IN A"),
        ("example. A CH", "REFUSED qr,rd\nquestion: example. CH A"),
        ("example. A ANY", "REFUSED qr,rd\nquestion: example. ANY A"),
        ("x.empty. A", "REFUSED qr,rd\nquestion: x.empty. IN A"),
        ("x.last. A", "SERVFAIL qr,rd\nquestion: x.last. IN A"),
        ("x.last. DS", "SERVFAIL qr,rd\nquestion: x.last. IN DS"),
    ]

    @Test("refuses what no block takes, and fails where no plugin answers", arguments: refusals)
    func refuses(query: QueryText, text: String) throws {
        let server = try TestServer("empty {\n}\nlast example {\n fixture {\n next\n }\n}")
        #expect(try server.ask(query).text == text)
    }

    @Test("lets other classes through to the plugins that answer them, and to no others")
    func answersForeignClasses() throws {
        let server = try TestServer(
            """
            example {
                fixture {
                    foreign
                    record version. 0 CH TXT here
                    record version.example. 0 CH TXT inside
                }
            }
            other {
                fixture {
                    record version.other. 0 CH TXT no
                }
            }
            """)
        #expect(try server.ask("version.example. TXT CH").answer == ["version.example. 0 CH TXT \"inside\""])
        #expect(try server.ask("version. TXT CH").header == "REFUSED qr,rd")
        #expect(
            try server.ask("version.other. TXT CH +edns").edns
                == "size=1232 ede=21:\"no plugin here answers this class\"")
    }
}
