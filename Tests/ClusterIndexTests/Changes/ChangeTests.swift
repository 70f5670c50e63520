import DNSMessage
import TestSupport
import Testing

@testable import ClusterIndex

@Suite("Changes in any order")
struct ChangeTests {
    static let options = [
        IndexOptions(pods: .verified),
        IndexOptions(pods: .insecure, endpointPodNames: true, isZonal: true),
        IndexOptions(ignoresEmptyServices: true, namespaces: .named(["a", "prod"])),
        IndexOptions(namespaces: .labelled(selector("team=x")), labels: selector("app!=hidden")),
        IndexOptions(pods: .verified, ignoresEndpoints: true),
    ]

    private static func selector(_ text: String) -> LabelSelector {
        guard let selector = try? LabelSelector(text) else { preconditionFailure("\(text) is a selector") }
        return selector
    }

    @Test(
        "leave the same answers as the objects that remain, read afresh",
        arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func incremental(seed: UInt64) {
        let options = Self.options[Int(seed) % Self.options.count]
        var cluster = RandomCluster(random: SeededRandom(seed &* 977))
        var model: [ModelKey: ClusterObject] = [:]
        var index = ClusterIndex(options: options, seed: seed == 6 ? 0 : seed &* 3 | 1)
        for namespace in RandomCluster.namespaces.dropLast() {
            let object = ClusterObject.namespace(Namespace(name: namespace, labels: ["team": "x"]))
            model[ModelKey(object)] = object
            index.upsert(object)
        }
        for step in 1...240 {
            let object = cluster.object()
            if cluster.random.chance(25) {
                index.delete(object.kind, object.key)
                model[ModelKey(object)] = nil
            } else {
                index.upsert(object)
                model[ModelKey(object)] = object
            }
            guard step % 120 == 0 else { continue }
            var fresh = ClusterIndex(options: options)
            for object in model.values.shuffled(using: &cluster.random) { fresh.upsert(object) }
            expectSame(index, fresh, "after \(step) changes")
        }
    }

    private func expectSame(_ index: ClusterIndex, _ fresh: ClusterIndex, _ when: String) {
        let ours = Answers(of: index, names: RandomCluster.questions, types: RandomCluster.types)
        let theirs = Answers(of: fresh, names: RandomCluster.questions, types: RandomCluster.types)
        let differences = ours.differences(from: theirs)
        #expect(differences.isEmpty, "\(when): \(differences.count): \(differences.prefix(4))")
        let repeats = ours.repeats()
        #expect(repeats.isEmpty, "\(when): \(repeats.prefix(4))")
        #expect(ours.disagreements(.a, .aaaa).isEmpty)
    }

    @Test("leave a copy as it was")
    func copies() {
        var cluster = RandomCluster(random: SeededRandom(99))
        var index = ClusterIndex(options: IndexOptions(pods: .verified))
        var copies: [(ClusterIndex, Answers)] = []
        let names = Array(RandomCluster.questions.prefix(400))
        for step in 0..<120 {
            index.upsert(cluster.object())
            let gone = cluster.object()
            if step % 3 == 0 { index.delete(gone.kind, gone.key) }
            if step % 40 == 0 { copies.append((index, Answers(of: index, names: names, types: [.a, .srv]))) }
        }
        for (copy, answers) in copies {
            #expect(Answers(of: copy, names: names, types: [.a, .srv]).differences(from: answers).isEmpty)
        }
    }

    @Test("replace all objects of a kind by others")
    func replaceAll() {
        var cluster = RandomCluster(random: SeededRandom(7))
        var index = ClusterIndex(options: IndexOptions(pods: .verified))
        for _ in 0..<100 { index.upsert(cluster.object()) }
        var model: [ModelKey: ClusterObject] = [:]
        for _ in 0..<100 {
            let object = cluster.object()
            model[ModelKey(object)] = object
        }
        var fresh = ClusterIndex(options: IndexOptions(pods: .verified))
        for object in model.values { fresh.upsert(object) }
        for kind in ObjectKind.allCases {
            index.replaceAll(kind, with: model.values.filter { $0.kind == kind })
            let again = index.replaceAll(kind, with: model.values.filter { $0.kind == kind })
            #expect(!again.movesSerial && !again.movesClusterSetSerial)
        }
        expectSame(index, fresh, "after replacing everything")
    }

    @Test("free all memory when the last copy goes")
    func memory() async {
        // In a process of its own: the count is the whole process's.
        await #expect(processExitsWith: .success) {
            for seed in [UInt64(0), 12345] {
                var cluster = RandomCluster(random: SeededRandom(5))
                var index = ClusterIndex(options: IndexOptions(pods: .verified), seed: seed)
                var copy = index
                for step in 0..<600 {
                    let object = cluster.object()
                    if step % 4 == 0 { index.delete(object.kind, object.key) } else { index.upsert(object) }
                    if step % 7 == 0 { copy = index }
                }
                copy.serial = index.serial
                for kind in ObjectKind.allCases where seed == 0 { index.replaceAll(kind, with: []) }
            }
            #if DEBUG
                precondition(Memory.live == WideNodePool.shared.count, "\(Memory.live) blocks are left")
            #endif
        }
    }
}

/// What tells objects apart.
private struct ModelKey: Hashable {
    var kind: ObjectKind
    var key: ObjectKey

    init(_ object: ClusterObject) {
        kind = object.kind
        key = object.key
    }
}
