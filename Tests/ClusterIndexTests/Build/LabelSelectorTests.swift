import ClusterIndex
import Testing

@Suite("Label selectors")
struct LabelSelectorTests {
    @Test(
        "match as kubectl's do",
        arguments: [
            ("", true), ("app=web", true), ("app == web", true), ("app=db", false), ("app!=db", true),
            ("nope!=x", true),
            ("app in (db, web)", true), ("app notin (db,web)", false), ("nope notin (x)", true), ("app", true),
            ("nope", false),
            ("!nope", true), ("! app", false), ("app=web,tier=front", true), ("app=web , tier=back", false),
            ("empty=", true),
            ("empty in ()", true), ("example.com/x=1", true), ("in=a", false),
        ])
    func matching(text: String, expected: Bool) throws {
        let labels = ["app": "web", "tier": "front", "empty": "", "example.com/x": "1"]
        #expect(try LabelSelector(text).matches(labels) == expected)
    }

    @Test(
        "tell what is wrong and where",
        arguments: [
            ("app=web,", "expected a label's key at position 9"), ("=web", "expected a label's key at position 1"),
            ("app in web", "expected '(' at position 8"), ("app in (a", "expected a comma or ')' at position 10"),
            ("app is web", "expected one of =, ==, !=, in, notin at position 5"),
            ("app!web", "expected '=' behind '!' at position 5"),
            ("app=web tier=x", "expected a comma or the end at position 9"),
            ("a,,b", "expected a label's key at position 3"),
        ])
    func mistakes(text: String, expected: String) {
        #expect { try LabelSelector(text) } throws: { "\($0)" == expected }
    }

    @Test(
        "are written as the API takes them",
        arguments: [
            ("", ""), ("app == web", "app=web"), ("app in (web,db)", "app in (db,web)"), ("a in (b)", "a=b"),
            ("a notin (c, b)", "a notin (b,c)"), ("a!=b", "a!=b"), ("a,! b", "a,!b"), ("a=", "a="),
            ("a in (,b)", "a in (,b)"),
        ])
    func written(text: String, expected: String) throws {
        let selector = try LabelSelector(text)
        #expect(selector.description == expected)
        #expect(try LabelSelector(expected) == selector)
    }
}
