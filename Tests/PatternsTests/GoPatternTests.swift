import Patterns
import Testing

@Suite("Go's regular expressions")
struct GoPatternTests {
    @Test(
        "match what they match in Go",
        arguments: [
            (".* connection refused$", ["read: connection refused"], ["connection refused by peer"]),
            ("^plugin/template.*", ["plugin/template: x"], ["a plugin/template"]),
            ("^read udp .* i/o timeout$", ["read udp 1.2.3.4:5->6: i/o timeout"], ["read tcp: i/o timeout"]),
            (#"\d+ \w+\s\S"#, ["12 ab c"], ["x ab c", "12 ab  "]),
            (#"^[\d.]+:[^\d\s]$"#, ["1.2:x"], ["1.2:3", "1.2: "]),
            (#"a\.b\/c\-d"#, ["a.b/c-d"], ["axb/c-d"]),
            (#"[\]\-\\^]"#, ["]", "-", "\\", "^"], ["a", "["]),
            ("[]a]x", ["]x", "ax"], ["bx"]),
            ("[a-c-]x", ["-x", "bx"], ["dx"]),
            ("[-^]x", ["-x", "^x"], ["ax"]),
            (#"[\^]x"#, ["^x"], ["ax"]),
            ("[^^]x", ["ax"], ["^x"]),
            ("[^]]x", ["ax"], ["]x"]),
            ("[[.]x", ["[x", ".x"], ["ax"]),
            ("[[:alpha:]_]1", ["a1", "_1"], ["11"]),
            ("[[:^digit:]]1", ["a1"], ["11"]),
            ("(?i)TIMEOUT", ["i/o Timeout"], ["time out"]),
            ("(?is)a.b", ["A\nB"], ["AB"]),
            ("(?:no|any) host", ["no host", "any host"], ["a host"]),
            ("(?P<kind>udp|tcp) (?<n>x)", ["udp x"], ["udp y"]),
            ("a+?b*?c??d{2,3}?", ["add", "aabcddd"], ["ad"]),
            (#"\bup\b"#, ["is up now"], ["upper"]),
            (#"\Aabc\z"#, ["abc"], ["abcd", "xabc"]),
            (#"\Qa.b*\E+c"#, ["a.b**c"], ["aXb*c", "a.bc"]),
            (#"\x41\x{42}\t"#, ["AB\t"], ["AB"]),
            ("a{,3}", ["a{,3}"], ["aaa"]),
            ("{}", ["{}"], ["x"]),
            ("x}y", ["x}y"], ["xy"]),
            ("(|a)b", ["b", "ab"], ["a"]),
            ("é+x", ["ééx"], ["x"]),
            ("^.$", ["é", "a", "€"], ["ab", "éa", "\n", ""]),
            ("^[^a]{2}$", ["é€", "b\n"], ["é", "ab", "éé€"]),
            ("(?m)^b$", ["a\nb\nc"], ["ab"]),
            ("^b$", ["b"], ["a\nb"]),
            ("a(?i)b(?-i)c", ["aBc", "abc"], ["Abc", "abC"]),
            ("(?i:A)b", ["ab", "Ab"], ["aB"]),
            ("(a(?i)b)c", ["aBc"], ["aBC"]),
            ("(?i)[^a]x", ["bX"], ["ax", "Ax"]),
            (#"(?i)[\x41-Z_]"#, ["q", "_"], ["1"]),
            ("a.b", ["axb"], ["a\nb"]),
            (#"\Q)(\E|x"#, [")(", "x"], [")"]),
            (#"\Q.\E*y$"#, ["...y", "y"], []),
            (#"\Qa"#, ["a"], ["b"]),
            ("^(a*)*$", ["aaa", ""], ["b"]),
            ("(?:(?:(?:){1000}){1000}){1000}x", ["x"], ["y"]),
            ("^a{2,}$", ["aa", "aaaa"], ["a"]),
            ("^(ab){2,3}?$", ["abab", "ababab"], ["ab", "abababab"]),
            (#"\Bb"#, ["ab"], ["b"]),
            ("", ["", "anything"], []),
        ])
    func matching(pattern: String, matched: [String], others: [String]) throws {
        let compiled = try GoPattern(pattern)
        for text in matched { #expect(compiled.matches(text), "\(text)") }
        for text in others { #expect(!compiled.matches(text), "\(text)") }
    }

    @Test(
        "are refused with a reason when they are wrong, or more than we can match",
        arguments: [
            ("a[", "missing closing ]"), ("a[b", "missing closing ]"), ("(a", "missing closing )"),
            ("a)", "unexpected )"), ("*a", "nothing to repeat before *"), ("a**", "nothing to repeat before *"),
            ("(+a)", "nothing to repeat before +"), ("a|?", "nothing to repeat before ?"),
            ("a{2}{3}", "nothing to repeat before {3}"), ("a{1001}", "invalid repeat count {1001}"),
            ("a{3,2}", "invalid repeat count {3,2}"), ("a\\", "trailing backslash"),
            (#"\pL"#, #"the escape \p is not supported"#), (#"\1"#, #"the escape \1 is not supported"#),
            (#"\xZZ"#, #"invalid escape \xZZ"#), ("(?=a)", "the group '(?=' is not supported"),
            ("(?i", "missing closing )"), ("(?i-m-s)a", "the group '(?i' is not supported"),
            ("(?P<a>x)(?P<a>y)", "there are two groups named 'a'"), ("(?P<>x)", "invalid group name ''"),
            ("(?P<a-b>x)", "invalid group name 'a-b'"), ("(?i)*", "nothing to repeat before *"),
            ("((((a{9}){9}){9}){9}){9}", "the expression is too large"),
            (String(repeating: "(?:", count: 300), "groups nest too deep"),
            (String(repeating: "()", count: 101), "there are more than 100 groups"),
            ("[z-a]", "invalid range in brackets"), ("[[:foo:]]", "invalid class [:foo:]"),
            ("[é]", "'é' in brackets is not supported, only ASCII is"), ("a\0b", "it contains a NUL character"),
        ])
    func refused(pattern: String, reason: String) {
        do {
            let pattern = try GoPattern(pattern)
            Issue.record("\(pattern.text) was taken")
        } catch {
            #expect(error.description == reason)
        }
    }

    @Test(
        "choose the match that Go chooses, and tell what each group took",
        arguments: [
            ("(a|ab)(c|bcd)(d*)", "xabcd", ["abcd", "a", "bcd", ""]),
            ("a+?", "aaa", ["a"]), ("a*?$", "aaa", ["aaa"]), ("(?U)a+", "aaa", ["a"]), ("(?U)a+?", "aaa", ["aaa"]),
            ("a{1,2}?", "aaa", ["a"]), ("a??b", "ab", ["ab"]), ("", "abc", [""]), ("b*", "abb", [""]),
            ("x|xy", "xy", ["x"]), ("(a)|(b)", "b", ["b", "", "b"]), ("(?:a(b))?c", "xc", ["c", ""]),
            ("(a*)+", "aab", ["aa", "aa"]), ("(a|b)*", "abc", ["ab", "b"]), ("(?P<x>.)(.)", "é1", ["é1", "é", "1"]),
            (
                "^ip-(?P<a>[0-9]+)-(?P<b>[0-9]+)[.]example[.]$", "ip-10-200.example.",
                ["ip-10-200.example.", "10", "200"]
            ),
            ("^(.*?)[.](.*)[.]org", "a.b.c.org", ["a.b.c.org", "a", "b.c"]),
            ("(^|[.])([a-z]+)[.](a|b)[.]example[.]$", "x.foo.a.example.", [".foo.a.example.", ".", "foo", "a"]),
        ])
    func submatches(pattern: String, text: String, groups: [String]) throws {
        #expect(try GoPattern(pattern).submatches(of: text) == groups)
    }

    @Test("tell the names of their groups, and where in the bytes those are")
    func names() throws {
        let pattern = try GoPattern("(?P<first>a)(b)?(?<third>c)")
        #expect(pattern.groupNames == ["", "first", "", "third"])
        #expect(Array("xac".utf8).withUnsafeBytes { pattern.firstMatch(in: $0) } == [1..<3, 1..<2, nil, 2..<3])
        #expect(pattern.submatches(of: "bc") == nil)
    }

    @Test(
        "tell which bytes every match has",
        arguments: [
            (#"(.*)\.re\.example"#, [".re.example"]), ("^a(b)c$", ["abc"]), ("ab?c", ["a", "c"]),
            ("a(b|c)d", ["a", "d"]),
            ("x(ab)+y", ["x", "ab", "y"]), ("x(ab){0,2}y", ["x", "y"]), ("(?i)ab-c", ["-"]), ("[a]b[cd]", ["ab"]),
            ("é+x", ["é", "x"]), (".*", []), ("a|b", []), (#"\bup\b"#, ["up"]), ("(?:a{2}){3}b", ["a", "b"]),
        ])
    func required(pattern: String, runs: [String]) throws {
        #expect(try GoPattern(pattern).requiredRuns == runs.map { Array($0.utf8) })
    }

    @Test("take no more than time in proportion where others try every way")
    func isLinear() throws {
        let pattern = try GoPattern("^(a|a)*(a*)*(a?){30}b$")
        #expect(!pattern.matches(String(repeating: "a", count: 2000)))
    }
}
