import ClusterIndex
import Files
import Glibc
import Testing

@testable import Manifests
@testable import YAML

/// What no manifest can make the reader do.
struct LimitTests {
    @Test("refuses aliases that multiply, and serves what follows")
    func boundsAliases() {
        var text = "---\na: &a [x,x,x,x,x,x,x,x,x,x]\n"
        for (one, next) in zip("abcdefgh", "bcdefghi") {
            text += "\(next): &\(next) [" + Array(repeating: "*\(one)", count: 10).joined(separator: ",") + "]\n"
        }
        let result = read(text + "kind: Pod\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: after}}")
        #expect(result.objects == [.namespace(Namespace(name: "after"))])
        #expect(result.errors == ["m.yaml:6:4: the anchors of this document hold too much"])
    }

    @Test("refuses an alias that makes an object too large, and reads the items behind it")
    func boundsAliasedObject() {
        let wide = Array(repeating: "x", count: 60_000).joined(separator: ",")
        let many = Array(repeating: "*a", count: 10).joined(separator: ",")
        let result = read(
            "{kind: List, x: &a [\(wide)], items: [{kind: Pod, x: [\(many)]},"
                + " {apiVersion: v1, kind: Namespace, metadata: {name: after}}]}")
        #expect(result.objects == [.namespace(Namespace(name: "after"))])
        #expect(result.errors.count == 1)
        let expected = "the object is too large from here on: more than 500000 values or 16 MiB of text"
        #expect(result.errors.first?.hasSuffix(expected) == true)
    }

    @Test("refuses an object of too much text")
    func boundsText() {
        let text = String(repeating: "x", count: YAMLLimits.textPerObject)
        let result = read(
            "{kind: Pod, a: \(text), b: c}\n---\n{apiVersion: v1, kind: Namespace, metadata: {name: after}}")
        #expect(result.objects == [.namespace(Namespace(name: "after"))])
        #expect(result.errors.count == 1)
    }

    @Test("tells a hundred errors of a file, and how many more there are")
    func boundsErrors() {
        let result = read(String(repeating: "kind: 5\n---\n", count: 250))
        #expect(result.errors.count == 101)
        #expect(result.errors.first == "m.yaml:1:7: kind must be a string, but plain 5 is a number: quote it")
        #expect(result.errors.last == "m.yaml: has 150 more errors like these")
    }

    @Test("refuses depth at once, however deep", arguments: ["[", "{a: ", "- ", "{? ", "[&a "])
    func boundsDepth(_ opening: String) {
        let result = read(String(repeating: opening, count: 200_000))
        #expect(result.objects == [])
        #expect(result.errors.count == 1)
        #expect(result.errors.first?.contains("is nested more than 64 levels deep") == true)
    }

    @Test("hands on each item before it reads much further", arguments: [true, false])
    func streamsItems(isJSON: Bool) throws {
        let folder = try Folder()
        let count = 5000
        let items = (0..<count).map { number in
            #"{"apiVersion":"v1","kind":"Service","metadata":{"name":"s\#(number)"},"spec":{"clusterIP":"10.0.0.1"}}"#
        }
        let text =
            isJSON
            ? #"{"apiVersion":"v1","items":["# + items.joined(separator: ",") + #"],"kind":"List"}"#
            : "items:\n- " + items.joined(separator: "\n- ") + "\nkind: List\n"
        try folder.write("list", text)
        let file = try RegularFile(folder("list"))
        let descriptor = file.descriptor
        var handed = 0
        var furthest = 0
        let summary = ManifestReader.forEachObject(in: file) { _, _ in
            handed += 1
            // What was handed on so far has at most this many bytes per item.
            furthest = max(furthest, Int(lseek(descriptor, 0, SEEK_CUR)) - handed * (items[0].utf8.count + 3))
        }
        #expect(handed == count)
        #expect(summary.errors.isEmpty)
        #expect(furthest < 1 << 16)
    }
}
