import ClusterIndex
import HTTPClient
import Testing

@testable import KubernetesWatch

/// Silence, patience and back-off.
@Suite struct ReflectorTimeTests {
    @Test("a streaming list on which nothing comes is given up for a list from the cache, and the other way round")
    func silentStreamingList() {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .ok)
        #expect(rig.wait(.seconds(14)) == [])
        #expect(rig.wait(.seconds(1)) == ["renew connections", "cancel", "failed: silent", "send list"])
        rig.take(.sent)
        #expect(rig.wait(.seconds(30)) == ["renew connections", "cancel", "failed: silent", "retry later"])
        #expect(rig.awaitTimer() == ["send streaming list"])
        rig.take(.sent, .ok)
        rig.wait(.seconds(15))
        let words = rig.take(.sent, .ok, .metadata("5"), .end)
        #expect(words == ["relisting", "retain ", "recovered after 3", "fresh", "synced", "send watch from 5"])
        #expect(rig.memory.streamingLists == .untried)
    }

    @Test("events without an end of the list are taken for a server that streams none, if pages work")
    func unmarkedStreamingList() {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .ok, .added("a", "1"), .read)
        #expect(rig.wait(.seconds(15)) == ["renew connections", "cancel", "failed: silent", "send list from 1"])
        #expect(rig.memory.streamingLists == .untried)
        rig.take(.sent, .ok, .added("a", "1"), .metadata("5"), .end)
        #expect(rig.memory.streamingLists == .ignored)
    }

    @Test("a server whose streaming lists have worked is not taken for one that has none")
    func stalledStreamingList() {
        var rig = ReflectorRig.watching()
        rig.take(.error(410), .sent, .ok, .added("a", "1"))
        rig.wait(.seconds(15))
        rig.take(.sent, .ok, .added("a", "1"), .metadata("12"), .end)
        #expect(rig.memory.streamingLists == .work)
    }

    @Test(
        "a streaming list that ends ahead of its end deletes nothing",
        arguments: [[], [ReflectorEvent.added("a", "1")]])
    func endedStreamingList(_ events: [ReflectorEvent]) {
        var rig = ReflectorRig()
        rig.take([.start, .sent, .ok] + events)
        rig.now += .seconds(5)
        #expect(rig.take(.end) == ["cancel", "failed: silent", "retry later"])
        #expect(rig.awaitTimer() == [events.isEmpty ? "send list" : "send list from 1"])
    }

    @Test("a slow list is fine as long as objects come")
    func slowList() {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .ok)
        for number in 0..<200 {
            #expect(rig.wait(.seconds(14)) == [])
            rig.take(.added("s\(number)", "1"), .read)
        }
        #expect(rig.take(.listEnd("5")).last == "synced")
    }

    @Test("bytes are progress while a large object comes, but not for ever")
    func trickle() {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .ok)
        var waited = 0
        while rig.failures.isEmpty, waited < 1_000 {
            waited += 1
            rig.wait(.seconds(1))
            rig.take(.read)
        }
        #expect(waited == 75)
    }

    @Test("a silent watch is made anew from where it was; if that is silent too, a list tells")
    func silentWatch() {
        var rig = ReflectorRig.watching()
        rig.wait(.seconds(1))
        #expect(rig.wait(.seconds(148)) == [])
        #expect(rig.wait(.seconds(1)) == ["renew connections", "cancel", "failed: silent", "send watch from 10"])
        rig.take(.sent, .ok)
        #expect(
            rig.wait(.seconds(150)).suffix(4) == [
                "renew connections", "cancel", "failed: silent", "send streaming list from 10",
            ])
        rig.take(.sent, .ok, .listEnd("10"))
        #expect(rig.wait(.seconds(150)).last == "send watch from 10")
        rig.take(.sent, .ok)
        #expect(rig.wait(.seconds(150)).last == "send streaming list from 10")
    }

    static let spoilers: [ReflectorEvent] = [
        .error(410, "Expired"), .error(500, "InternalError", "etcd is gone"),
        .undecodable(DecodingFault("an event does not begin with a brace")),
    ]

    @Test("lists that no watch goes on from are made ever more rarely", arguments: spoilers)
    func listsWithoutWatches(_ spoiler: ReflectorEvent) {
        var rig = ReflectorRig.watching()
        let end = rig.now + .seconds(600)
        while rig.now < end {
            rig.take(spoiler)
            if rig.reflector.attempt == nil { rig.awaitTimer() }
            if case .watch = rig.requests.last?.purpose {
                rig.take(.sent, .ok)
            } else {
                rig.take(.sent, .ok, .listEnd("10"))
            }
        }
        let lists = rig.requests.filter { if case .watch = $0.purpose { false } else { true } }
        #expect((10...40).contains(lists.count), "\(lists.count) lists in ten minutes")
    }

    @Test("bookmarks keep a watch alive")
    func bookmarks() {
        var rig = ReflectorRig.watching()
        for number in 11..<100 {
            rig.wait(.seconds(100))
            rig.take(.bookmark("\(number)"), .read)
        }
        #expect(rig.failures.isEmpty && rig.requests.isEmpty)
    }

    static let patiences: [(events: [ReflectorEvent], seconds: Int, kind: WatchFailure.Kind)] = [
        ([], 90, .credentials), ([.sent], 30, .silent), ([.sent, .refused(500)], 5, .server),
    ]

    @Test("credentials, answers and refusals are not waited for without end", arguments: patiences)
    func patience(_ events: [ReflectorEvent], _ seconds: Int, _ kind: WatchFailure.Kind) {
        var rig = ReflectorRig()
        rig.memory.streamingLists = .refused
        rig.take([.start] + events)
        #expect(rig.wait(.seconds(seconds) - .milliseconds(1)) == [])
        let words = rig.wait(.milliseconds(1)).filter { $0 != "renew connections" }
        #expect(words == ["cancel", "failed: \(kind.rawValue)", "retry later"])
    }

    @Test("what the timer was set to is enough: no test has to turn the clock further", arguments: 0..<4)
    func timersSuffice(_ stage: Int) {
        var rig = ReflectorRig()
        let events: [[ReflectorEvent]] = [[.start], [.sent], [.ok], [.added("a", "1"), .listEnd("5"), .read]]
        for event in events.prefix(stage + 1) { rig.take(event) }
        for _ in 0..<3 where rig.failures.isEmpty { rig.awaitTimer() }
        #expect(rig.failures.count == 1)
    }

    @Test(
        "waits longer each time, by chance, up to a few seconds",
        arguments: [
            (WatchedResource.services, 401, ReflectorLimits.retryMax),
            (.services, 403, ReflectorLimits.forbiddenRetryMax), (.services, 404, ReflectorLimits.retryMax),
            (.serviceImports, 404, ReflectorLimits.missingRetryMax), (.services, 500, ReflectorLimits.retryMax),
            (.services, 503, ReflectorLimits.retryMax),
        ])
    func backOff(_ resource: WatchedResource, _ status: Int, _ cap: Duration) {
        var rig = ReflectorRig(resource)
        rig.take(.start)
        for _ in 0..<40 {
            rig.take(.sent, .refused(status), .text(""))
            rig.awaitTimer()
        }
        for (number, wait) in rig.failures.map(\.retry).enumerated() {
            let whole = min(.milliseconds(250) * (1 << min(number, 10)), cap)
            #expect(wait >= whole / 2 && wait <= whole)
        }
        #expect(Set(rig.failures.map(\.retry)).count == 40)
    }

    @Test("back-off is forgotten once connected")
    func forgetsBackOff() {
        var rig = ReflectorRig.watching()
        for _ in 0..<20 {
            rig.take(.failed(.unreachable))
            rig.awaitTimer()
            rig.take(.sent)
        }
        rig.take(.ok)
        #expect(rig.awaitTimer() == ["recovered after 20"])
        rig.take(.failed(.cutShort))
        #expect(rig.lastTimer <= .milliseconds(250))
    }

    @Test("a server that is back and has yet to read its roles is soon asked again")
    func forbiddenAfterOutage() {
        var rig = ReflectorRig.watching()
        for _ in 0..<20 {
            rig.take(.failed(.unreachable))
            rig.awaitTimer()
            rig.take(.sent)
        }
        rig.take(.refused(403), .text(""))
        #expect(rig.failures.last.map { $0.retry <= ReflectorLimits.retryMin } == true)
    }

    @Test("a watch that dies within a second each time is not asked for ever faster")
    func dyingWatch() {
        var rig = ReflectorRig.watching()
        for number in 0..<20 {
            rig.take(.added("a", "\(11 + number)"), .failed(.cutShort))
            rig.awaitTimer()
            rig.take(.sent, .ok)
        }
        #expect(rig.lastTimer <= .seconds(1))
        #expect(rig.failures.last.map { $0.retry >= .milliseconds(2_500) } == true)
    }

    @Test("a timer that fires too early does nothing but wait for the rest")
    func earlyTimer() {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .failed(.unreachable))
        let retry = rig.lastTimer
        #expect(rig.wait(retry / 2) == ["retry later"])
        #expect(rig.lastTimer == retry - retry / 2)
        #expect(rig.awaitTimer() == ["send streaming list"])
    }

    @Test("streams are kept open for five to ten minutes, never all the same")
    func timeouts() {
        let seconds = (UInt64(0)..<50).map { seed in
            var rig = ReflectorRig(seed: seed)
            rig.take(.start)
            return rig.requests[0].timeoutSeconds
        }
        #expect(seconds.allSatisfy { 300...600 ~= $0 } && Set(seconds).count > 25)
    }
}
