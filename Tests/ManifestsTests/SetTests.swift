import ClusterIndex
import Glibc
import Testing

@testable import Manifests

/// A namespace object with a label that tells one state from another.
func namespace(_ name: String, _ label: String = "1") -> String {
    "{apiVersion: v1, kind: Namespace, metadata: {name: \(name), labels: {v: '\(label)'}}}\n---\n"
}

/// `+name label` for an upsert, `-name` for a delete.
func short(_ change: ManifestChange) -> String {
    switch change {
    case .upsert(.namespace(let object)): "+\(object.name) \(object.labels["v"] ?? "")"
    case .upsert(let object): "+\(object.kind.rawValue) \(object.key)"
    case .delete(_, let key): "-\(key)"
    }
}

struct SetTests {
    let folder: Folder
    init() throws { folder = try Folder() }

    private func refresh(_ set: inout ManifestSet) -> (changes: [String], errors: [String]) {
        var changes: [String] = []
        let report = set.refresh { changes.append(short($0)) }
        return (changes.sorted(), report.errors.map(relative))
    }

    private func reload(_ set: inout ManifestSet, _ names: String...) -> (changes: [String], errors: [String]) {
        var changes: [String] = []
        let report = set.reload(files: names.map { folder($0) }) { changes.append(short($0)) }
        return (changes.sorted(), report.errors.map(relative))
    }

    private func relative(_ error: ManifestError) -> String {
        var text = "\(error)"
        while let range = text.firstRange(of: folder.path + "/") { text.removeSubrange(range) }
        return text
    }

    @Test("tells only of what differs when a file is read again")
    func tellsDifferences() throws {
        var set = ManifestSet(paths: [folder("a.yaml")])
        try folder.write("a.yaml", namespace("one") + namespace("two") + namespace("three"))
        #expect(refresh(&set).changes == ["+one 1", "+three 1", "+two 1"])
        #expect(refresh(&set).changes == [])
        #expect(reload(&set, "a.yaml").changes == [])
        try folder.write("a.yaml", "# moved\n" + namespace("three") + namespace("two", "2") + namespace("four"))
        #expect(reload(&set, "a.yaml").changes == ["+four 1", "+two 2", "-one"])
        #expect(set.objectCount == 3)
        try folder.write("a.yaml", "")
        #expect(reload(&set, "a.yaml").changes == ["-four", "-three", "-two"])
        #expect(set.objectCount == 0)
    }

    @Test("reads only the file that is named, and of a directory only what differs")
    func readsNoMore() throws {
        for name in ["a", "b", "c"] { try folder.write("\(name).yaml", namespace(name)) }
        var set = ManifestSet(paths: [folder.path])
        #expect(set.refresh { _ in }.filesRead == 3)
        #expect(set.reload(files: [folder("b.yaml")]) { _ in }.filesRead == 1)
        try folder.replace("c.yaml", namespace("c"))
        #expect(set.refresh { _ in }.filesRead == 1)
        #expect(set.reload(files: [folder("elsewhere.yaml"), "/b.yaml", "b.yaml"]) { _ in }.filesRead == 0)
    }

    @Test("reads the manifests of a directory in the order of their names, and nothing else there")
    func readsDirectories() throws {
        try folder.write("b.yml", namespace("b"))
        try folder.write("a.json", namespace("a"))
        for name in [".hidden.yaml", "c.yaml~", "c.yaml.bak", "#c.yaml", "c.txt", "yaml"] {
            try folder.write(name, namespace("wrong"))
        }
        try folder.folder("folder.yaml")
        try folder.write("folder.yaml/below.yaml", namespace("wrong"))
        var set = ManifestSet(paths: [folder.path + "/.//"], base: "nowhere")
        var changes: [String] = []
        let report = set.refresh { changes.append(short($0)) }
        #expect(changes == ["+a 1", "+b 1"])
        #expect(report.errors == [])
        #expect(report.filesRead == 2)
    }

    @Test("resolves relative paths against the base, and reads a named file whatever its name")
    func resolvesPaths() throws {
        try folder.write(".any", namespace("a"))
        var set = ManifestSet(paths: [".any", "./.any/", ".any"], base: folder.path)
        #expect(refresh(&set) == (["+a 1"], []))
    }

    @Test("lets the later of two files count, and the other again when it is gone")
    func settlesDuplicates() throws {
        try folder.write("a.yaml", namespace("x", "a"))
        try folder.write("b.yaml", "# b\n" + namespace("x", "b"))
        var set = ManifestSet(paths: [folder.path])
        var result = refresh(&set)
        #expect(result.changes == ["+x a", "+x b"])
        #expect(
            result.errors == [
                "b.yaml:2:1: Namespace \"x\" is also at a.yaml:1:1; this one counts, as the later in path order"
            ])
        // What does not count is not told of, and not warned of again.
        try folder.write("a.yaml", namespace("x", "a2"))
        #expect(reload(&set, "a.yaml") == ([], []))
        try folder.write("0.yaml", namespace("x", "b"))
        #expect(
            reload(&set, "0.yaml")
                == ([], ["0.yaml:1:1: Namespace \"x\" is also at b.yaml:2:1, which counts, as the later in path order"])
        )
        try folder.delete("b.yaml")
        result = refresh(&set)
        #expect(result.changes == ["+x a2"])
        #expect(result.errors == [])
        // The one before is equal to what was told last but one, not last.
        try folder.delete("a.yaml")
        #expect(reload(&set, "a.yaml").changes == ["+x b"])
        try folder.delete("0.yaml")
        #expect(reload(&set, "0.yaml").changes == ["-x"])
        #expect(set.objectCount == 0)
    }

    @Test(
        "says nothing when an object moves from file to file",
        arguments: [["a.yaml", "b.yaml"], ["b.yaml", "a.yaml"]])
    func followsMoves(_ order: [String]) throws {
        try folder.write("a.yaml", namespace("x") + namespace("stays"))
        try folder.write("b.yaml", namespace("y"))
        var set = ManifestSet(paths: [folder.path])
        _ = refresh(&set)
        try folder.write("a.yaml", namespace("stays") + namespace("y"))
        try folder.write("b.yaml", namespace("x"))
        var changes: [String] = []
        let report = set.reload(files: order.map { folder($0) }) { changes.append(short($0)) }
        #expect(changes == [])
        #expect(report.errors.allSatisfy { $0.severity == .warning })
    }

    @Test("lets the later of two objects in one file count")
    func settlesDoubles() throws {
        try folder.write("a.yaml", namespace("x", "1") + namespace("x", "2"))
        var set = ManifestSet(paths: [folder("a.yaml")])
        let warning = "a.yaml:3:1: Namespace \"x\" is also in line 1 of this file; this one counts"
        #expect(refresh(&set) == (["+x 1", "+x 2"], [warning]))
        #expect(reload(&set, "a.yaml") == ([], [warning]))
        try folder.write("a.yaml", namespace("x", "2"))
        #expect(reload(&set, "a.yaml") == ([], []))
        try folder.write("a.yaml", "")
        #expect(reload(&set, "a.yaml") == (["-x"], []))
    }

    @Test("serves what comes before a fault, and keeps what it has when a fault comes later")
    func keepsLastGoodState() throws {
        try folder.write("a.yaml", namespace("one") + namespace("two") + "{broken")
        var set = ManifestSet(paths: [folder("a.yaml")])
        var result = refresh(&set)
        #expect(result.changes == ["+one 1", "+two 1"])
        #expect(result.errors.count == 1)
        #expect(result.errors[0].hasPrefix("a.yaml:6:1: this is not valid YAML: "))
        try folder.write("a.yaml", namespace("one", "2") + "{broken")
        result = reload(&set, "a.yaml")
        #expect(result.changes == [])
        #expect(result.errors.count == 1)
        #expect(result.errors[0].hasSuffix("; what was read before stays"))
        try folder.write("a.yaml", namespace("one", "2"))
        #expect(reload(&set, "a.yaml") == (["+one 2", "-two"], []))
    }

    @Test("leaves an object in place that becomes wrong, as the API server does")
    func keepsRefusedObjects() throws {
        try folder.write("a.yaml", namespace("one") + namespace("two"))
        var set = ManifestSet(paths: [folder("a.yaml")])
        _ = refresh(&set)
        try folder.write("a.yaml", namespace("one", "2").replacingFirst("'2'", "2") + namespace("two", "2"))
        let result = reload(&set, "a.yaml")
        #expect(result.changes == ["+two 2"])
        #expect(
            result.errors == [
                "a.yaml:1:69: Namespace \"one\": metadata.labels.v must be a string, but plain 2 is a number: quote it"
            ])
        try folder.write("a.yaml", namespace("two", "2"))
        #expect(reload(&set, "a.yaml").changes == ["-one"])
    }

    @Test("tells once of a file that is not there, reads it when it comes, and lets go of it when it goes")
    func waitsForFiles() throws {
        var set = ManifestSet(paths: [folder("a.yaml")])
        #expect(refresh(&set) == ([], ["a.yaml: does not exist; it is read as soon as it does"]))
        #expect(refresh(&set) == ([], []))
        try folder.write("a.yaml", namespace("one"))
        #expect(refresh(&set) == (["+one 1"], []))
        try folder.delete("a.yaml")
        #expect(refresh(&set) == (["-one"], ["a.yaml: does not exist; the object read from it is gone"]))
        #expect(mkfifo(folder("a.yaml"), 0o600) == 0)
        #expect(refresh(&set) == ([], ["a.yaml: is neither a file nor a directory"]))
    }
}
