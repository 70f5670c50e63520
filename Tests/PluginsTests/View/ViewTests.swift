import DNSMessage
import Instance
import PluginKit
import Telemetry
import TestSupport
import Testing

@Suite("view")
struct ViewTests {
    /// The recording's blocks, and one that goes by metadata.
    private static let corefile = """
        example.org {
            prometheus 127.0.0.1:0
            view v6only {
                expr type() == 'AAAA'
            }
            hosts {
                fd00::1 a.example.org
            }
        }
        example.org {
            view meta {
                expr metadata('view/name') == 'meta' && name() startsWith 'meta.'
            }
            metadata
            log . "{name} {/view/name}"
            hosts {
                10.0.0.8 meta.example.org
            }
        }
        example.org {
            view tcpname {
                expr proto() == 'tcp'
                expr name() matches '^(a|b)\\\\.example\\\\.org\\\\.$'
            }
            hosts {
                10.0.0.3 a.example.org b.example.org c.example.org
            }
        }
        example.org {
            view dobit {
                expr do() && bufsize() > 2000
            }
            hosts {
                10.0.0.4 a.example.org
            }
        }
        example.org {
            prometheus 127.0.0.1:0
            hosts {
                10.0.0.5 a.example.org b.example.org c.example.org
            }
        }
        other.test {
            view never {
                expr false
            }
            hosts {
                10.0.0.6 a.other.test
            }
        }
        . {
            view rest {
                expr client_ip() == '127.0.0.1' && server_port() == '{$PORT}' && class() == 'IN' && opcode() == 0
                expr "any(['10.0.0.0/8', '127.0.0.0/8'], incidr(client_ip(), #))"
                expr incidr(client_ip(), '127.0.0.1/32')
                expr id() >= 0 && size() > 12 && port() != '' && server_ip() != ''
                expr name() not endsWith 'refused.test.'
            }
            hosts {
                10.0.0.7 a.other.test root.test
            }
        }
        """

    @Test(
        "gives a query to the first block that takes it, or to one of a shorter zone",
        arguments: [
            ("a.example.org. AAAA", Transport.udp, "fd00::1"), ("a.example.org. A", .udp, "10.0.0.5"),
            ("a.example.org. A", .tcp, "10.0.0.3"), ("A.Example.org. A", .tcp, "10.0.0.3"),
            ("c.example.org. A", .tcp, "10.0.0.5"), ("a.example.org. A +do bufsize=4096", .udp, "10.0.0.4"),
            ("a.example.org. A +do bufsize=1400", .udp, "10.0.0.5"), ("meta.example.org. A", .udp, "10.0.0.8"),
            ("a.other.test. A", .udp, "10.0.0.7"), ("root.test. A", .tcp, "10.0.0.7"),
        ] as [(QueryText, Transport, String)])
    func chooses(query: QueryText, transport: Transport, address: String) throws {
        let server = try TestServer(Self.corefile)
        let reply = try server.ask(query, over: transport)
        #expect(reply.answer.count == 1)
        #expect(reply.answer.first?.hasSuffix(" \(address)") == true, "\(reply.answer)")
    }

    @Test("refuses what no block takes, and names the view in metrics, metadata and nowhere twice")
    func refuses() throws {
        let server = try TestServer(Self.corefile)
        #expect(try server.ask("refused.test. A").header == "REFUSED qr,rd")
        _ = try server.ask("a.example.org. AAAA")
        _ = try server.ask("meta.example.org. A")
        let metrics = String(decoding: server.metrics.exposition(), as: UTF8.self)
        #expect(metrics.contains(#"type="AAAA",view="v6only",zone="example.org."} 1"#))
        #expect(metrics.contains(#"coredns_plugin_enabled{name="view",server="dns://:\#(server.port)",view="v6only""#))
        let started = server.instance.startLines
        #expect(started.count { $0.hasPrefix("example.org.") } == 1)
        server.stop()
        #expect(server.log.take().contains("[INFO] meta.example.org. meta"))
    }

    @Test(
        "reports what is no view and no expression, at the place of the mistake",
        arguments: [
            ("view", ["2:1 error: Wrong argument count or unexpected line ending after 'view'"]),
            ("view a {\nexpr\n}", ["3:1 error: Wrong argument count or unexpected line ending after 'expr'"]),
            (
                "view a {\nexpr type() = 'A'\nexper true\n}",
                [
                    "3:13 error: unexpected '='", "4:1 error: unknown property 'exper'",
                ]
            ),
            ("view a {\nexpr true && tpye() == 'A'\n}", ["3:14 error: unknown function 'tpye'"]),
            (
                "view a {\nexpr \"true && id() == 'A'\"\n}",
                [
                    "3:20 error: '==' does not go with a int and a string"
                ]
            ),
            (
                "view a {\nexpr incidr(client_ip(), '10.0.0.0/33')\n}",
                [
                    "3:26 error: '10.0.0.0/33' is no network, which is written like 10.0.0.0/8 or fd00::/8"
                ]
            ),
            (
                "view a {\nexpr metadata('x') == ''\n}",
                [
                    "3:15 error: 'x' is no label of metadata, which is written like kubernetes/service"
                ]
            ),
            (
                "view a {\nexpr type()\n}",
                [
                    "3:6 warning: this is a string and never true, so that the block takes no query"
                ]
            ),
            ("view a\nview b", ["3:1 error: 'view' can only be used once per server block"]),
        ])
    func mistakes(lines: String, expected: [String]) {
        #expect(TestBlock.mistakes(lines) == expected)
    }
}
