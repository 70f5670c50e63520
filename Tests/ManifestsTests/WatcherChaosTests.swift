import ClusterIndex
import Glibc
import TestSupport
import Testing

@testable import Manifests

/// Whatever happens to the files, the watcher ends where a fresh look begins.
@Suite(.timeLimit(.minutes(10)))
struct WatcherChaosTests {
    @Test("ends in the state of the files after any changes", arguments: [1, 2, 3, 4, 5, 6, 7, 8])
    func convergesOnFiles(_ seed: UInt64) async throws {
        let folder = try Folder()
        try folder.folder("dir")
        try folder.folder("dir/..a")
        try folder.folder("dir/..b")
        try folder.link("dir/..data", to: "..a")
        let watched = Watched(folder("dir"), folder("named"), doubt: 20)
        var random = SeededRandom(seed)
        for step in 0..<300 {
            // Some of them fail, as a removal of what is not there does.
            try? change(folder, step, &random)
            if random.next() % 8 == 0 { try await Task.sleep(for: .milliseconds(Int(random.next() % 12))) }
        }
        var expected: [String: String] = [:]
        var set = ManifestSet(paths: [folder("dir"), folder("named")])
        _ = set.refresh { change in
            if case .upsert(.namespace(let object)) = change { expected[object.name] = object.labels["v"] }
        }
        #expect(try await watched.labels(expected) == expected)
        await watched.stop()
        #expect(watched.now.idle == 0)
    }

    private func change(_ folder: Folder, _ step: Int, _ random: inout SeededRandom) throws {
        let file =
            ["dir/x.yaml", "dir/y.json", "dir/..a/l.yaml", "dir/..b/l.yaml", "named", "dir/l.yaml"]
            .randomElement(using: &random) ?? ""
        let text = ["p", "q", "r"].shuffled(using: &random).prefix(Int(random.next() % 4))
            .map { namespace($0, "\(step)") }.joined()
        switch random.next() % 10 {
        case 0...3: try folder.write(file, text)
        case 4, 5: try folder.replace(file, text)
        case 6: try folder.delete(file)
        case 7: try folder.move(file, "aside")
        case 8: try folder.move("aside", file)
        default:
            try folder.link(
                "link", to: ["..a", "..b", "..data/l.yaml", "../dir/x.yaml"].randomElement(using: &random) ?? "")
            try folder.move("link", ["dir/..data", "dir/l.yaml", "named"].randomElement(using: &random) ?? "")
        }
    }
}
