import DNSMessage
import EventLoop
import Glibc
import Locking
import PluginKit
import Plugins
import TestSupport
import Testing

/// An upstream for a server of tests: a.example. has an answer with TTL 1, after so many milliseconds from the second
/// time on.
enum SlowUpstream: PluginKind {
    static let name = "slow"

    static func setUp(_ setup: inout Setup) { setup.link(SlowPlugin()) }
}

private final class SlowPlugin: QueryHandling {
    private let asked = Lock(0)

    func onQuery(_ query: inout Query) -> Verdict {
        let count = asked.withLock { asked in
            asked += 1
            return asked
        }
        guard count > 1, query.canPark, let loop = query.loop else { return answer(&query, count) }
        // Longer than any test waits for the old answer.
        loop.schedule(after: 2_000_000_000, Delay(query.parked()) { [self] in answer(&$0, count) })
        return .park
    }

    private func answer(_ query: inout Query, _ count: Int) -> Verdict {
        query.response.flags.recursionAvailable = true
        query.response.writer.addAddress(.question, IPAddress(v4: 0x0A00_0000 + UInt32(count)), ttl: 1)
        return .reply
    }
}

private final class Delay: TimerHandler {
    private let parked: ParkedQuery
    private let verdict: (inout Query) -> Verdict

    init(_ parked: ParkedQuery, _ verdict: @escaping (inout Query) -> Verdict) {
        self.parked = parked
        self.verdict = verdict
    }

    func onTimer(_ token: TimerToken) { parked.resume(verdict) }
}

@Suite("cache: through sockets")
struct CacheServerTests {
    private func server(_ options: String) throws -> TestServer {
        var setting = TestServer.Setting()
        setting.kinds = Registry.kinds + [SlowUpstream.self]
        setting.workers = 1
        return try TestServer("example {\ncache 60 {\nsuccess 1000 60 1\n\(options)\n}\nslow\n}\n", setting)
    }

    /// Asks until the answer is `address`, which time alone brings about.
    private func address(_ server: TestServer, until isDone: ([String]) -> Bool) throws -> [String] {
        var answer: [String] = []
        let isDone = try patiently(every: .milliseconds(50)) {
            answer = try server.ask("a.example. A").answer
            return isDone(answer)
        }
        return isDone ? answer : []
    }

    @Test("verify with a time-out: the old answer comes when the upstream is slow, the new one when it has come")
    func verifyTimeout() throws {
        let server = try server("serve_stale 1h verify 50ms")
        #expect(try address(server) { !$0.isEmpty } == ["a.example. 1 IN A 10.0.0.1"])
        #expect(try address(server) { $0.first?.contains(" 0 IN") ?? false } == ["a.example. 0 IN A 10.0.0.1"])
        let newer = try address(server) { !($0.first?.hasSuffix("10.0.0.1") ?? true) }
        #expect(newer.count == 1)
    }

    @Test("immediate: the old answer comes at once, the new one when it has come")
    func immediate() throws {
        let server = try server("serve_stale 1h")
        #expect(try address(server) { !$0.isEmpty } == ["a.example. 1 IN A 10.0.0.1"])
        #expect(try address(server) { $0.first?.contains(" 0 IN") ?? false } == ["a.example. 0 IN A 10.0.0.1"])
        let newer = try address(server) { !($0.first?.hasSuffix("10.0.0.1") ?? true) }
        #expect(newer.count == 1)
    }
}
