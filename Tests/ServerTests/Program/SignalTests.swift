import Glibc
import DNSMessage
import PluginKit
import TestSupport
import Testing

/// What signals do to the process (section D).
@Suite struct SignalTests {
    private static let plain = """
        example {
            chaos first
            whoami
        }
        """

    /// A program that serves, and where.
    private func start(_ corefile: String = plain, _ arguments: [String] = []) throws -> (Program, SocketAddress) {
        let port = FreePorts.take()
        let program = try Program(["-dns.port", "\(port)"] + arguments, files: ["Corefile": corefile])
        try #require(program.waitForOutput(containing: "linux/"), "\(program.errors)")
        return (program, .loopback(port))
    }

    static let endings: [(String, [Int32], Int32, [String])] = [
        ("SIGTERM", [SIGTERM], 0, ["[INFO] SIGTERM: Shutting down servers then terminating"]),
        ("SIGINT", [SIGINT], 0, ["[INFO] SIGINT: Shutting down"]),
        ("SIGQUIT", [SIGQUIT], 0, ["[INFO] SIGQUIT: Quitting process immediately"]),
        (
            "what is ignored, then SIGTERM", [SIGHUP, SIGPIPE, SIGUSR2, SIGTERM], 0,
            ["[INFO] SIGTERM: Shutting down servers then terminating"]
        ),
    ]

    @Test("ends with a line and an exit code, and takes its pidfile along", arguments: endings)
    func ends(name: String, signals: [Int32], code: Int32, lines: [String]) throws {
        let (program, _) = try start(Self.plain, ["-pidfile", "pid"])
        #expect(patiently { program.content(of: "pid")?.hasSuffix("\n") == true })
        for signal in signals {
            program.send(signal)
            usleep(20_000)
        }
        let outcome = program.finish()
        #expect(outcome.code == code)
        #expect(outcome.output.filter { $0.hasPrefix("[") } == lines)
        #expect(outcome.errors.isEmpty)
        #expect(program.content(of: "pid") == nil)
    }

    @Test("ends at once when it is told so while it starts", arguments: [SIGTERM, SIGINT, SIGQUIT])
    func endsWhileItStarts(signal: Int32) throws {
        // Nobody writes to the pipe, so that the start waits for its Corefile.
        let program = try Program(["-conf", "pipe"], shell: "mkfifo pipe")
        program.waitUntilItOverrides(SIGUSR2, lookingEvery: 5_000)
        program.send(signal)
        let outcome = program.finish(within: .seconds(5))
        #expect(outcome.code == 0)
        #expect(outcome.output.count == 1)
        #expect(outcome.errors.isEmpty)
    }

    @Test("hears a signal that comes before anything listens for it", arguments: 0..<5)
    func hearsEarlySignals(round: Int) throws {
        let program = try Program(["-conf", "pipe"], shell: "mkfifo pipe")
        program.waitUntilItOverrides(SIGTERM, lookingEvery: UInt32(round) * 50)
        program.send(SIGTERM)
        #expect(program.finish(within: .seconds(20)).code == 0)
    }

    private static let lame = """
        example {
            health 127.0.0.1:{$HEALTH_PORT} {
                lameduck 30s
            }
            whoami
        }
        """

    private func startLame() throws -> (Program, SocketAddress) {
        let port = FreePorts.take()
        return try start(Self.lame.split(separator: "{$HEALTH_PORT}").joined(separator: "\(port)"))
    }

    @Test("answers on while it is a lame duck; a second SIGINT ends that with code 2")
    func forcesTheEnd() throws {
        let (program, address) = try startLame()
        program.send(SIGINT)
        #expect(program.waitForOutput(containing: "lameduck"))
        #expect(try UDPClient(to: address).ask("x.example. A").header == "NOERROR qr,aa,rd")
        program.send(SIGINT)
        let outcome = program.finish()
        #expect(outcome.code == 2)
        #expect(outcome.output.contains("[INFO] SIGINT: Shutting down"))
        #expect(outcome.output.last == "[INFO] SIGINT: Force quit")
    }

    @Test("says once that it is shutting down, however often it is told; SIGQUIT ends it at once")
    func shutsDownOnce() throws {
        let (program, address) = try startLame()
        for _ in 0..<5 {
            program.send(SIGTERM)
            usleep(10_000)
        }
        #expect(program.waitForOutput(containing: "lameduck"))
        #expect(try TCPClient(to: address).ask("x.example. A").header == "NOERROR qr,aa,rd")
        program.send(SIGQUIT)
        let outcome = program.finish()
        #expect(outcome.code == 0)
        #expect(outcome.output.filter { $0.contains("SIGTERM") }.count == 1)
        #expect(outcome.output.filter { $0.contains("ameduck") }.count == 1)
    }

    // MARK: Exhaustion

    @Test("serves UDP when clients have taken every descriptor, and TCP again once they let go")
    func survivesWithoutDescriptors() throws {
        let port = FreePorts.take()
        // Half of the descriptors are for clients; with the sockets of a second port the rest does not suffice.
        let corefile = Self.plain + "\nsecond.example:\(FreePorts.take()) {\n    whoami\n}\n"
        let program = try Program(["-dns.port", "\(port)"], files: ["Corefile": corefile], shell: "ulimit -n 40")
        try #require(program.waitForOutput(containing: "linux/"), "\(program.errors)")
        let address = SocketAddress.loopback(port)
        do {
            let clients = try (0..<100).map { _ in try TCPClient(to: address) }
            let before = program.cpuSeconds
            for _ in 0..<10 {
                #expect(try UDPClient(to: address).ask("x.example. A").header == "NOERROR qr,aa,rd")
                usleep(50_000)
            }
            // Accepting what cannot be accepted, again and again, would take all the time there is.
            #expect(program.cpuSeconds - before < 0.3)
            withExtendedLifetime(clients) {}
        }
        #expect(try TCPClient(to: address).ask("x.example. A").header == "NOERROR qr,aa,rd")
        let line = "[ERROR] cannot accept TCP connections: Too many open files; the process may have 40 files open"
        program.send(SIGTERM)
        let lines = program.finish().output.filter { $0.contains("cannot accept") }
        #expect((1...4).contains(lines.count) && lines.first == line, "\(lines)")
    }

    @Test("clients over TCP leave descriptors to everything else")
    func leavesDescriptors() throws {
        let (port, health) = (FreePorts.take(), FreePorts.take())
        let corefile = "example {\n    whoami\n    health 127.0.0.1:\(health)\n}\n"
        let program = try Program(
            ["-dns.port", "\(port)"], files: ["Corefile": corefile], shell: "ulimit -n 200")
        try #require(program.waitForOutput(containing: "linux/"), "\(program.errors)")
        let clients = try (0..<250).map { _ in try TCPClient(to: .loopback(port)) }
        #expect(try clients[0].ask("x.example. A").header == "NOERROR qr,aa,rd")
        #expect(try AdminClient.get("/health", from: .loopback(health)).status == 200)
        program.send(SIGTERM)
        #expect(program.finish().output.filter { $0.contains("cannot accept") } == [])
        withExtendedLifetime(clients) {}
    }
}
