import DNSMessage
import PluginKit
@testable import Plugins
import Telemetry
import TestSupport
import Testing

/// The blocks of the recordings from CoreDNS. Behind them stands a plugin that knows one name and passes on the rest.
private let recorded = """
    . {
        errors
        template IN A ip.example {
            match ^ip-(?P<a>[0-9]+)-(?P<b>[0-9]+)-(?P<c>[0-9]+)-(?P<d>[0-9]+)[.]ip[.]example[.]$
            answer "{{ .Name }} 60 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"
            fallthrough
        }
        template IN AAAA ip.example {
            rcode NOERROR
        }
        template IN ANY ip.example {
            rcode NXDOMAIN
            authority "ip.example. 60 IN SOA ns.ip.example. h.ip.example. (1 60 60 60 60)"
        }
        template IN MX mx.example {
            answer "{{ .Name }} 60 IN MX 10 mail.{{ .Zone }}"
            answer "{{ .Name }} 60 IN MX 20 mail2.{{ .Zone }}"
            additional "mail.{{ .Zone }} 60 IN A 192.0.2.1"
            authority "{{ .Zone }} 60 IN NS ns.{{ .Zone }}"
        }
        template IN TXT vars.example {
            answer "{{ .Name }} 5 {{ .Class }} {{ .Type }} (
                \\"{{ .Zone }} {{ .Remote }} {{ index .Match 0 }} {{ len .Question.Name }}\\" )"
        }
        template ANY ANY refuse.example {
            rcode REFUSED
        }
        template IN A ft.example {
            match ^yes[.]
            answer "{{ .Name }} 60 IN A 192.0.2.3"
            fallthrough sub.ft.example
        }
        template IN A multi.example {
            match ^a[.] ^b[.]
            answer "{{ .Name }} 60 IN A 192.0.2.4"
            fallthrough
        }
        template IN CNAME c.example {
            answer "{{ .Name }} 60 IN CNAME ip-10-0-0-1.ip.example."
        }
        template IN A c.example {
            answer "{{ .Name }} 60 IN CNAME ip-10-0-0-1.ip.example."
            authority "c.example. 60 IN NS ns.c.example."
        }
        template IN A bad.example {
            answer "{{ .Name }} 60 IN A {{ .Group.x }}"
        }
        template IN A index.bad.example other.example {
            answer "{{ .Name }} 60 IN A {{ index .Match 7 }}"
        }
        template IN TXT bad.example {
            answer "{{ .Name }} 60 IN TXTT x"
        }
        template IN PTR 10.in-addr.arpa {
            match ^(?P<d>[0-9]*)[.](?P<c>[0-9]*)[.](?P<b>[0-9]*)[.]10[.]in-addr[.]arpa[.]$
            answer "{{ .Name }} 60 IN PTR ip-10-{{ .Group.b }}-{{ .Group.c }}-{{ .Group.d }}.hosts.example."
        }
        template IN A a.example b.example {
            match (^|[.])([a-z]+)[.](a|b)[.]example[.]$
            answer "{{ .Name }} 30 IN A 192.0.2.{{ len (index .Match 2) }}"
        }
        template IN TXT ede.example {
            rcode NXDOMAIN
            ederror 15 "blocked by policy"
        }
        template IN HTTPS h.example {
            answer "{{ .Name }} 30 IN HTTPS 1 . alpn=h2,h3"
        }
        template IN ANY any.example {
            answer "{{ .Name }} IN {{ .Type }} \\"t\\""
            answer "{{ if eq .Name \\"two.any.example.\\" }}{{ .Name }} 5 IN TXT two{{ end }}"
            upstream
        }
        template IN A fails.example {
            rcode SERVFAIL
        }
        template IN A const.example {
            answer "fixed.const.example IN A 192.0.2.9"
        }
        fixture {
            next
            record c.multi.example. 5 IN A 192.0.2.99
            record no.sub.ft.example. 5 IN A 192.0.2.99
        }
    }

    """

@Suite("template")
struct TemplateTests {
    private static var setting: TestServer.Setting {
        var setting = TestServer.Setting()
        setting.kinds = Registry.kinds + [Fixture.self]
        return setting
    }

    private static let negative = ["ip.example. 60 IN SOA ns.ip.example. h.ip.example. 1 60 60 60 60"]

    /// A question, the outcome, the answer and what stands in the other sections.
    private typealias Row = (query: QueryText, header: String, answer: [String], others: [String])

    private static let rows: [Row] = {
        let (data, failure) = ("NOERROR qr,aa,rd", "SERVFAIL qr,rd")
        let mail = ["a.mx.example. 60 IN MX 10 mail.mx.example.", "a.mx.example. 60 IN MX 20 mail2.mx.example."]
        let mailOthers = ["mx.example. 60 IN NS ns.mx.example.", "mail.mx.example. 60 IN A 192.0.2.1"]
        let alias = "x.c.example. 60 IN CNAME ip-10-0-0-1.ip.example."
        return [
            ("ip-10-0-0-1.ip.example A", data, ["ip-10-0-0-1.ip.example. 60 IN A 10.0.0.1"], []),
            ("IP-10-0-0-1.IP.example A", data, ["ip-10-0-0-1.ip.example. 60 IN A 10.0.0.1"], []),
            ("ip-10-0-0-1.ip.example AAAA", data, [], []),
            ("ip-10-0-0-1.ip.example TXT", "NXDOMAIN qr,aa,rd", [], negative),
            ("foo.ip.example A", "NXDOMAIN qr,aa,rd", [], negative),
            ("ip-300-0-0-1.ip.example A", failure, [], []), ("a.mx.example MX", data, mail, mailOthers),
            (
                "x.vars.example TXT", data, ["x.vars.example. 5 IN TXT \"vars.example. 127.0.0.1 x.vars.example. 15\""],
                []
            ),
            ("x.refuse.example A", "REFUSED qr,aa,rd", [], []), ("x.refuse.example TXT", "REFUSED qr,aa,rd", [], []),
            ("yes.ft.example A", data, ["yes.ft.example. 60 IN A 192.0.2.3"], []), ("no.ft.example A", failure, [], []),
            ("no.sub.ft.example A", data, ["no.sub.ft.example. 5 IN A 192.0.2.99"], []),
            ("a.multi.example A", data, ["a.multi.example. 60 IN A 192.0.2.4"], []),
            ("b.multi.example A", data, ["b.multi.example. 60 IN A 192.0.2.4"], []),
            ("c.multi.example A", data, ["c.multi.example. 5 IN A 192.0.2.99"], []),
            ("x.c.example CNAME", data, [alias], []),
            ("x.c.example A", data, [alias, "ip-10-0-0-1.ip.example. 60 IN A 10.0.0.1"], []),
            ("x.bad.example A", failure, [], []), ("x.index.bad.example A", failure, [], []),
            ("x.bad.example TXT", failure, [], []), ("x.nowhere.example A", failure, [], []),
            (
                "1.2.3.10.in-addr.arpa PTR", data,
                ["1.2.3.10.in-addr.arpa. 60 IN PTR ip-10-3-2-1.hosts.example."], []
            ),
            ("2.3.10.in-addr.arpa PTR", failure, [], []),
            ("foo.a.example A", data, ["foo.a.example. 30 IN A 192.0.2.3"], []),
            ("abcdef.b.example A", data, ["abcdef.b.example. 30 IN A 192.0.2.6"], []),
            ("x.ede.example TXT", "NXDOMAIN qr,aa,rd", [], []),
            ("x.any.example TXT", data, ["x.any.example. 3600 IN TXT \"t\""], []),
            (
                "two.any.example TXT", data,
                ["two.any.example. 3600 IN TXT \"t\"", "two.any.example. 5 IN TXT \"two\""], []
            ),
            ("x.fails.example A", failure, [], []),
            ("x.const.example A", data, ["fixed.const.example. 3600 IN A 192.0.2.9"], []),
        ]
    }()

    @Test("answers as recorded from CoreDNS")
    func answers() throws {
        let server = try TestServer(recorded, Self.setting)
        for row in Self.rows {
            let reply = try server.ask(row.query)
            #expect(reply.header == row.header, "\(row.query)")
            #expect(reply.answer == row.answer, "\(row.query)")
            #expect(reply.authority + reply.additional == row.others, "\(row.query)")
        }
        #expect(try server.ask("x.h.example HTTPS").message.answer.map(\.type) == [.https])
        #expect(try server.ask("x.ede.example TXT +edns").edns == "size=1232 ede=15:\"blocked by policy\"")
        #expect(try server.ask("x.ede.example TXT").edns == nil)
    }

    @Test("logs what did not become a record, and counts it beside the matches")
    func counts() throws {
        let server = try TestServer(recorded, Self.setting)
        for query: QueryText in [
            "ip-300-0-0-1.ip.example A", "x.bad.example A", "x.other.example A", "x.bad.example TXT",
            "x.refuse.example TYPE65280", "x.refuse.example MX", "x.any.example ANY", "x.any.example ANY",
        ] {
            _ = try server.ask(query)
        }
        #expect(
            server.log.take() == [
                "[ERROR] plugin/errors: 2 ip-300-0-0-1.ip.example. A: dns: bad A A: \"300.0.0.1\" at line: 1:42",
                "[ERROR] plugin/errors: 2 x.bad.example. A: dns: bad A A: \"<no\" at line: 1:27",
                "[ERROR] plugin/errors: 2 x.other.example. A: template: error calling index: index out of range: 7",
                "[ERROR] plugin/errors: 2 x.bad.example. TXT: dns: 'x.bad.example. 60 IN TXTT x': "
                    + "'TXTT' is no record type",
                "[ERROR] plugin/errors: 2 x.any.example. ANY: dns: 'x.any.example. IN ANY \"t\"': "
                    + "ANY records do not belong in a zone",
                "[ERROR] plugin/errors: 2 x.any.example. ANY: dns: 'x.any.example. IN ANY \"t\"': "
                    + "ANY records do not belong in a zone",
            ])
        let lines = String(decoding: server.metrics.exposition(), as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("coredns_template_") }
            .map { $0.replacing("server=\"dns://:\(server.port)\",", with: "").replacing(",view=\"\"", with: "") }
        let bad = "class=\"IN\",section=\"answer\",template="
        let expected = [
            "matches_total{class=\"IN\",type=\"A\",zone=\"bad.example.\"} 1",
            "matches_total{class=\"IN\",type=\"ANY\",zone=\"any.example.\"} 2",
            "matches_total{class=\"IN\",type=\"MX\",zone=\"refuse.example.\"} 1",
            "matches_total{class=\"IN\",type=\"\",zone=\"refuse.example.\"} 1",
            "rr_failures_total{\(bad)\"{{.Name}} 60 IN A {{.Group.x}}\",type=\"A\",zone=\"bad.example.\"} 1",
            "rr_failures_total{\(bad)\"{{.Name}} 60 IN TXTT x\",type=\"TXT\",zone=\"bad.example.\"} 1",
            "template_failures_total{\(bad)\"{{.Name}} 60 IN A {{index .Match 7}}\",type=\"A\","
                + "zone=\"other.example.\"} 1",
        ]
        for line in expected { #expect(lines.contains("coredns_template_\(line)"), "\(line)") }
    }

    @Test("answers other classes where chaos lets them in")
    func foreignClasses() throws {
        let template = "template CH TXT {\nanswer \"{{ .Name }} 0 CH TXT \\\"{{ .Class }}\\\"\"\n}"
        let server = try TestServer(". {\nchaos\n\(template)\n}\nclosed.test:{$PORT1} {\n\(template)\n}\n")
        #expect(try server.ask("a.test TXT CH").answer == ["a.test. 0 CH TXT \"CH\""])
        #expect(try server.ask("a.test TXT").header == "SERVFAIL qr,rd")
        let line =
            "coredns_template_matches_total{class=\"CH\",server=\"dns://:\(server.port)\",type=\"TXT\",view=\"\","
            + "zone=\".\"} 1"
        #expect(String(decoding: server.metrics.exposition(), as: UTF8.self).contains(line))
        let closed = SocketAddress(IPAddress(v4: 0x7F00_0001), port: server.ports[1])
        #expect(try UDPClient(to: closed).ask("a.closed.test TXT CH").header == "REFUSED qr,rd")
    }

    @Test(
        "reports every line that is none",
        arguments: [
            ("template IN", ["2:10 error: Wrong argument count or unexpected line ending after 'IN'"]),
            (
                "template XX FOO example.org {\nanswer \"a\"\n}",
                [
                    "2:10 error: invalid query class XX", "2:13 error: invalid query type FOO",
                    "3:8 warning: this is no record, and queries will fail: the record type is missing",
                ]
            ),
            (
                "template IN A {\nmatch ^(a\nmatch\nanswer\nanswer \"{{ .Name }} {{ foo }}\"\nrcode NOPE\n"
                    + "ederror 70000\nederror\nvar x 1\nexpr true\nanwser x\nrcode\n}",
                [
                    "3:7 error: could not parse regex: '^(a': missing closing )",
                    "4:1 error: Wrong argument count or unexpected line ending after 'match'",
                    "5:1 error: Wrong argument count or unexpected line ending after 'answer'",
                    "6:8 error: could not compile template: there is no function 'foo'",
                    "7:7 error: unknown rcode NOPE",
                    "8:9 error: the extended error must be in range [0, 65535]: 70000",
                    "9:1 error: Wrong argument count or unexpected line ending after 'ederror'",
                    "12:1 error: unknown property 'anwser'",
                    "13:1 error: Wrong argument count or unexpected line ending after 'rcode'",
                ]
            ),
            (
                "template IN A {\nanswer \"{{ .Group.a }} {{ .Group.1 }}\"\nmatch (?P<a>x)\n}",
                ["3:8 error: could not compile template: fractions are not supported"]
            ),
            (
                "template IN A {\nanswer \"{{ .Nmae }} {{ $.Group.b }} {{ .Group.a }} {{ range .Match }}{{ .X }}"
                    + "{{ end }}\"\nmatch (?P<a>x)\n}",
                [
                    "3:8 warning: there is no field '.Nmae', and queries will fail",
                    "3:8 warning: no expression has a group 'b'",
                ]
            ),
        ])
    func reportsMistakes(lines: String, mistakes: [String]) {
        #expect(TestBlock.mistakes(lines) == mistakes)
    }
}
