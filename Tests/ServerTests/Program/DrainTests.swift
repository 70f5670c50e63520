import DNSMessage
import Glibc
@testable import Instance
import PluginKit
import Server
import Testing
import TestSupport

/// The end after SIGTERM (row 22 of the deviations).
@Suite struct DrainTests {
    private static let second: UInt64 = 1_000_000_000

    /// Lameduck, time since the start and since the last query, in seconds; queries that wait; whether it is the end.
    static let moments: [(lameduck: Int, elapsed: Double, quiet: Double, waiting: Int, isOver: Bool)] = [
        (0, 0.05, 60, 0, false), (0, 0.15, 60, 0, true), (0, 0.15, 0.05, 0, false), (0, 0.99, 0.01, 0, false),
        (0, 1.0, 0.01, 0, true), (0, 1.5, 1.5, 1, false), (0, 6.0, 6, 1, true),
        (5, 1, 60, 0, false), (5, 2.4, 60, 0, false), (5, 2.5, 60, 0, true), (5, 2.5, 0.9, 0, false),
        (5, 3.6, 1.05, 0, true), (5, 4.9, 0.1, 0, false), (5, 5, 0.1, 0, true), (5, 5, 5, 3, false),
        (5, 10, 0, 3, true),
        (30, 14, 60, 0, false), (30, 15, 1, 0, true), (1, 0.49, 9, 0, false), (1, 0.5, 9, 0, true),
    ]

    @Test("comes when nobody asks any more or the grace period is over", arguments: moments)
    func ends(lameduck: Int, elapsed: Double, quiet: Double, waiting: Int, isOver: Bool) {
        let start = 1_000 * Self.second
        let now = start + UInt64(elapsed * 1e9)
        let activity = DNSServer.Activity(lastQueryAt: now - UInt64(quiet * 1e9), waitingCount: waiting)
        let plan = DrainPlan(lameduck: .seconds(lameduck))
        #expect(plan.isOver(now: now, since: start, activity) == isOver)
    }

    @Test("is told by /ready at once, while queries are answered as long as they come")
    func answersOn() throws {
        let (dns, http) = (FreePorts.take(), FreePorts.take())
        let corefile = """
            example {
                health 127.0.0.1:\(http) {
                    lameduck 8s
                }
                ready 127.0.0.1:\(http)
                whoami
            }
            """
        let program = try Program(["-dns.port", "\(dns)"], files: ["Corefile": corefile])
        try #require(program.waitForOutput(containing: "linux/"), "\(program.errors)")
        #expect(try AdminClient.get("/ready", from: .loopback(http)).status == 200)
        let idle = try TCPClient(to: .loopback(dns))
        _ = try idle.ask("x.example. A")
        let client = try UDPClient(to: .loopback(dns))
        program.send(SIGTERM)
        #expect(program.waitForOutput(containing: "lameduck"))
        #expect(try AdminClient.get("/ready", from: .loopback(http)).status == 503)
        #expect(try AdminClient.get("/health", from: .loopback(http)).status == 200)
        #expect(try client.ask("x.example. A").code == .noError)
        #expect(try idle.ask("x.example. A").code == .noError)
        #expect(idle.end() != .silent)
        #expect(program.finish().code == 0)
    }
}
