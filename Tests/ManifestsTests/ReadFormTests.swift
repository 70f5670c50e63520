import ClusterIndex
import Testing

@testable import Manifests

/// The forms that a manifest may have: documents, lists, JSON, anchors.
struct ReadFormTests {
    static let one = "{apiVersion: v1, kind: Namespace, metadata: {name: one}}"

    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String
        var names: [String]
        var skipped = 0

        init(_ name: String, skipped: Int = 0, _ names: [String], _ text: String) {
            (testDescription, self.text, self.names, self.skipped) = (name, text, names, skipped)
        }
    }

    @Test("reads every form of a manifest", arguments: documents + lists + json + anchors)
    func readsForms(_ example: Case) {
        let result = read(example.text)
        #expect(result.errors == [])
        #expect(result.objects.map { "\($0.kind.rawValue) \($0.key)" } == example.names.map { "Namespace \($0)" })
        #expect(result.skipped == example.skipped)
        #expect(result.isComplete)
    }

    static let documents: [Case] = [
        Case("nothing", [], ""),
        Case("white space and comments", [], "\n\n# nothing\n---\n---\n# still nothing\n...\n"),
        Case("null", [], "null"),
        Case("several documents, some empty", ["one", "one"], "---\n\(one)\n---\n---\n# x\n\(one)\n...\n"),
        Case("a byte order mark", ["one"], "\u{FEFF}\(one)"),
        Case("line ends of Windows", ["one"], "apiVersion: v1\r\nkind: Namespace\r\nmetadata:\r\n  name: one\r\n"),
        Case("a version line and a tag", ["one"], "%YAML 1.1\n---\n!!map\nmetadata: {name: !!str one}\n\(typed)"),
        Case("other kinds", skipped: 2, [], "{kind: ConfigMap, data: {items: [1]}}\n---\n{kind: Kustomization}"),
        Case(
            "a kind of the same name in another group", skipped: 1, [],
            "{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: x}}"),
        Case(
            "a resource of another kind with items of its own", skipped: 2, [],
            "{apiVersion: x/v1, kind: Menu, items: [1, {kind: Service}]}\n---\n{items: [], kind: Menu}"),
    ]

    static let typed = "kind: Namespace\napiVersion: v1\n"

    static let lists: [Case] = [
        Case("a list with its kind first", ["one", "one"], "{apiVersion: v1, kind: List, items: [\(one), \(one)]}"),
        Case(
            "a list with its kind last, as kubectl prints it", ["one"],
            "{apiVersion: v1, items: [\(one)], kind: List}"),
        Case("an empty list", [], "{apiVersion: v1, items: [], kind: List}"),
        Case("a list of null", [], "{apiVersion: v1, kind: List, items: null}"),
        Case("a list of others", skipped: 2, [], "{kind: List, items: [{kind: Node}, {kind: Secret}]}"),
        Case(
            "a typed list whose items do not say what they are", ["one", "two"],
            "{kind: NamespaceList, apiVersion: v1, items: [{metadata: {name: one}}, {metadata: {name: two}}]}"),
        Case(
            "a typed list that tells its kind after its items", ["one", "three", "two"],
            "{items: [{metadata: {name: two}}, \(one)], kind: NamespaceList, apiVersion: v1}\n---\n"
                + one.replacingFirst("name: one", "name: three")),
        Case("a typed list of others", skipped: 2, [], "{kind: NodeList, apiVersion: v1, items: [{}, {metadata: {}}]}"),
        Case("lists in lists", ["one", "one"], "{kind: List, items: [{kind: List, items: [\(one)]}, \(one)]}"),
        Case(
            "a list in block style", ["one"],
            "items:\n- metadata:\n    name: one\n  kind: Namespace\n  apiVersion: v1\nkind: List"),
    ]

    static let json: [Case] = [
        Case("JSON in one line", ["one"], #"{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"one"}}"#),
        Case(
            "JSON with tabs and escaped slashes", ["one"],
            "{\n\t\"kind\": \"Namespace\",\n\t\"apiVersion\": \"v1\",\n\t\"metadata\": "
                + #"{"name": "o\u006ee", "labels": {"a\/b": "\"\\\b\f\n\r\t"}}}"#),
        Case("JSON documents one after the other", ["one", "one"], "\(strict)\n---\n\(strict)"),
        Case(
            "JSON values one after the other, as jq prints them", ["one", "one", "one"],
            "\(strict)\n\(strict)\(strict)\n"),
        Case(
            "flow style with brackets in quotes and comments", ["one", "one"],
            "{x: '}', y: \"]\\\"}\", z: it''s, # }\n kind: Namespace, apiVersion: v1, metadata: {name: one}}\n{# ]\n"
                + one.dropFirst()),
        Case(
            "JSON with what YAML refuses: surrogates, half ones too, and control characters", ["one"],
            #"{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"one","annotations":{"#
                + #""a":"\ud83d\uDE00 \ud83d \ude00 \ud83dx \\ud83d","b":""# + "\u{7F}\u{9F}\u{FEFF}\u{FFFE}" + #""}}}"#
        ),
    ]

    static let strict = #"{"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "one"}}"#

    static let anchors: [Case] = [
        Case("an alias", ["one", "one"], "{kind: List, items: [&a \(one), *a]}"),
        Case("an alias of a name", ["one"], "{labels: &n one, kind: Namespace, apiVersion: v1, metadata: {name: *n}}"),
        Case(
            "an anchor that is set anew", ["one", "two"],
            "{kind: List, apiVersion: &v v1, x: [&m {name: one}], y: &m {name: two}, items: [" + "]}"
                + "\n---\n{kind: List, items: [{kind: Namespace, apiVersion: v1, x: &m one, metadata: {name: *m}},"
                + " {kind: Namespace, apiVersion: v1, x: &m two, metadata: {name: *m}}]}"),
        Case(
            "merged mappings, of which the own key and the first base count", ["base", "first", "own"],
            """
            kind: List
            items:
            - &base {kind: Namespace, apiVersion: v1, metadata: {name: base}}
            - <<: [{metadata: {name: first}}, *base]
            - <<: *base
              metadata: {name: own}
            """),
        Case(
            "a mapping merged into the document itself", ["one"],
            "x: &x {kind: Namespace, metadata: {name: one}}\n<<: *x\napiVersion: v1"),
    ]
}

extension String {
    /// The text with the first `part` replaced.
    func replacingFirst(_ part: String, _ other: String) -> String {
        guard let range = firstRange(of: part) else { return self }
        return String(self[..<range.lowerBound]) + other + self[range.upperBound...]
    }
}
