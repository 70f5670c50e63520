import ClusterIndex
import HTTPClient
import Testing

@testable import KubernetesWatch

/// Events in, actions out: what happens when all goes well, and how a stream goes on after its end.
@Suite struct ReflectorTests {
    /// Events that come at one moment, and what follows.
    struct Step: Sendable {
        var after = Duration.zero
        var events: [ReflectorEvent]
        var actions: [String]

        init(after: Duration = .zero, _ events: [ReflectorEvent], _ actions: [String]) {
            self.after = after
            self.events = events
            self.actions = actions
        }
    }

    struct Story: Sendable, CustomTestStringConvertible {
        let name: String
        let steps: [Step]

        init(_ name: String, _ steps: [Step]) {
            self.name = name
            self.steps = steps
        }

        var testDescription: String { name }
    }

    static let inSync: [Step] = [
        Step([.start], ["send streaming list"]),
        Step([.sent, .ok], ["relisting"]),
        Step([.added("a", "3"), .added("b", "1"), .read], ["upsert a initially", "upsert b initially"]),
        Step([.listEnd("10"), .read], ["retain a b", "fresh", "synced"]),
    ]

    static let inPages: [Step] = [
        Step([.start], ["send streaming list"]),
        Step([.sent, .refused(422)], []),
        Step([.error(422, "Invalid", "sendInitialEvents: Forbidden")], ["cancel", "send list"]),
        Step([.sent, .ok, .added("a", "3"), .read], ["relisting", "upsert a initially"]),
        Step([.metadata("10", then: "more"), .end], ["send page more"]),
        Step([.sent, .ok, .added("b", "1"), .metadata("10")], ["upsert b initially"]),
        Step([.end], ["retain a b", "fresh", "synced", "send watch from 10"]),
    ]

    static let stories: [Story] = [
        Story(
            "a streaming list goes on as a watch",
            inSync + [
                Step([.added("c", "11"), .deleted("a", "12"), .read], ["upsert c", "delete a", "fresh"]),
                Step(after: .seconds(60), [.bookmark("20"), .read], ["fresh"]),
                Step(after: .seconds(60), [.end], ["send watch from 20"]),
                Step([.sent, .ok], ["resumed"]),
            ]),
        Story(
            "what is deleted while a streaming list is under way is not retained",
            [
                Step([.start], ["send streaming list"]),
                Step([.sent, .ok, .added("a", "3"), .added("b", "4")], ["relisting"] + upserts("a", "b")),
                Step([.deleted("a", "5"), .listEnd("5")], ["delete a", "retain b", "fresh", "synced"]),
            ]),
        Story(
            "an empty cluster is in sync too",
            [
                Step([.start, .sent, .ok], ["send streaming list", "relisting"]),
                Step([.listEnd("5")], ["retain ", "fresh", "synced"]),
            ]),
        Story(
            "pages are listed where streaming lists are refused, then a watch begins",
            inPages + [
                Step([.sent, .ok], []),
                Step([.added("c", "11"), .read], ["upsert c", "fresh"]),
            ]),
        Story(
            "events of a streaming list do not move the version: a cut before its end begins it again",
            Array(inSync.prefix(3)) + [
                Step([.failed(.cutShort)], ["cancel", "failed: cut", "retry later"]),
                Step(after: .seconds(1), [.timer], ["send streaming list"]),
            ]),
        Story(
            "a list that fails half-way deletes nothing and is begun again without what it had seen",
            Array(inPages.prefix(5)) + [
                Step([.sent, .ok, .failed(.cutShort)], ["cancel", "failed: cut", "retry later"]),
                Step(after: .seconds(1), [.timer], ["send list from 3"]),
                Step(
                    [.sent, .ok, .added("b", "1"), .metadata("9"), .end],
                    ["relisting", "upsert b initially"] + [
                        "retain b", "recovered after 1", "fresh", "synced", "send watch from 9",
                    ]),
            ]),
        Story(
            "a watch that is cut goes on where it stopped, and counts as working after a second",
            inSync + [
                Step(after: .seconds(9), [.added("c", "11"), .read], ["upsert c", "fresh"]),
                Step([.failed(.cutShort)], ["cancel", "failed: cut", "retry later"]),
                Step(after: .seconds(1), [.timer], ["send watch from 11"]),
                Step([.sent, .ok], ["resumed"]),
                Step(after: .seconds(1), [.timer], ["recovered after 1"]),
            ]),
        Story(
            "an object that cannot be used moves the version, and stays known in a list",
            [
                Step([.start, .sent, .ok], ["send streaming list", "relisting"]),
                Step([unusable("x", "2"), .listEnd("5")], ["unusable x", "retain x", "fresh", "synced"]),
                Step([unusable("y", "6"), .read], ["unusable y", "fresh"]),
                Step(after: .seconds(9), [.end], ["send watch from 6"]),
            ]),
        Story(
            "an event without a version leaves the version where it is",
            inSync + [Step(after: .seconds(9), [.added("c", ""), .end], ["upsert c", "send watch from 10"])]),
        Story(
            "nothing that comes before the start, or after the end of a request, does harm",
            [
                Step([.timer, .sent, .ok, .read, .added("a", "1"), .end, .error(410), .text("x")], []),
                Step([.start, .start], ["send streaming list"]),
                Step([.ok, .refused(500), .added("a", "1")], []),
                Step([.failed(.unreachable)], ["cancel", "failed: unreachable", "retry later"]),
                Step([.added("b", "1"), .end, .read, .sent, .ok], []),
            ]),
    ]

    @Test("does what each story says", arguments: stories)
    func tells(_ story: Story) {
        var rig = ReflectorRig()
        for (number, step) in story.steps.enumerated() {
            rig.now += step.after
            #expect(rig.take(step.events) == step.actions, "step \(number)")
        }
    }

    private static func upserts(_ names: String...) -> [String] { names.map { "upsert \($0) initially" } }

    private static func unusable(_ name: String, _ version: String) -> ReflectorEvent {
        .item(.unusable(ObjectKey(namespace: "n", name: name), ResourceVersion(version), DecodingFault("odd")))
    }

    @Test("objects that it saw in an earlier list are swept by the next complete one")
    func sweepsAfterOutage() {
        var rig = ReflectorRig.watching(["a", "b"], from: "10")
        rig.wait(.seconds(2))
        rig.take(.error(410, "Expired", "too old"))
        #expect(rig.take(.sent, .ok, .added("b", "4")) == ["relisting", "upsert b"])
        #expect(rig.take(.listEnd("20")) == ["retain b", "fresh"])
    }

    @Test("who knows nothing is told of nothing gone by the first list, but by the second")
    func firstList() {
        var rig = ReflectorRig(isUntold: true)
        rig.take(.start, .sent, .ok)
        #expect(rig.take(.added("a", "1"), .listEnd("10"), .read) == ["upsert a initially", "fresh", "synced"])
        rig.take(.item(.status(APIStatus(code: 410, message: ""))))
        rig.take(.sent, .ok)
        #expect(rig.take(.added("b", "11"), .listEnd("12"), .read).first { $0.hasPrefix("retain") } == "retain b")
    }

    @Test("what an incomplete first list told may be gone in the next one")
    func cutFirstList() {
        var rig = ReflectorRig(isUntold: true)
        rig.take(.start, .sent, .ok)
        rig.take(.added("a", "1"), .failed(.cutShort))
        rig.awaitTimer()
        rig.take(.sent, .ok)
        #expect(rig.take(.added("b", "2"), .listEnd("10"), .read).first { $0.hasPrefix("retain") } == "retain b")
    }

    @Test("a list after one that was not completed is not older than what that one told")
    func notOlderThanTold() {
        var rig = ReflectorRig()
        rig.take(.start, .sent, .ok, .added("a", "9"), .added("b", "30"), .deleted("c", "100"), .added("d", "99"))
        rig.take(.end)
        #expect(rig.awaitTimer() == ["send list from 100"])
        rig.take(.sent, .ok, .added("a", "x"), .metadata("101"), .end, .sent, .ok, .error(410))
        rig.take(.sent, .ok, .added("a", "120"), .failed(.cutShort))
        #expect(rig.awaitTimer() == ["send list from 120"])
    }

    static let order: [(String, String, Bool)] = [
        ("10", "9", true), ("9", "10", false), ("11", "10", true), ("10", "10", false), ("x", "1", false),
        ("2", "x", false), ("", "1", false), ("1", "", false), ("18446744073709551616", "18446744073709551615", true),
    ]

    @Test("knows the newer of two versions if they are numbers", arguments: order)
    func newerVersion(_ one: String, _ other: String, _ isNewer: Bool) {
        #expect(ResourceVersion(one).isNewer(than: ResourceVersion(other)) == isNewer)
    }

    @Test("clean ends are answered at once, but not when one follows the other")
    func cleanEndsInALoop() {
        var rig = ReflectorRig.watching()
        rig.now += .seconds(300)
        #expect(rig.take(.end) == ["send watch from 10"])
        #expect(rig.take(.sent, .ok, .end) == ["resumed", "send watch from 10"])
        for _ in 0..<10 {
            #expect(rig.take(.sent, .ok, .end) == ["resumed", "failed: cut", "retry later"])
            #expect(rig.awaitTimer() == ["send watch from 10"])
        }
        let waits = rig.failures.map(\.retry)
        #expect(waits.first.map { $0 <= .milliseconds(250) } == true)
        #expect(waits.last.map { $0 >= ReflectorLimits.retryMax / 2 } == true)
        rig.take(.sent, .ok)
        rig.wait(.seconds(2))
        #expect(rig.take(.end) == ["send watch from 10"])
    }

    @Test("a server that repeats its continue token is not asked for ever")
    func repeatedToken() {
        var rig = ReflectorRig()
        rig.memory.streamingLists = .refused
        rig.take(.start, .sent, .ok)
        #expect(rig.take(.metadata("5", then: "x"), .end) == ["send page x"])
        #expect(rig.take(.sent, .ok, .metadata("5", then: "x"), .end) == ["failed: garbled", "retry later"])
    }

    static let withoutVersion: [[ReflectorEvent]] = [[.end], [.metadata(""), .end]]

    @Test("a list without a version completes nothing", arguments: withoutVersion)
    func listWithoutVersion(_ events: [ReflectorEvent]) {
        var rig = ReflectorRig()
        rig.memory.streamingLists = .refused
        rig.take(.start, .sent, .ok, .added("a", "1"))
        #expect(rig.take(events) == ["cancel", "failed: garbled", "retry later"])
    }

    @Test("says how long each request took to be answered")
    func requests() throws {
        var rig = ReflectorRig()
        rig.take(.start)
        rig.now += .seconds(5)
        rig.take(.sent)
        rig.now += .milliseconds(30)
        rig.take(.refused(503), .text(""))
        rig.awaitTimer()
        rig.take(.sent)
        rig.now += .milliseconds(20)
        rig.take(.failed(.unreachable))
        let requested = rig.reports.filter { if case .requested = $0 { true } else { false } }
        #expect(
            requested == [
                .requested(verb: "watch", code: 503, after: .milliseconds(30)),
                .requested(verb: "watch", code: 0, after: .milliseconds(20)),
            ])
    }
}
