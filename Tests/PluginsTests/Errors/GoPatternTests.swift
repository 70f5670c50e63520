@testable import Plugins
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
            ("(?m)^a", "the flag m is not supported"), ("a(?i)b", "the group '(?i' is not supported"),
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
}
