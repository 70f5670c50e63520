import DNSMessage
import Glibc
import TestSupport
import Testing

/// The real program, watching a real server.
@Suite("clusterdns top") struct TopCommandTests {
    private let server: TestServer
    private var address: String { "127.0.0.1:\(server.ports[1])" }

    init() throws {
        server = try TestServer(
            """
            . {
                prometheus 127.0.0.1:{$PORT1}
                template IN A {
                    answer "{{ .Name }} 60 IN A 192.0.2.1"
                }
                template ANY ANY {
                    rcode NXDOMAIN
                }
            }
            """)
    }

    private func ask(_ count: Int) throws {
        let client = try server.udp()
        for index in 0..<count { _ = try client.ask(QueryText("busy.example.org \(index % 4 == 0 ? "AAAA" : "A")")) }
    }

    @Test("shows the names just asked for in one sample, without a terminal")
    func once() throws {
        try ask(300)
        let outcome = try Program(["top", "--once", "--interval", "0.2", address]).finish()
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
        #expect(outcome.output.first?.hasPrefix("http://\(address)") == true)
        #expect(outcome.output.contains { $0.hasPrefix("queries  0.0/s") })
        #expect(outcome.output.contains { $0.contains("busy.example.org.") && $0.contains("127.0.0.1") })
        #expect(outcome.output.allSatisfy { !$0.contains("\u{1B}") })
    }

    @Test("counts what happens within the interval")
    func counts() throws {
        try ask(8)
        let program = try Program(["top", "--json", "--interval", "1", address])
        // The first look is over as soon as it is counted, whenever that is.
        for _ in 0..<400 {
            try ask(8)
            usleep(2_000)
        }
        let outcome = program.finish()
        #expect(outcome.code == 0)
        #expect(outcome.output.contains { $0.hasPrefix("      \"NXDOMAIN\": ") })
        #expect(outcome.output.contains("        \"name\": \"busy.example.org.\","))
        #expect(!outcome.output.contains("    \"queriesPerSecond\": 0,"))
    }

    @Test("exits with 1 and says why where no server answers")
    func nobody() throws {
        let port = FreePorts.take()
        let outcome = try Program(["top", "--once", "127.0.0.1:\(port)"]).finish()
        #expect(outcome.code == 1)
        #expect(outcome.output.last == "! connection to 127.0.0.1:\(port) refused")
    }

    @Test("shows one server where another does not answer")
    func oneOfTwo() throws {
        let port = FreePorts.take()
        let outcome = try Program(["top", "--once", "--interval", "0.2", address, "127.0.0.1:\(port)"]).finish()
        #expect(outcome.code == 0)
        #expect(outcome.output.first?.hasPrefix("2 servers, 1 of them answer") == true)
        #expect(outcome.output.contains("! http://127.0.0.1:\(port): connection to 127.0.0.1:\(port) refused"))
    }

    @Test("says what a server answers that has no metrics")
    func notFound() throws {
        let other = try TestServer(". {\n    whoami\n    health 127.0.0.1:{$PORT1}\n}\n")
        let outcome = try Program(["top", "--once", "127.0.0.1:\(other.ports[1])"]).finish()
        #expect(outcome.code == 1)
        #expect(outcome.output.last == "! /metrics answers with HTTP status 404")
    }

    @Test("draws in a terminal again and again, until q gives it back as it was")
    func live() throws {
        try ask(300)
        let terminal = try PseudoTerminal(["top", "--interval", "0.2", address], columns: 100, rows: 20)
        #expect(terminal.waitFor("\u{1B}[?1049h"))
        #expect(terminal.waitFor("q quits"))
        #expect(terminal.waitFor("busy.example.org."))
        #expect(!terminal.isCooked)
        #expect(terminal.waitFor("queries  "))
        #expect(terminal.waitFor("queries  "))
        terminal.type("q")
        #expect(terminal.finish() == 0)
        #expect(terminal.waitFor("\u{1B}[?25h\u{1B}[?1049l"))
        #expect(terminal.isCooked)
    }

    @Test("draws anew when the window changes")
    func resizes() throws {
        try ask(300)
        let terminal = try PseudoTerminal(["top", "--interval", "0.2", address], columns: 100, rows: 24)
        #expect(terminal.waitFor("  CLIENTS"))
        terminal.resize(columns: 50, rows: 24)
        #expect(terminal.waitFor("\u{1B}[1mCLIENTS"))
    }

    @Test(
        "gives the terminal back however it ends",
        arguments: [(SIGINT, 0), (SIGTERM, 143), (SIGHUP, 129)] as [(Int32, Int32)])
    func signals(signal: Int32, code: Int32) throws {
        let terminal = try PseudoTerminal(["top", address])
        #expect(terminal.waitFor("q quits"))
        terminal.send(signal)
        #expect(terminal.finish() == code)
        #expect(terminal.waitFor("\u{1B}[?1049l"))
        #expect(terminal.isCooked)
    }

    @Test("goes on when the server went away and came back")
    func comesBack() throws {
        let port = FreePorts.take()
        let corefile = ". {\n    bind 127.0.0.1\n    prometheus 127.0.0.1:\(port)\n    whoami\n}\n"
        let terminal = try PseudoTerminal(["top", "--interval", "0.2", "127.0.0.1:\(port)"])
        #expect(terminal.waitFor("! connection to 127.0.0.1:\(port) refused"))
        let second = try TestServer(corefile)
        #expect(terminal.waitFor("queries  0.0/s"))
        second.stop()
        #expect(terminal.waitFor("! connection to 127.0.0.1:\(port) refused"))
    }
}
