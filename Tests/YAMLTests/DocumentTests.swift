import Testing

@testable import YAML

/// One document as a whole.
struct DocumentTests {
    @Test(
        "reads the first document",
        arguments: [
            ("a: {b: [x, y]}", "y"), ("# first\n---\na: {b: [x, 'y']}\n---\na: 1\n", "y"),
            (#"{"a": {"b": ["x", "\u00e9"]}}"#, "é"), ("x: &x {b: [1, z]}\na: *x", "z"),
            ("a:\n  b:\n  - x\n  - |\n    two\n    lines\n", "two\nlines\n"),
        ])
    func readsFirstDocument(_ text: String, _ expected: String) throws {
        let root = try #require(try NodeTree.document(of: Array(text.utf8)))
        let elements = try #require(try root.member("a")).elements(of: "b")
        #expect(try elements.last?.string() == expected)
    }

    @Test(
        "finds nothing where there is nothing", arguments: ["", "\n", "# only a comment\n", "---\n", "--- ~\n", "null"])
    func findsNothing(_ text: String) throws {
        let root = try NodeTree.document(of: Array(text.utf8))
        #expect(root == nil)
    }

    @Test(
        "says what keeps a document from being read",
        arguments: [
            ("a: [", "2:1: this is not valid YAML: did not find expected node content while parsing a flow node"),
            ("a: b\n c: d", "2:3: this is not valid YAML: mapping values are not allowed in this context"),
            ("a: *b", "1:4: the alias names no anchor of this document"),
            ("a: \u{1}", "1:4: holds the control character 0x1, which YAML does not allow"),
            (
                String(repeating: "[", count: 65),
                "1:65: is nested more than 64 levels deep; the rest of the file is left out"
            ),
            ("{} x", "1:4: this is not valid YAML: did not find expected <document start>"),
        ])
    func tellsFaults(_ text: String, _ expected: String) {
        var told = ""
        do throws(YAMLFault) {
            _ = try NodeTree.document(of: Array(text.utf8))
        } catch {
            told = "\(error.position.line):\(error.position.column): \(error.message)"
        }
        #expect(told.hasPrefix(expected), "\(told)")
    }
}
