import DNSMessage
import Glibc
import Telemetry
import TestSupport
import Testing

/// Upstreams that lead back to the server that asks them, through real sockets (row 18 of the deviations).
@Suite struct LoopTests {
    /// Lines of the server so far, once one of them has this text.
    private func wait(for text: String, in server: TestServer) -> [String] {
        var lines: [String] = []
        _ = patiently {
            lines += server.log.take()
            return lines.contains { $0.contains(text) }
        }
        return lines
    }

    private func metrics(_ server: TestServer, _ prefix: String) -> [String] {
        String(decoding: server.metrics.exposition(), as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(prefix) }
    }

    @Test("a server that forwards to itself quarantines that upstream and answers its own names")
    func itself() throws {
        let server = try TestServer(
            """
            . {
                hosts {
                    10.0.0.1 web.example
                    ttl 5
                    fallthrough
                }
                loop
                forward . 127.0.0.1:{$PORT}
            }
            """)
        let upstream = "127.0.0.1:\(server.port)"
        let line = wait(for: "quarantined", in: server).first { $0.contains("Loop (127.0.0.1:") }
        #expect(line?.hasPrefix("[ERROR] plugin/loop: Loop (127.0.0.1:") == true)
        #expect(line?.contains(" -> :\(server.port)) detected for zone \".\", see https://coredns.io/") == true)
        #expect(line?.hasSuffix("upstream \(upstream) is quarantined until it no longer leads back here") == true)
        #expect(metrics(server, "coredns_loop_quarantined") == ["coredns_loop_quarantined{to=\"\(upstream)\"} 1"])
        #expect(try server.ask("web.example. A").answer == ["web.example. 5 IN A 10.0.0.1"])
        #expect(try server.ask("elsewhere. A").code == .servFail)
    }

    @Test("a loop through another server is found, and the upstream is asked again once that server has another way")
    func another() throws {
        let first = try TestServer(". {\n whoami\n}")
        let second = try TestServer(". {\n forward . 127.0.0.1:\(first.port)\n}")
        let good = try TestServer(". {\n fixture {\n record a.test. 5 IN A 10.0.0.1\n }\n}")
        try first.reload(
            """
            loop.test {
                loop
                forward . 127.0.0.1:\(second.port)
            }
            a.test {
                loop
                forward . 127.0.0.1:\(good.port)
            }
            """)
        let lines = wait(for: "quarantined", in: first)
        #expect(lines.filter { $0.contains("plugin/loop") }.count == 1)
        #expect(lines.contains { $0.contains("detected for zone \"loop.test.\"") })
        #expect(try first.ask("x.loop.test. A").code == .servFail)
        #expect(try first.ask("a.test. A").answer == ["a.test. 5 IN A 10.0.0.1"])
        try second.reload(". {\n whoami\n}")
        #expect(wait(for: "asked again", in: first).contains { $0.contains("127.0.0.1:\(second.port)") })
        #expect(try first.ask("x.loop.test. A").code == .noError)
    }

    @Test("two servers one behind the other are no loop, though both look for one")
    func chain() throws {
        let end = try TestServer(". {\n fixture {\n record a.test. 5 IN A 10.0.0.1\n }\n}")
        let middle = try TestServer(". {\n loop\n forward . 127.0.0.1:\(end.port)\n}")
        let front = try TestServer(". {\n loop\n forward . 127.0.0.1:\(middle.port)\n}")
        for _ in 0..<20 { #expect(try front.ask("a.test. A").answer == ["a.test. 5 IN A 10.0.0.1"]) }
        #expect(front.log.take().filter { $0.contains("plugin/loop") } == [])
        #expect(middle.log.take().filter { $0.contains("plugin/loop") } == [])
    }

    @Test("with 'fatal' the program ends with code 1 and CoreDNS's sentence")
    func fatal() throws {
        let port = FreePorts.take()
        let program = try Program(
            ["-dns.port", "\(port)"], files: ["Corefile": ". {\n loop fatal\n forward . 127.0.0.1:\(port)\n}\n"])
        let outcome = program.finish(within: .seconds(60))
        #expect(outcome.code == 1)
        let line = outcome.output.first { $0.hasPrefix("[FATAL] plugin/loop: Loop (127.0.0.1:") }
        #expect(line?.contains("-> :\(port)) detected for zone \".\", see https://coredns.io/plugins/loop") == true)
    }
}
