import ClusterIndex
import Glibc
import KubernetesWatch
import TestSupport
import Testing

@Suite("kills and faults at random moments")
struct KillTests {
    /// Several clusters at a time, so that waits pass side by side; each has its own chance, and CLUSTERDNS_TEST_SEED
    /// gives one of them again.
    private static let seeds =
        getenv("CLUSTERDNS_TEST_SEED").flatMap { UInt64(String(cString: $0)) }.map { [$0] }
        ?? (0..<20).map { _ in UInt64.random(in: 0..<1_000_000) }
    private static let killsOfSeed = 5
    private static let faultsOfSeed = 4

    private static let kills: [@Sendable (APIServer, inout SeededRandom) -> Void] = [
        { api, _ in api.strike(.cut) },
        { api, _ in api.strike(.reset) },
        { api, random in api.restart(.killed, awayFor: random.moment(upTo: 300)) },
        { api, random in api.restart(.reset, awayFor: random.moment(upTo: 300), keepingHistory: true) },
        { api, random in
            api.restart(.terminated(drain: random.moment(upTo: 150)), awayFor: random.moment(upTo: 300))
        },
        { api, _ in api.forceRelists() },
    ]

    @Test("a hundred kills of connections and of the API server: exact after each", arguments: seeds)
    func kills(seed: UInt64) async throws {
        var random = SeededRandom(seed)
        let api = try APIServer()
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api)
        let journal = Journal(dns)
        let kept = QueryLoad(on: dns, Expectation(api), threads: 1)
        var changes = RandomChanges()
        for kill in 1...KillTests.killsOfSeed {
            changes.make(6, api, &random)
            try? await Task.sleep(for: random.moment(upTo: 250))
            random.pick(KillTests.kills)(api, &random)
            changes.make(6, api, &random)
            let wrong = try await changes.differences(dns, from: api)
            try #require(wrong == [], "seed \(seed), kill \(kill): \(journal.lines())")
        }
        #expect(kept.stop() == [], "seed \(seed)")
        #expect(try dns.readiness() == 200)
    }

    private static let streamFaults: [StreamFault] = [
        .hang, .cut, .reset, .cutFrame, .end, .garbage, .garbledFraming, .wrongLength, .error(.tooOld(1, floor: 2)),
        .duplicates,
    ]
    private static let moments: [Fault.Moment] = [.afterHead, .afterBytes(100), .afterBytes(3_000), .afterEvents(3)]

    private static func requestFault(_ random: inout SeededRandom) -> Fault {
        random.pick([
            .close, .reset, .silence, .respond(.tooManyRequests(retryAfterSeconds: 1)),
            .respond(.unavailable(retryAfterSeconds: 1)), .respond(.internalError), .respond(.loginPage),
            .trickle(bytes: 2_000, every: .milliseconds(1)),
            .stream(random.pick(streamFaults), random.pick(moments)),
            .stream(random.pick(streamFaults), random.pick(moments)),
        ])
    }

    @Test("faults of all kinds: what stays is answered throughout, and exact after each", arguments: seeds)
    func faults(seed: UInt64) async throws {
        var random = SeededRandom(seed)
        var behaviour = APIServer.Behaviour()
        behaviour.streamingLists = random.pick([.offered, .switchedOff, .unknown])
        behaviour.offersProtobuf = random.pick([true, false])
        // What was begun and never ends is noticed when more comes.
        behaviour.bookmarkInterval = .seconds(1)
        let api = try APIServer(behaviour)
        defer { api.stop() }
        api.apply(Sample.shop)
        let dns = try TestServer(watching: api)
        let journal = Journal(dns)
        let kept = QueryLoad(on: dns, Expectation(api), threads: 1)
        var changes = RandomChanges()
        for fault in 1...KillTests.faultsOfSeed {
            changes.make(4, api, &random)
            api.inject(KillTests.requestFault(&random), times: Int.random(in: 1...3, using: &random))
            if random.pick([true, false]) { api.compact() }
            api.strike(random.pick(KillTests.streamFaults))
            changes.make(4, api, &random)
            try? await Task.sleep(for: random.moment(upTo: 300))
            api.heal()
            let wrong = try await changes.differences(dns, from: api)
            try #require(wrong == [], "seed \(seed), fault \(fault): \(journal.lines())")
        }
        #expect(kept.stop() == [], "seed \(seed)")
        #expect(try dns.readiness() == 200)
    }
}
