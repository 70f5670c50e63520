import DNSMessage
import Glibc
import Locking
import PluginKit
@testable import Plugins
import Logging
import Telemetry
import TestSupport
import Testing

@Suite("loop")
struct LoopTests {
    @Test(
        "reports mistakes",
        arguments: [
            ("loop 5s", ["2:6 error: '5s' is no option of 'loop'"]), ("loop", []), ("loop fatal", []),
            ("loop fatal now", ["2:12 error: Wrong argument count or unexpected line ending after 'now'"]),
            ("loop {\nfatal\n}", ["2:1 error: 'loop' takes no block in braces"]),
        ])
    func mistakes(lines: String, sentences: [String]) {
        #expect(TestBlock.mistakes(lines) == sentences)
    }

    @Test("probes each upstream of its own block once, with a random name below the zones of block and forward")
    func probes() {
        let here = FakeUpstream("192.0.2.1:53", ["a.example.", "."])
        let there = FakeUpstream("192.0.2.2:53", ["."], block: 1)
        let scene = LoopScene([here, there], zones: ["example."])
        #expect(here.waitForProbes(1))
        here.settle(.answered(.nxDomain))
        #expect(here.probes[0].labelCount == 4)
        #expect(here.probes[0].isSubdomain(of: "a.example."))
        #expect(here.probes.count == 1)
        #expect(there.probes.isEmpty)
        #expect(scene.lines == [])
    }

    @Test("quarantines the upstream whose probe came back, names it and counts it; the others stay")
    func quarantines() {
        let (bad, good) = (FakeUpstream("192.0.2.1:53", ["."]), FakeUpstream("192.0.2.2:53", ["."]))
        let scene = LoopScene([bad, good])
        #expect(bad.waitForProbes(1) && good.waitForProbes(1))
        #expect(scene.ask(bad.probes[0], .hinfo) == .refused)
        // As an upstream that plays with case sends it, and once more.
        #expect(scene.ask(bad.probes[0], .hinfo) == .refused)
        #expect(bad.isQuarantined && !good.isQuarantined)
        #expect(bad.reason?.isEmpty == false)
        let name = bad.probes[0]
        let line =
            "[ERROR] plugin/loop: Loop (127.0.0.1:40000 -> :53) detected for zone \".\", "
            + "see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO \(name)\": "
            + "upstream 192.0.2.1:53 is quarantined until it no longer leads back here"
        #expect(scene.lines == [line])
        #expect(
            scene.metrics("coredns_loop") == [
                "coredns_loop_detected_total{to=\"192.0.2.1:53\"} 1", "coredns_loop_quarantined{to=\"192.0.2.1:53\"} 1",
            ])
    }

    @Test("lets everything pass that is no probe of its own")
    func passes() {
        let upstream = FakeUpstream("192.0.2.1:53", ["."])
        let scene = LoopScene([upstream])
        #expect(upstream.waitForProbes(1))
        #expect(scene.ask(upstream.probes[0], .a) == nil)
        #expect(scene.ask("1.2.", .hinfo) == nil)
        #expect(!upstream.isQuarantined)
    }

    @Test("releases an upstream when it answers a probe without sending it back, not when it is silent")
    func releases() {
        let upstream = FakeUpstream("192.0.2.1:53", ["."])
        let scene = LoopScene([upstream], quarantineSeconds: 0)
        #expect(upstream.waitForProbes(1))
        _ = scene.ask(upstream.probes[0], .hinfo)
        upstream.settle(.answered(.refused))
        #expect(upstream.waitForProbes(2))
        #expect(upstream.isQuarantined)
        upstream.settle(.failed("no reply"))
        #expect(upstream.waitForProbes(3))
        #expect(upstream.isQuarantined)
        _ = scene.ask(upstream.probes[2], .hinfo)
        upstream.settle(.answered(.refused))
        #expect(upstream.waitForProbes(4))
        #expect(upstream.isQuarantined)
        upstream.settle(.answered(.nxDomain))
        #expect(patiently { !upstream.isQuarantined })
        #expect(patiently { scene.lines.last?.hasSuffix("it is asked again") == true })
        #expect(scene.metrics("coredns_loop_quarantined") == [])
    }

    @Test("ends the process when it is told to, with CoreDNS's sentence")
    func ends() {
        let upstream = FakeUpstream("192.0.2.1:53", ["."])
        let scene = LoopScene([upstream], isFatal: true)
        #expect(upstream.waitForProbes(1))
        _ = scene.ask(upstream.probes[0], .hinfo)
        #expect(scene.hasEnded)
        #expect(!upstream.isQuarantined)
        #expect(scene.lines.first?.hasPrefix("[FATAL] plugin/loop: Loop (127.0.0.1:40000 -> :53) detected") == true)
    }

    @Test("probes no more once it is stopped")
    func stops() {
        let upstream = FakeUpstream("192.0.2.1:53", ["."])
        let scene = LoopScene([upstream], quarantineSeconds: 0)
        #expect(upstream.waitForProbes(1))
        _ = scene.ask(upstream.probes[0], .hinfo)
        scene.watch.stop()
        upstream.settle(.failed("stopped"))
        usleep(50_000)
        #expect(upstream.probes.count == 1)
    }
}

/// The plugin of one block, without sockets.
private final class LoopScene {
    let watch: LoopWatch
    private let chain: Chain
    private let registry = MetricsRegistry(workers: 1)
    private let log = LogLines()
    private let ended = Lock(false)
    private var taken: [String] = []

    init(_ upstreams: [FakeUpstream], zones: [Name] = ["."], quarantineSeconds: Int = 10, isFatal: Bool = false) {
        let all = ForwardedUpstreams()
        upstreams.forEach { all.add($0) }
        let end: @Sendable () -> Void = { [ended] in ended.withLock { $0 = true } }
        watch = LoopWatch(
            BlockContext(index: 0, zones: zones, words: []), all, LoopMetrics(registry),
            Logger(plugin: "loop", sink: log.sink), quarantineSeconds: quarantineSeconds,
            endInError: isFatal ? end : nil)
        chain = Chain([Chain.Link(LoopPlugin(watch), position: 0)])
        watch.serving(
            StartContext(
                workerCount: 1, sites: [Site(server: "dns://:53", zone: ".", block: 0)], pluginNames: [], readiness: [])
        )
    }

    deinit { watch.stop() }

    var hasEnded: Bool { ended.withLock { $0 } }

    /// The code that the plugin answers with; nil if it passes the query on.
    func ask(_ name: Name, _ type: RecordType) -> ResponseCode? {
        var memory = NameScratch()
        let question = QuestionView(name: memory.read(name), type: type, class: .internet)
        var query = Query(worker: WorkerSlot(0), question: question)
        query.client = .loopback(40_000)
        query.response.begin(question, request: query.request)
        _ = chain.descend(&query)
        return query.failure == nil ? query.response.responseCode : nil
    }

    var lines: [String] {
        taken += log.take()
        return taken
    }

    func metrics(_ prefix: String) -> [String] {
        String(decoding: registry.exposition(), as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(prefix) }
    }
}

/// An upstream that answers when the test says so.
private final class FakeUpstream: ForwardedUpstream {
    private struct State {
        var reason: String?
        var probes: [Name] = []
        var waiting: [@Sendable (ProbeOutcome) -> Void] = []
    }

    let address: String
    let zones: [Name]
    let block: Int
    private let state = Lock(State())

    init(_ address: String, _ zones: [Name], block: Int = 0) {
        (self.address, self.zones, self.block) = (address, zones, block)
    }

    var isQuarantined: Bool { reason != nil }
    var reason: String? { state.withLock { $0.reason } }
    var probes: [Name] { state.withLock { $0.probes } }

    func quarantine(_ reason: String) { state.withLock { $0.reason = reason } }

    func release() { state.withLock { $0.reason = nil } }

    func probe(
        _ name: Name, _ type: RecordType, within time: UInt64, _ done: @escaping @Sendable (ProbeOutcome) -> Void
    ) {
        state.withLock {
            $0.probes.append(name)
            $0.waiting.append(done)
        }
    }

    /// Lets every probe so far have this outcome.
    func settle(_ outcome: ProbeOutcome) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        waiting.forEach { $0(outcome) }
    }

    func waitForProbes(_ count: Int) -> Bool {
        patiently { state.withLock { $0.probes.count } >= count }
    }
}
