import DNSMessage
import EventLoop
import Glibc
import Locking
@testable import Plugins
import TestSupport
import Testing
import Upstream

/// Health, scores, hedges and quarantine, with fake upstreams.
@Suite("forward's upstreams")
struct ForwardHealthTests {
    private static let answer = FakeAction.answer(["www.example. 60 IN A 192.0.2.1"])
    private static let refused = FakeAction.fail(.unreachable(111))

    @Test("checks an upstream that failed until it answers, and does not ask it while it is down")
    func checks() throws {
        let isWell = Lock(false)
        let upstream = FakeScript { _, _ in isWell.withLock { $0 } ? Self.answer : Self.refused }
        let other = FakeScript(Self.answer)
        let rig = ForwardRig([upstream, other]) { options in
            options.policy = .sequential
            options.failsMax = 2
            options.healthInterval = 5_000_000
            options.healthIsRecursive = false
            options.healthDomain = "check.example."
        }
        #expect(try rig.ask("www.example.").responseCode == "NOERROR")
        #expect(patiently { rig.servers[0].isDown(2) })
        let probe = try #require(upstream.asked.dropFirst().first?.message)
        #expect(probe.questions == [Message.Question("check.example.", .ns)])
        #expect(!probe.flags.recursionDesired)
        let asked = upstream.asked.filter { $0.message.questions.first?.type == .a }.count
        #expect(try rig.ask("other.example.").responseCode == "NOERROR")
        #expect(upstream.asked.filter { $0.message.questions.first?.type == .a }.count == asked)
        isWell.withLock { $0 = true }
        #expect(patiently { !rig.servers[0].isDown(2) })
        #expect(rig.metrics("coredns_proxy_healthcheck_failures_total{").count == 1)
    }

    @Test("asks one of the upstreams when all are down, unless told to fail fast", arguments: [false, true])
    func spraysWhenDown(_ failsFast: Bool) throws {
        let upstream = FakeScript { query, _ in query.message.questions.first?.type == .ns ? .silence : Self.answer }
        let rig = ForwardRig([upstream]) { options in
            options.failsMax = 1
            options.failsFast = failsFast
        }
        rig.servers[0].noteFailedCheck()
        rig.servers[0].noteFailedCheck()
        let walk = rig.start(TestQuery("www.example.", .a))
        let reply = try walk.reply()
        #expect(reply.responseCode == (failsFast ? "SERVFAIL" : "NOERROR"))
        #expect(walk.failure == (failsFast ? "no healthy proxies" : nil))
        #expect(
            rig.metrics("coredns_forward_healthcheck_broken_total")
                == ["coredns_forward_healthcheck_broken_total \(failsFast ? 0 : 1)"])
    }

    @Test("asks nothing of an upstream in quarantine, and says why if there is no other")
    func quarantines() throws {
        let scripts = [FakeScript(Self.answer), FakeScript(Self.answer)]
        let rig = ForwardRig(scripts)
        rig.servers[0].quarantine("192.0.2.0:53 leads back here")
        #expect(try rig.ask("www.example.").responseCode == "NOERROR")
        #expect(scripts.map(\.asked.count) == [0, 1])
        rig.servers[1].quarantine("192.0.2.1:53 leads back here")
        let reply = try rig.ask("www.example.")
        #expect(reply.responseCode == "SERVFAIL")
        #expect(reply.edns?.contains("leads back here") == true)
        rig.servers[0].release()
        #expect(try rig.ask("www.example.").responseCode == "NOERROR")
        #expect(scripts.map(\.asked.count) == [1, 1])
    }

    @Test("sends probes to one upstream alone, also in quarantine")
    func probes() throws {
        let scripts = [FakeScript(.code(.nxDomain)), FakeScript(Self.refused)]
        let rig = ForwardRig(scripts)
        rig.servers[0].quarantine("a test")
        let outcomes = Lock<[String]>([])
        for server in rig.servers {
            server.probe("1.2.", .hinfo, within: 1_000_000_000) { outcome in
                outcomes.withLock { $0.append("\(outcome)") }
            }
        }
        #expect(patiently { outcomes.withLock { $0.count == 2 } })
        #expect(outcomes.withLock { $0.contains("answered(NXDOMAIN)") })
        #expect(outcomes.withLock { $0.contains { $0.hasPrefix("failed") } })
        #expect(scripts.map(\.asked.count) == [1, 1])
        rig.plugin.stop()
        rig.servers[0].probe("1.2.", .hinfo, within: 1) { outcome in outcomes.withLock { $0.append("\(outcome)") } }
        #expect(outcomes.withLock { $0.last } == "failed(\"the plugin is not running\")")
    }

    @Test("asks a second upstream when the first takes longer than it used to")
    func hedges() throws {
        let isSlow = Lock(false)
        let first = FakeScript { _, _ in isSlow.withLock { $0 } ? .silence : Self.answer }
        let second = FakeScript(Self.answer)
        let rig = ForwardRig([first, second])
        for _ in 0..<ForwardLimits.hedgeSamplesMin { _ = try rig.ask("www.example.") }
        let before = second.asked.count
        isSlow.withLock { $0 = true }
        #expect(try rig.ask("www.example.").responseCode == "NOERROR")
        #expect(second.asked.count == before + 1)
        #expect(first.cancelled >= 1)
        #expect(rig.metrics("clusterdns_forward_hedges_total") != ["clusterdns_forward_hedges_total 0"])
    }

    @Test("asks the same upstream again after a while of silence")
    func retries() throws {
        let upstream = FakeScript { _, count in count == 1 ? .silence : Self.answer }
        #expect(try ForwardRig([upstream]).ask("www.example.").responseCode == "NOERROR")
        #expect(upstream.asked.count == 2)
    }

    @Test("asks an upstream last that failed again and again")
    func demotes() throws {
        let scripts = [FakeScript(Self.refused), FakeScript(Self.answer)]
        let rig = ForwardRig(scripts)
        for _ in 0..<20 { #expect(try rig.ask("www.example.").responseCode == "NOERROR") }
        #expect(scripts[0].asked.count < 5)
    }
}
