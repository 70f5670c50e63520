import DNSMessage
import Instance
import Plugins
import Server
import TestSupport
import Testing

/// The end of a server in which queries still wait.
@Suite struct StopTests {
    @Test("stops with queries that wait for upstreams, for timers and for nobody, again and again")
    func stops() throws {
        let upstream = try ScriptedUpstream { _ in [] }
        for round in 0..<200 {
            var setting = TestServer.Setting()
            setting.kinds = [Waiting.self, Fixture.self] + Registry.kinds
            // Less than queries wait, and more, but for those that are never answered.
            setting.streams.stopTimeout = .milliseconds(round % 4 * 20)
            let server = try TestServer(". {\n waiting\n cache\n forward . \(upstream.address)\n}", setting)
            let (udp, tcp) = (try server.udp(), try server.tcp())
            for name in ["web", "slow", "twice", "slow2"] {
                try udp.send(QueryText("\(name).example. A id=\(round)").bytes)
                try tcp.send(QueryText("\(name).example. AAAA id=\(round)").framed)
            }
            // Some are stopped before the queries have come that far.
            for _ in 0..<1_000 where round % 2 == 0 && server.instance.activity.waitingCount < 8 {}
            server.stop()
            #expect(server.instance.activity.waitingCount <= 8)
        }
        #expect(!upstream.heard.isEmpty)
    }
}
