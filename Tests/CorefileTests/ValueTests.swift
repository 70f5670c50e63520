import Testing

@testable import Corefile

@Suite struct ValueTests {
    @Test(
        "reads Go's durations",
        arguments: [
            ("0", Duration.zero), ("+0", .zero), ("0s", .zero), ("5s", .seconds(5)), ("1m30s", .seconds(90)),
            ("100ms", .milliseconds(100)), ("1.5h", .seconds(5400)), ("2h45m", .seconds(9900)),
            (".5s", .milliseconds(500)),
            ("1.s", .seconds(1)), ("-5s", .seconds(-5)), ("7us", .microseconds(7)), ("7µs", .microseconds(7)),
            ("7μs", .microseconds(7)), ("9ns", .nanoseconds(9)), ("1.123456789s", .nanoseconds(1_123_456_789)),
            ("0.1234567899s", .nanoseconds(123_456_789)), ("1h1ms", .milliseconds(3_600_001)),
            ("0.3333333333333333333h", .nanoseconds(1_199_999_999_999)),
            ("9223372036854775807ns", .nanoseconds(Int64.max)),
        ])
    func durations(text: String, expected: Duration) throws {
        #expect(try GoDuration.parse(text) == expected)
    }

    @Test(
        "refuses other durations",
        arguments: [
            ("", GoDuration.Failure.invalid), ("s", .invalid), (".s", .invalid), ("-", .invalid), ("x", .invalid),
            ("1s x", .unknownUnit("s x")), ("5", .missingUnit), ("1m5", .missingUnit), ("00", .missingUnit),
            ("5d", .unknownUnit("d")), ("5S", .unknownUnit("S")), ("9223372036854775808ns", .outOfRange),
            ("2562048h", .outOfRange), ("99999999999999999999s", .outOfRange), ("9223372036s9223372036s", .outOfRange),
            ("--5s", .invalid), ("1.2.3s", .missingUnit),
        ])
    func badDurations(text: String, expected: GoDuration.Failure) {
        let error = #expect(throws: GoDuration.Failure.self) { try GoDuration.parse(text) }
        #expect(error == expected)
    }

    @Test(
        "finds the word that was meant",
        arguments: [
            ("fowrard", "forward"), ("forwrd", "forward"), ("FORWARD", "forward"), ("kuberntes", "kubernetes"),
            ("lgo", "log"), ("cahce", "cache"), ("caches", "cache"), ("foo", nil), ("on", nil), ("", nil), ("x", nil),
            (String(repeating: "forward", count: 20), nil),
        ])
    func suggests(text: String, expected: String?) {
        let names = ["forward", "kubernetes", "log", "cache", "loop", "errors"]
        #expect(Suggestion.closest(to: text, among: names) == expected)
    }

    @Test("prefers the fewest mistakes, then the alphabet")
    func suggestsBest() {
        #expect(Suggestion.closest(to: "abcdef", among: ["abcxyf", "abcdeg", "abcdee"]) == "abcdee")
    }

    @Test("lists a short choice when nothing is similar")
    func listsChoice() {
        #expect(Suggestion.hint(for: "zzz", among: ["b", "a"]) == "expected one of: a, b")
        #expect(Suggestion.hint(for: "zzz", among: (0..<20).map { "name\($0)" }) == nil)
        #expect(Suggestion.hint(for: "zzz", among: []) == nil)
    }

    /// The value, or what is said about the word, hint included.
    private static func outcome<Value>(
        _ text: String, _ read: (Word, inout Diagnostics) -> Value?
    ) -> String {
        var diagnostics = Diagnostics()
        let word = Word(text: text, position: SourcePosition(file: "F", line: 1, column: 1))
        let value = read(word, &diagnostics)
        let said = diagnostics.sorted.map { "\($0.severity): \($0.message)" + ($0.hint.map { " (\($0))" } ?? "") }
        return ([value.map { "\($0)" } ?? "nothing"] + said).joined(separator: "; ")
    }

    @Test(
        "reads whole numbers within a range",
        arguments: [
            ("5", "5"), ("0", "0"), ("3600", "3600"),
            ("3601", "nothing; error: ttl must be in range [0, 3600]: 3601"),
            ("-1", "nothing; error: ttl must be in range [0, 3600]: -1"),
            ("x", "nothing; error: ttl must be a whole number: 'x'"),
            ("99999999999999999999", "nothing; error: ttl must be a whole number: '99999999999999999999'"),
        ])
    func integers(text: String, expected: String) {
        #expect(Self.outcome(text) { $0.integer("ttl", in: 0...3600, &$1) } == expected)
    }

    @Test(
        "reads durations of a directive",
        arguments: [
            ("5s", "5.0 seconds"),
            (
                "5",
                "nothing; error: '5' has no unit; durations are written like '30s', '100ms' or '1m30s' "
                    + "(did you mean '5s'?)"
            ),
            ("soon", "nothing; error: 'soon' is not a duration such as '30s' or '1m30s'"),
            ("5d", "nothing; error: '5d' has an unknown unit 'd'; units are ns, us, ms, s, m and h"),
        ])
    func wordDurations(text: String, expected: String) {
        #expect(Self.outcome(text) { $0.duration(&$1) } == expected)
    }

    @Test(
        "reads zones of a directive",
        arguments: [
            ("Example.org", #"["example.org."]"#), ("10.0.0.0/15", #"["0.10.in-addr.arpa.", "1.10.in-addr.arpa."]"#),
            (
                "example.org:53",
                #"["example.org."]; warning: the port of 'example.org:53' is ignored: only a server block has ports"#
            ),
            ("a..b", "nothing; error: zone is not a valid domain name: a..b"),
            (
                "10.0.0.0/40",
                #"["10.0.0.0/40."]; warning: '10.0.0.0/40' is no CIDR and is taken as the name of a zone "#
                    + "(after the slash stands a number from 0 to 32)"
            ),
        ])
    func wordZones(text: String, expected: String) {
        #expect(Self.outcome(text) { $0.zones(&$1) } == expected)
    }
}
