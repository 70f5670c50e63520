import CLinux
import DNSMessage
import Locking
import PluginKit
import Plugins
@testable import Server
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
            for _ in 0..<32 { share.note(64) { dropped } }
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

    /// Lets every query wait for ever, and fails those that find no place.
    enum Hold: PluginKind {
        static let name = "hold"
        static func setUp(_ setup: inout Setup) { setup.link(HoldPlugin()) }
    }

    final class HoldPlugin: QueryHandling {
        func onQuery(_ query: inout Query) -> Verdict { query.canPark ? .park : .fail(.servFail) }
    }
}
