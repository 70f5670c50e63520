import Dispatch
import Glibc
import Locking
import PluginKit
@testable import Plugins
import Telemetry
import TestSupport
import Testing

@Suite("reload")
struct ReloadTests {
    @Test(
        "reports mistakes",
        arguments: [
            ("reload 1s", ["2:8 error: interval value must be greater or equal to 2s"]),
            ("reload 30s 500ms", ["2:12 error: jitter value must be greater or equal to 1s"]),
            ("reload 30", ["2:8 error: '30' has no unit; durations are written like '30s', '100ms' or '1m30s'"]),
            ("reload 2s 1s 1s", ["2:14 error: Wrong argument count or unexpected line ending after '1s'"]),
            ("reload {\nx\n}", ["2:1 error: 'reload' takes no block in braces"]),
            ("reload\nreload", ["3:1 error: 'reload' can only be used once per server block"]),
            ("reload 2s 0", []), ("reload 2s 1m", []), ("reload", []),
        ])
    func mistakes(lines: String, sentences: [String]) {
        #expect(TestBlock.mistakes(lines) == sentences)
    }

    @Test(
        "draws its interval within half of the jitter",
        arguments: [
            (ReloadPace(), 22_500, 37_500), (ReloadPace(interval: .seconds(2), jitter: .zero), 2_000, 2_000),
            (ReloadPace(interval: .seconds(4), jitter: .seconds(2)), 3_000, 5_000),
        ])
    func draws(pace: ReloadPace, from: Int, to: Int) {
        for _ in 0..<200 {
            let drawn = pace.drawn()
            #expect(drawn >= .milliseconds(from) && drawn <= .milliseconds(to))
        }
    }

    @Test("reloads what stands in the Corefile, once")
    func reloads() {
        let scene = Scene()
        scene.corefile.say(.digest("two"))
        #expect(scene.corefile.waitForReloads(1))
        scene.corefile.answer(.done)
        #expect(scene.corefile.waitForLooks(3))
        #expect(scene.corefile.reloadCount == 1)
        #expect(scene.failures == 0)
    }

    @Test("does not try the same wrong Corefile again, but the next one")
    func triesOnce() {
        let scene = Scene()
        scene.corefile.answer(.failed("wrong", digest: "two"))
        scene.corefile.say(.digest("two"))
        #expect(scene.corefile.waitForReloads(1))
        #expect(scene.corefile.waitForLooks(4))
        #expect(scene.corefile.reloadCount == 1)
        scene.corefile.answer(.failed("wrong too", digest: "three"))
        scene.corefile.say(.digest("three"))
        #expect(scene.corefile.waitForReloads(2))
        #expect(
            scene.logged(2, "reload failed") == [
                "[ERROR] plugin/reload: Corefile changed but reload failed: wrong",
                "[ERROR] plugin/reload: Corefile changed but reload failed: wrong too",
            ])
        #expect(scene.failures == 2)
    }

    @Test("tries again what may work later")
    func triesAgain() {
        let scene = Scene()
        scene.corefile.answer(.notYet("no API"))
        scene.corefile.say(.digest("two"))
        #expect(scene.corefile.waitForReloads(2))
        #expect(scene.logged(1, "no API").first?.hasSuffix("no API; it is tried again") == true)
    }

    /// What is found, what is logged, and how often the keeper is asked to go over to it: where it tells all mistakes.
    static let noCorefiles: [(CorefileLook.Found, String?, Int)] = [
        (.broken("Corefile:1:1: x"), "[WARNING] plugin/reload: Corefile parse failed: Corefile:1:1: x", 1),
        (.nothing, "[WARNING] plugin/reload: the Corefile is empty; the last configuration goes on", 0),
        (.unreadable("gone"), nil, 0),
    ]

    @Test("leaves the configuration alone when the Corefile is none, and says so", arguments: noCorefiles)
    func staysAsItIs(found: CorefileLook.Found, line: String?, reloads: Int) {
        let scene = Scene()
        scene.corefile.say(found)
        #expect(scene.corefile.waitForLooks(5))
        if let line { #expect(scene.logged(1, "plugin/reload").contains(line)) }
        scene.corefile.say(.digest("one"))
        #expect(scene.corefile.waitForLooks(7))
        #expect(scene.corefile.reloadCount == reloads)
    }

    @Test("hears of a change in the directory long before the interval is over")
    func hears() throws {
        let directory = try TemporaryFile("")
        let scene = Scene(interval: .seconds(86_400), directory: directory.directory)
        scene.corefile.say(.digest("two"))
        // Until the watch stands.
        _ = try patiently(every: .milliseconds(100)) {
            if scene.corefile.reloadCount == 0 { try directory.write("x") }
            return scene.corefile.reloadCount > 0
        }
        #expect(scene.corefile.reloadCount == 1)
    }

    @Test("counts failures from the start, and tells the version from the first reload on")
    func counts() throws {
        let block = try RunningBlock("reload 2s 0")
        #expect(block.metrics("coredns_reload") == ["coredns_reload_failed_total 0"])
        let part = try #require(block.part(ReloadPart.self))
        let context = StartContext(workerCount: 1, sites: [], pluginNames: [], readiness: [])
        part.serving(context)
        #expect(block.metrics("coredns_reload_version_info") == [])
        let reload = StartContext(
            workerCount: 1, sites: [], pluginNames: [], readiness: [], reload: ReloadContext { false })
        part.serving(reload)
        let lines = block.metrics("coredns_reload_version_info")
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("coredns_reload_version_info{hash=\"sha512\",value=\"") == true)
        #expect(block.finish().first?.hasPrefix("[INFO] plugin/reload: Running configuration SHA512 = ") == true)
    }
}

/// A part that looks at a Corefile made up, which is `one` at first.
private final class Scene {
    let corefile: FakeCorefile
    private let part: ReloadPart
    private let metrics = MetricsRegistry(workers: 1)
    private let log = LogLines()
    private var lines: [String] = []

    init(interval: Duration = .milliseconds(50), directory: String? = nil) {
        corefile = FakeCorefile(directory)
        part = ReloadPart(CorefileContext(digest: "one", keeper: corefile), ReloadMetrics(metrics), log.sink)
        part.keep(ReloadPace(interval: interval, jitter: .zero))
        try? part.start(StartContext(workerCount: 1, sites: [], pluginNames: [], readiness: []))
    }

    deinit { part.stop() }

    var failures: UInt64 { ReloadMetrics(metrics).failures.value }

    /// Lines with this text; waits for so many.
    func logged(_ count: Int, _ text: String) -> [String] {
        let isThere = patiently {
            lines += log.take()
            return lines.filter { $0.contains(text) }.count >= count
        }
        return isThere ? lines.filter { $0.contains(text) } : lines
    }
}

/// A Corefile without a file, and a process without sockets.
private final class FakeCorefile: CorefileKeeping {
    private struct State {
        var found = CorefileLook.Found.digest("one")
        var outcome = ReloadOutcome.done
        var lookCount = 0
        var reloadCount = 0
    }

    private let state = Lock(State())
    private let directories: Set<String>
    let canChange = true

    init(_ directory: String?) { directories = directory.map { [$0] } ?? [] }

    func say(_ found: CorefileLook.Found) {
        state.withLock {
            $0.found = found
            $0.lookCount = 0
        }
    }

    func answer(_ outcome: ReloadOutcome) { state.withLock { $0.outcome = outcome } }

    var reloadCount: Int { state.withLock { $0.reloadCount } }

    func waitForReloads(_ count: Int) -> Bool { wait { $0.reloadCount >= count } }

    func waitForLooks(_ count: Int) -> Bool { wait { $0.lookCount >= count } }

    private func wait(_ isMet: (State) -> Bool) -> Bool {
        patiently { state.withLock { isMet($0) } }
    }

    func look() -> CorefileLook {
        state.withLock { state in
            state.lookCount += 1
            return CorefileLook(state.found, directories: directories)
        }
    }

    func reload(_ done: @escaping @Sendable (ReloadOutcome) -> Void) {
        let outcome = state.withLock { state in
            state.reloadCount += 1
            if case .done = state.outcome { state.found = .digest("one") }
            return state.outcome
        }
        DispatchQueue.global().async { done(outcome) }
    }
}
