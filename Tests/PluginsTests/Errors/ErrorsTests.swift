import DNSMessage
import PluginKit
import TestSupport
import Testing

/// Fails every query with the text of its first label.
private final class Failing: QueryHandling {
    private let plugin: String
    private let texts: [String: String]

    init(_ texts: [String: String] = [:], plugin: String = "") {
        self.texts = texts
        self.plugin = plugin
    }

    func onQuery(_ query: inout Query) -> Verdict {
        guard let text = texts[query.question.name.description] else { return .reply }
        return query.fail(Failure(plugin: plugin, text))
    }
}

@Suite("errors")
struct ErrorsTests {
    private static let refused = "read udp 127.0.0.1:40000->127.0.0.1:5409: read: connection refused"

    @Test("writes the lines that CoreDNS was recorded to write")
    func recorded() throws {
        let block = try RunningBlock(
            "errors", answering: Failing(["A.plain.test.": Self.refused, "b.plain.test.": Self.refused]))
        block.ask(TestQuery("A.plain.test", .a))
        block.ask(TestQuery("b.plain.test", .mx))
        block.ask(TestQuery("fine.test", .a))
        #expect(
            block.finish() == [
                "[ERROR] plugin/errors: 2 a.plain.test. A: \(Self.refused)",
                "[ERROR] plugin/errors: 2 b.plain.test. MX: \(Self.refused)",
            ])
    }

    @Test("names the plugin that failed")
    func namesPlugin() throws {
        let failing = Failing(["x.test.": "no next plugin found"], plugin: "kubernetes")
        let block = try RunningBlock("errors stdout", answering: failing)
        block.ask(TestQuery("x.test", .aaaa))
        #expect(block.finish() == ["[ERROR] plugin/errors: 2 x.test. AAAA: plugin/kubernetes: no next plugin found"])
    }

    @Test(
        "writes so many lines of a kind, whatever names and ports they tell, and counts the rest",
        arguments: [("errors", 20), ("errors {\nlimit 3\n}", 3), ("errors {\nlimit 0\n}", 50)])
    func limits(lines: String, expected: Int) throws {
        let texts = Dictionary(
            uniqueKeysWithValues: (0..<50).map {
                ("n\($0).test.", "read udp 127.0.0.1:\(40_000 + $0)->127.0.0.1:5409: read: connection refused")
            })
        let block = try RunningBlock(lines, answering: Failing(texts))
        for index in 0..<50 { block.ask(TestQuery(Name(stringLiteral: "n\(index).test"), .a)) }
        let written = block.finish()
        #expect(written.count { $0.hasSuffix("connection refused") } == expected)
        let summary =
            "[ERROR] plugin/errors: read udp 127.0.0.1:#->127.0.0.1:#: read: connection refused: … "
            + "\(50 - expected) more in the last 10s"
        #expect(written.contains(summary) == (expected < 50))
    }

    @Test("counts errors that are alike, and tells their number at the end of the time and of the process")
    func consolidates() async throws {
        let block = try RunningBlock(
            "errors {\nconsolidate 1s \".* connection refused$\" warning\n}",
            answering: Failing(["x.test.": Self.refused, "y.test.": "connection reset"]))
        for _ in 0..<3 { block.ask(TestQuery("x.test", .a)) }
        block.ask(TestQuery("y.test", .a))
        var lines = block.logged()
        if lines.count < 2 { lines += try await eventually { block.logged() } }
        #expect(
            lines == [
                "[ERROR] plugin/errors: 2 y.test. A: connection reset",
                "[WARNING] plugin/errors: 3 errors like '.* connection refused$' occurred in last 1s",
            ])
        for _ in 0..<2 { block.ask(TestQuery("x.test", .a)) }
        #expect(
            block.finish() == ["[WARNING] plugin/errors: 2 errors like '.* connection refused$' occurred in last 1s"])
    }

    @Test(
        "shows the first of many when that is wanted, and sums up only if more came",
        arguments: [
            (1, "", "error", ["[ERROR] plugin/errors: 1 errors like '^no' occurred in last 1m30s"]),
            (1, " show_first", "error", ["[ERROR] plugin/errors: 2 x.test. A: no route"]),
            (
                3, " info show_first", "info",
                [
                    "[INFO] plugin/errors: 2 x.test. A: no route",
                    "[INFO] plugin/errors: 3 errors like '^no' occurred in last 1m30s",
                ]
            ),
            (2, " debug", "debug", []),
        ])
    func showsFirst(count: Int, ending: String, level: String, lines: [String]) throws {
        let block = try RunningBlock(
            "errors {\nconsolidate 90s ^no\(ending)\n}", answering: Failing(["x.test.": "no route"]))
        for _ in 0..<count { block.ask(TestQuery("x.test", .a)) }
        #expect(block.finish() == lines)
    }

    @Test("gives an error to the first expression that matches")
    func firstMatch() throws {
        let block = try RunningBlock(
            "errors {\nconsolidate 1m route info\nconsolidate 1m no warning\n}",
            answering: Failing(["x.test.": "no route", "y.test.": "no idea"]))
        block.ask(TestQuery("x.test", .a))
        block.ask(TestQuery("y.test", .a))
        #expect(
            block.finish() == [
                "[INFO] plugin/errors: 1 errors like 'route' occurred in last 1m0s",
                "[WARNING] plugin/errors: 1 errors like 'no' occurred in last 1m0s",
            ])
    }

    @Test(
        "reports mistakes",
        arguments: [
            ("errors {\nfoo\n}", ["3:1 error: unknown property 'foo'"]),
            ("errors stderr", ["2:8 error: unknown output 'stderr'"]),
            ("errors\nerrors", ["3:1 error: 'errors' can only be used once per server block"]),
            (
                "errors {\nconsolidate 1s\n}",
                ["3:13 error: Wrong argument count or unexpected line ending after '1s'"]
            ),
            ("errors {\nconsolidate 0s x\n}", ["3:13 error: the duration must be longer than 0"]),
            (
                "errors {\nconsolidate 5 a[ warn\n}",
                [
                    "3:13 error: '5' has no unit; durations are written like '30s', '100ms' or '1m30s'",
                    "3:15 error: 'a[' is no regular expression: missing closing ]", "3:18 error: unexpected 'warn'",
                ]
            ),
            ("errors {\nconsolidate 1s x show_first warning\n}", ["3:29 error: unexpected 'warning'"]),
            ("errors {\nstacktrace now\n}", ["3:12 error: Wrong argument count or unexpected line ending after 'now'"]),
            ("errors {\nstacktrace\nconsolidate 1s \"^a b$\" info show_first\n}", []),
        ])
    func mistakes(lines: String, sentences: [String]) {
        #expect(TestBlock.mistakes(lines) == sentences)
    }
}

/// Waits for something to come, for at most a minute.
func eventually<Element>(_ read: () throws -> [Element]) async throws -> [Element] {
    var found: [Element] = []
    _ = try await eventually(every: .milliseconds(20)) {
        found = try read()
        return !found.isEmpty
    }
    return found
}
