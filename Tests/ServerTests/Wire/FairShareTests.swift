import CLinux
import DNSMessage
import Glibc
import Locking
import PluginKit
import Plugins
@testable import Server
import Telemetry
import TestSupport
import Testing

/// One client among many that asks without measure.
@Suite struct FairShareTests {
    @Test("keeps places for other clients when one has very many queries waiting")
    func sharesPlaces() throws {
        var setting = TestServer.Setting()
        setting.kinds = [Hold.self, Fixture.self] + Registry.kinds
        setting.workers = 1
        let server = try TestServer(". {\n hold\n}\n", setting)
        let greedy = try UDPClient(to: server.address())
        // Replies tell that there is no place left; queries may get lost on the way, so more are sent than there are.
        var refusals = 0
        for id in 0..<40_000 where refusals == 0 {
            try greedy.send(QueryText("x.example. A id=\(id)").bytes)
            if id % 64 == 63, try greedy.receive(within: .milliseconds(2))?.code == .servFail { refusals += 1 }
        }
        #expect(refusals == 1)
        let modest = try UDPClient(
            to: server.address(), from: SocketAddress(try #require(IPAddress("127.0.0.2")), port: 0))
        for id in 0..<20 { try modest.send(QueryText("y.example. A id=\(id)").bytes) }
        #expect(try modest.receive(within: .milliseconds(300)) == nil)
    }

    /// How many packets of each client are answered, of a batch of 64 that these clients sent, after so many looks at a
    /// kernel that drops packets all the time, and so many at one that does not.
    private func answers(_ clients: [Int], dropping: Int, keeping: Int = 0) -> [Int] {
        var share = FairShare()
        defer { share.deallocate() }
        var dropped: UInt32 = 7
        for look in 0..<(dropping + 1 + keeping) {
            if look <= dropping { dropped += 5 }
            for _ in 0..<32 { _ = share.note(64) { dropped } }
        }
        let batch = clients.enumerated().flatMap { Array(repeating: IPAddress(v4: UInt32($0)), count: $1) }
        guard share.isNeeded(batch.count) else { return clients }
        share.begin(batch.count) { batch[$0] }
        return clients.indices.map { client in
            batch.filter { $0 == IPAddress(v4: UInt32(client)) && share.admits($0) }.count
        }
    }

    @Test(
        "answers everything while nothing is dropped, and fewer and fewer of a flood while packets are",
        arguments: [
            ([60, 1, 3], 0, 0, [60, 1, 3]), ([60, 1, 3], 1, 0, [48, 1, 3]), ([60, 1, 3], 2, 0, [36, 1, 3]),
            ([60, 1, 3], 40, 0, [21, 1, 3]), ([64], 40, 0, [64]), ([32, 32], 40, 0, [32, 32]),
            ([60, 1, 3], 40, 3, [25, 1, 3]), ([60, 1, 3], 40, 8, [60, 1, 3]), ([50, 1], 40, 0, [50, 1]),
        ])
    func sharesBatches(_ clients: [Int], _ dropping: Int, _ keeping: Int, _ expected: [Int]) {
        #expect(answers(clients, dropping: dropping, keeping: keeping) == expected)
    }

    @Test("counts what the kernel dropped once, when it looks")
    func countsDrops() {
        var share = FairShare()
        defer { share.deallocate() }
        var seen: [UInt32] = []
        for dropped in [7, 7, 19] as [UInt32] {
            for _ in 0..<32 { seen.append(share.note(64) { dropped }) }
        }
        #expect(seen.filter { $0 > 0 } == [7, 12])
    }

    @Test("counts queries that are lost, and says so once in a minute")
    func tellsOverload() throws {
        var setting = TestServer.Setting()
        setting.kinds = [Slow.self] + Registry.kinds
        setting.workers = 1
        let server = try TestServer(". {\n slow\n}\n", setting)
        let clients = try ["127.0.0.1", "127.0.0.2"].map {
            try UDPClient(to: server.address(), from: SocketAddress(try #require(IPAddress($0)), port: 0))
        }
        // As many as it takes until packets are dropped and shares are not full; most come from one client.
        var counted: [String] = []
        for id in 0..<2_000_000 where counted.count < 2 {
            try clients[id % 8 == 0 ? 1 : 0].send(QueryText("x.example. A id=\(id % 65_536)").bytes)
            guard id % 4_096 == 0 else { continue }
            counted = String(decoding: server.metrics.exposition(), as: UTF8.self).split(separator: "\n")
                .map(String.init).filter { $0.hasPrefix("clusterdns_") }
        }
        let label = "{server=\"dns://:\(server.port)\"}"
        #expect(counted.contains { $0.hasPrefix("clusterdns_udp_overflow_total\(label) ") })
        #expect(counted.contains { $0.hasPrefix("clusterdns_fair_share_dropped_total\(label) ") })
        let lines = server.log.take().filter { $0.contains("they arrive faster than they can be answered") }
        #expect(lines.count == 1 && lines[0].hasPrefix("[WARNING] dns://:\(server.port): "))
    }

    /// Takes a while for every query.
    enum Slow: PluginKind {
        static let name = "slow"
        static func setUp(_ setup: inout Setup) { setup.link(SlowPlugin()) }
    }

    final class SlowPlugin: QueryHandling {
        func onQuery(_ query: inout Query) -> Verdict {
            usleep(20)
            return .fail(.refused)
        }
    }

    /// Lets every query wait for ever, and fails those that find no place.
    enum Hold: PluginKind {
        static let name = "hold"
        static func setUp(_ setup: inout Setup) { setup.link(HoldPlugin()) }
    }

    final class HoldPlugin: QueryHandling {
        func onQuery(_ query: inout Query) -> Verdict { query.canPark ? .park : .fail(.servFail) }
    }
}
