import DNSMessage
import PluginKit
import TestSupport
import Testing

/// Aliases that the server follows from block to block (section G.5, row 3 of the deviations).
@Suite struct AliasTests {
    private static let corefile = """
        one {
            fixture {
                record one. 5 IN SOA ns.one. host.one. 1 7200 1800 86400 5
                record near.one. 5 IN CNAME far.two.
                record twice.one. 5 IN CNAME back.two.
                record web.one. 5 IN A 10.0.0.1
                record missing.one. 5 IN CNAME nothing.two.
                record typeless.one. 5 IN CNAME far.two.
                record outside.one. 5 IN CNAME www.outside.
                record broken.one. 5 IN CNAME broken.two.
                record refused.one. 5 IN CNAME refused.two.
                record silent.one. 5 IN CNAME silent.two.
                record empty.one. 5 IN CNAME x.empty.
                record self.one. 5 IN CNAME SELF.one.
                record loop.one. 5 IN CNAME loop.two.
                record ladder.one. 5 IN CNAME l1.two.
                record many.one. 5 IN CNAME many.two.
                record root.one. 5 IN CNAME .
            }
        }
        two {
            fixture {
                record two. 5 IN SOA ns.two. host.two. 2 7200 1800 86400 5
                record far.two. 7 IN A 10.0.0.2
                record far.two. 7 IN A 10.0.0.3
                record back.two. 7 IN CNAME web.one.
                record loop.two. 7 IN CNAME loop.one.
                record l1.two. 7 IN CNAME l2.two.
                record l2.two. 7 IN CNAME l3.two.
                record l3.two. 7 IN CNAME l4.two.
                record l4.two. 7 IN CNAME l5.two.
                record l5.two. 7 IN CNAME l6.two.
                record l6.two. 7 IN CNAME l7.two.
                record l7.two. 7 IN CNAME l8.two.
                record l8.two. 7 IN CNAME l9.two.
                record l9.two. 7 IN A 10.0.0.9
                fail broken.two. SERVFAIL
                fail refused.two. REFUSED
                drop silent.two.
                many answer many.two. 6000
            }
        }
        empty {
        }
        """

    static let rows: [(QueryText, String)] = [
        (
            "near.one. A",
            """
            NOERROR qr,aa,rd
            question: near.one. IN A
            answer: near.one. 5 IN CNAME far.two.
            answer: far.two. 7 IN A 10.0.0.2
            answer: far.two. 7 IN A 10.0.0.3
            """
        ),
        (
            "TWICE.one. A +cd +edns",
            """
            NOERROR qr,aa,rd,cd
            question: TWICE.one. IN A
            answer: TWICE.one. 5 IN CNAME back.two.
            answer: back.two. 7 IN CNAME web.one.
            answer: web.one. 5 IN A 10.0.0.1
            edns: size=1232
            """
        ),
        ("near.one. CNAME", "NOERROR qr,aa,rd\nquestion: near.one. IN CNAME\nanswer: near.one. 5 IN CNAME far.two."),
        // RFC 6604: the code is the target's, and so is the SOA record.
        (
            "missing.one. A",
            """
            NXDOMAIN qr,aa,rd
            question: missing.one. IN A
            answer: missing.one. 5 IN CNAME nothing.two.
            authority: two. 5 IN SOA ns.two. host.two. 2 7200 1800 86400 5
            """
        ),
        (
            "typeless.one. AAAA",
            """
            NOERROR qr,aa,rd
            question: typeless.one. IN AAAA
            answer: typeless.one. 5 IN CNAME far.two.
            authority: two. 5 IN SOA ns.two. host.two. 2 7200 1800 86400 5
            """
        ),
        // Where nobody here resolves the target, the alias stands alone.
        (
            "outside.one. A",
            "NOERROR qr,aa,rd\nquestion: outside.one. IN A\nanswer: outside.one. 5 IN CNAME www.outside."
        ),
        ("root.one. A", "NOERROR qr,aa,rd\nquestion: root.one. IN A\nanswer: root.one. 5 IN CNAME ."),
        ("broken.one. A", "NOERROR qr,aa,rd\nquestion: broken.one. IN A\nanswer: broken.one. 5 IN CNAME broken.two."),
        (
            "refused.one. A",
            "NOERROR qr,aa,rd\nquestion: refused.one. IN A\nanswer: refused.one. 5 IN CNAME refused.two."
        ),
        ("silent.one. A", "NOERROR qr,aa,rd\nquestion: silent.one. IN A\nanswer: silent.one. 5 IN CNAME silent.two."),
        ("empty.one. A", "NOERROR qr,aa,rd\nquestion: empty.one. IN A\nanswer: empty.one. 5 IN CNAME x.empty."),
        // A loop keeps the links walked so far, each once.
        ("self.one. A", "NOERROR qr,aa,rd\nquestion: self.one. IN A\nanswer: self.one. 5 IN CNAME SELF.one."),
        (
            "loop.one. A",
            """
            NOERROR qr,aa,rd
            question: loop.one. IN A
            answer: loop.one. 5 IN CNAME loop.two.
            answer: loop.two. 7 IN CNAME loop.one.
            """
        ),
    ]

    @Test("follows an alias through the whole server, and says what it found at its end", arguments: rows)
    func follows(query: QueryText, text: String) throws {
        let server = try TestServer(Self.corefile)
        #expect(try server.ask(query).text == text)
        #expect(try server.ask(query, over: .tcp).text == text)
        // A second time, in memory that the first one has used.
        #expect(try server.ask(query).text == text)
    }

    @Test("follows so many links and no more")
    func boundsTheLinks() throws {
        let server = try TestServer(Self.corefile)
        let reply = try server.ask("ladder.one. A", over: .tcp)
        #expect(reply.header == "NOERROR qr,aa,rd")
        #expect(reply.answer.count == 9)
        #expect(reply.answer.allSatisfy { $0.contains("CNAME") })
        #expect(try server.ask("l1.two. A", over: .tcp).answer.last == "l9.two. 7 IN A 10.0.0.9")
    }

    @Test("cuts what an alias leads to by whole records")
    func cutsTheTargetsRecords() throws {
        let server = try TestServer(Self.corefile)
        let overUDP = try server.ask("many.one. A")
        #expect(overUDP.bytes.count <= 512 && overUDP.message.flags.isTruncated)
        #expect(overUDP.answer.first == "many.one. 5 IN CNAME many.two.")
        let overTCP = try server.ask("many.one. A", over: .tcp)
        #expect(overTCP.message.flags.isTruncated)
        #expect(overTCP.answer.count == 1 + (65_535 - 12 - 14 - 22) / 16)
    }
}
