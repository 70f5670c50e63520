import ClusterIndex
import Dispatch
import Glibc
import Locking
import TestSupport
import Testing

@testable import Manifests

/// A watcher and what its updates amount to.
final class Watched: Sendable {
    struct State: Equatable {
        var labels: [String: String] = [:]
        var errors: [String] = []
        var updates = 0
        var partialUpdates = 0
        /// Changes that changed nothing.
        var idle = 0
    }

    private let state = Lock(State())
    private let watcher: Lock<ManifestWatcher?> = Lock(nil)
    private let queue = DispatchQueue(label: "manifests under test")

    init(_ paths: String..., base: String = "", gathering: Int = 5, doubt: Int = 100) {
        let delays = ManifestWatcher.Delays(
            gathering: .milliseconds(gathering), doubt: .milliseconds(doubt), blindness: .milliseconds(50))
        let watcher = ManifestWatcher(paths: paths, base: base, queue: queue, delays: delays) { [weak self] update in
            self?.state.withLock { $0.apply(update) }
        }
        watcher.start()
        self.watcher.withLock { $0 = watcher }
    }

    deinit { watcher.withLock { $0?.stop() } }

    var now: State { state.withLock { $0 } }

    /// Waits until the objects are these, and returns the labels then.
    func labels(_ expected: [String: String]) async throws -> [String: String] {
        _ = await eventually { now.labels == expected && now.updates > 0 }
        return now.labels
    }

    /// Waits until an error has been told of.
    func error(containing part: String) async throws -> Bool {
        await eventually { now.errors.contains { $0.contains(part) } }
    }

    /// Stops, and waits for the end.
    func stop() async {
        guard let watcher = watcher.withLock({ $0.take() }) else { return }
        await withCheckedContinuation { done in watcher.stop { done.resume() } }
    }
}

extension Watched.State {
    fileprivate mutating func apply(_ update: ManifestWatcher.Update) {
        updates += 1
        if !update.isComplete { partialUpdates += 1 }
        errors += update.errors.map(\.description)
        for change in update.changes {
            switch change {
            case .upsert(.namespace(let object)):
                let label = object.labels["v"] ?? ""
                if labels.updateValue(label, forKey: object.name) == label { idle += 1 }
            case .upsert(let object): labels[object.key.description] = object.kind.rawValue
            case .delete(_, let key): if labels.removeValue(forKey: key.description) == nil { idle += 1 }
            }
        }
    }
}

@Suite(.timeLimit(.minutes(10)))
struct WatcherTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    @Test("follows files of a directory that are made, written, renamed, linked and removed")
    func followsDirectory() async throws {
        try folder.write("a.yaml", namespace("a"))
        let watched = Watched(folder.path)
        #expect(try await watched.labels(["a": "1"]) == ["a": "1"])
        try folder.write("b.yaml", namespace("b"))
        #expect(try await watched.labels(["a": "1", "b": "1"]) == ["a": "1", "b": "1"])
        try folder.write("a.yaml", namespace("a", "2"))
        #expect(try await watched.labels(["a": "2", "b": "1"]) == ["a": "2", "b": "1"])
        try folder.replace("a.yaml", namespace("a", "3"))
        #expect(try await watched.labels(["a": "3", "b": "1"]) == ["a": "3", "b": "1"])
        try folder.move("b.yaml", "b.off")
        #expect(try await watched.labels(["a": "3"]) == ["a": "3"])
        #expect(link(folder("b.off"), folder("c.yaml")) == 0)
        #expect(try await watched.labels(["a": "3", "b": "1"]) == ["a": "3", "b": "1"])
        try folder.delete("a.yaml")
        #expect(try await watched.labels(["b": "1"]) == ["b": "1"])
        #expect(watched.now.errors == [])
        #expect(watched.now.idle == 0)
    }

    @Test("follows a named file through renames, removal and return")
    func followsFile() async throws {
        let watched = Watched("sub/it", base: folder.path)
        #expect(try await watched.error(containing: "sub/it: does not exist"))
        try folder.folder("sub")
        try folder.write("sub/it", namespace("a"))
        #expect(try await watched.labels(["a": "1"]) == ["a": "1"])
        try folder.write("other", namespace("a", "2"))
        try folder.move("other", "sub/it")
        #expect(try await watched.labels(["a": "2"]) == ["a": "2"])
        try folder.delete("sub/it")
        #expect(try await watched.labels([:]) == [:])
        try folder.write("sub/it", namespace("a", "3"))
        #expect(try await watched.labels(["a": "3"]) == ["a": "3"])
        try folder.move("sub", "gone")
        #expect(try await watched.labels([:]) == [:])
        try folder.folder("sub")
        try folder.write("sub/it", namespace("a", "4"))
        #expect(try await watched.labels(["a": "4"]) == ["a": "4"])
    }

    @Test("keeps the objects of a file that an editor takes away for a moment")
    func outlastsEditors() async throws {
        try folder.write("a.yaml", namespace("a"))
        let watched = Watched(folder.path, doubt: 60_000)
        #expect(try await watched.labels(["a": "1"]) == ["a": "1"])
        try folder.move("a.yaml", "a.yaml~")
        try await Task.sleep(for: .milliseconds(100))
        #expect(watched.now.labels == ["a": "1"])
        try folder.write("a.yaml", namespace("a", "2"))
        #expect(try await watched.labels(["a": "2"]) == ["a": "2"])
        #expect(watched.now.updates == 2)
    }

    @Test("follows a ConfigMap volume through swaps of its ..data link", arguments: [true, false])
    func followsConfigMap(isFileNamed: Bool) async throws {
        try folder.folder("..1")
        try folder.write("..1/a.yaml", namespace("a"))
        try folder.write("..1/b.yaml", namespace("b"))
        try folder.link("..data", to: "..1")
        try folder.link("a.yaml", to: "..data/a.yaml")
        try folder.link("b.yaml", to: "..data/b.yaml")
        let watched = isFileNamed ? Watched(folder("a.yaml"), folder("b.yaml")) : Watched(folder.path)
        #expect(try await watched.labels(["a": "1", "b": "1"]) == ["a": "1", "b": "1"])
        for version in 2...3 {
            try folder.folder("..\(version)")
            try folder.write("..\(version)/a.yaml", namespace("a", "\(version)"))
            try folder.write("..\(version)/b.yaml", namespace("b"))
            try folder.link("..data_tmp", to: "..\(version)")
            try folder.move("..data_tmp", "..data")
            let expected = ["a": "\(version)", "b": "1"]
            #expect(try await watched.labels(expected) == expected)
        }
        // Also what the links lead to is watched.
        try folder.write("..3/b.yaml", namespace("b", "4"))
        #expect(try await watched.labels(["a": "3", "b": "4"]) == ["a": "3", "b": "4"])
        #expect(watched.now.errors == [])
        #expect(watched.now.idle == 0)
    }

    @Test("follows a directory that comes later, is replaced, and turns into a link")
    func followsReplacedDirectory() async throws {
        let watched = Watched(folder("live/now"))
        #expect(try await watched.error(containing: "live/now: does not exist"))
        try folder.folder("live")
        try folder.folder("new")
        try folder.write("new/a.yaml", namespace("a"))
        try folder.move("new", "live/now")
        #expect(try await watched.labels(["a": "1"]) == ["a": "1"])
        try folder.folder("next")
        try folder.write("next/a.yaml", namespace("a", "2"))
        try folder.move("live/now", "live/old")
        try folder.link("live/now", to: "../next")
        #expect(try await watched.labels(["a": "2"]) == ["a": "2"])
        try folder.write("next/a.yaml", namespace("a", "3"))
        #expect(try await watched.labels(["a": "3"]) == ["a": "3"])
        try folder.delete("next/a.yaml")
        #expect(try await watched.labels([:]) == [:])
    }

    @Test("keeps the last good state of a file that is half written")
    func keepsLastGoodState() async throws {
        try folder.write("a.yaml", namespace("a") + namespace("b"))
        let watched = Watched(folder.path)
        #expect(try await watched.labels(["a": "1", "b": "1"]) == ["a": "1", "b": "1"])
        try folder.write("a.yaml", namespace("a", "2") + "{kind: [")
        #expect(try await watched.error(containing: "what was read before stays"))
        #expect(watched.now.labels == ["a": "1", "b": "1"])
        try folder.write("a.yaml", namespace("a", "2"))
        #expect(try await watched.labels(["a": "2"]) == ["a": "2"])
    }

    @Test("reads a file again once it may be read")
    func followsPermissions() async throws {
        guard geteuid() != 0 else { return }
        try folder.write("a.yaml", namespace("a"))
        chmod(folder("a.yaml"), 0)
        let watched = Watched(folder.path)
        #expect(try await watched.error(containing: "cannot be opened: Permission denied"))
        chmod(folder("a.yaml"), 0o644)
        #expect(try await watched.labels(["a": "1"]) == ["a": "1"])
    }

    @Test("tells a large directory in parts, and of one file among many only that one")
    func readsOnlyWhatChanged() async throws {
        for number in 0..<1500 { try folder.write("n\(number).yaml", namespace("n\(number)")) }
        var expected = Dictionary(uniqueKeysWithValues: (0..<1500).map { ("n\($0)", "1") })
        let endpoints = Array(repeating: "{addresses: [10.0.0.1]}", count: Limits.updateWeight).joined(separator: ",")
        try folder.write(
            "slice.yaml",
            "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s}, addressType: IPv4,"
                + " endpoints: [\(endpoints)]}")
        expected["default/s"] = "EndpointSlice"
        let watched = Watched(folder.path)
        #expect(try await watched.labels(expected).count == 1501)
        #expect(watched.now.partialUpdates == 1)
        // What is written into an open file is not seen before it is closed: other files are left alone.
        let open = try #require(fopen(folder("n8.yaml"), "w"))
        fputs(namespace("n8", "2"), open)
        fflush(open)
        for round in 2...50 {
            try folder.write("n7.yaml", namespace("n7", "\(round)"))
            try await Task.sleep(for: .milliseconds(2))
        }
        expected["n7"] = "50"
        #expect(try await watched.labels(expected) == expected)
        fclose(open)
        expected["n8"] = "2"
        #expect(try await watched.labels(expected) == expected)
        #expect(watched.now.idle == 0)
    }

    @Test("tells nothing after it was stopped, and lets go of its descriptors")
    func stops() async throws {
        try folder.write("a.yaml", namespace("a"))
        let before = try watches()
        for _ in 0..<20 {
            let watched = Watched(folder.path)
            #expect(try await watched.labels(["a": "1"]) == ["a": "1"])
            await watched.stop()
            try folder.write("a.yaml", namespace("a", "2"))
            try await Task.sleep(for: .milliseconds(10))
            #expect(watched.now.labels == ["a": "1"])
            try folder.write("a.yaml", namespace("a"))
        }
        // The other tests of this process watch too, but they end; what leaked would stay.
        #expect(try await eventually(every: .milliseconds(200)) { try watches() < before + 15 })
    }

    /// How many inotify descriptors the process has: sockets and files of other tests do not count.
    private func watches() throws -> Int {
        guard let directory = opendir("/proc/self/fd") else { throw Folder.FolderError(code: errno) }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            var target = [CChar](repeating: 0, count: 64)
            let length = readlink("/proc/self/fd/\(ManifestPaths.name(of: entry))", &target, target.count)
            let text = String(decoding: target.prefix(max(0, length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
            count += text == "anon_inode:inotify" ? 1 : 0
        }
        return count
    }
}
