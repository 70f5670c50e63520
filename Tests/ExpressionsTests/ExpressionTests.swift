import Testing

@testable import Expressions

/// Functions such as `view` has them.
final class TestLibrary: ExpressionLibrary {
    let functions = [
        ExpressionFunction("name", [], .text), ExpressionFunction("size", [], .integer),
        ExpressionFunction("do", [], .boolean), ExpressionFunction("double", [.integer], .integer),
        ExpressionFunction("fails", [], .boolean), ExpressionFunction("anything", [], .any),
    ]

    func fused(_ function: Int, _ arguments: [FusedArgument]) throws(ExpressionFault) -> Int? {
        guard function == 3 else { return nil }
        if arguments == [.constant(.integer(13))] { throw ExpressionFault("13 is unlucky") }
        return arguments == [.function(1)] ? 100 : nil
    }
}

struct TestHost: ExpressionHost {
    func call(_ function: Int, _ arguments: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        switch function {
        case 0: return .text("www.Example.org.")
        case 1: return .integer(33)
        case 2: return .boolean(true)
        case 3:
            guard case .integer(let number) = arguments[0] else { throw ExpressionFault("no number") }
            return .integer(2 * number)
        case 5: return .text("x")
        case 100: return .integer(66_000)
        default: throw ExpressionFault("it fails")
        }
    }
}

@Suite("expressions")
struct ExpressionTests {
    private func value(_ text: String) throws -> ExpressionValue {
        try Expression(text, TestLibrary()).evaluate(TestHost())
    }

    @Test(
        "are true",
        arguments: [
            "name() == 'www.Example.org.'", "name() == \"www.Example.org.\"", "name() == `www.Example.org.`",
            "size() >= 33 && size() < 34 and not (size() > 33)", "!do() || do()", "do() ? true : false",
            "'A' in ['A', 'AAAA']", "'MX' not in ['A', 'AAAA']", "size() in 30..40", "5 not in 1..4",
            "'b' in 'abc'", "name() matches '^www\\\\.[A-Z]xample\\\\.org\\\\.$'", "name() not matches 'com'",
            "name() contains 'Exam' and name() startsWith 'www' and name() endsWith 'org.'",
            "name() not startsWith 'ftp'", "lower(name()) matches ('^w' + 'ww')", "len(name()) == 16",
            "name() | lower() | trimSuffix('.') == 'www.example.org'", "upper('aü') == 'AÜ'",
            "split('a,b,c', ',') == ['a', 'b', 'c']", "split('a,b,c', ',', 2) == ['a', 'b,c']",
            "splitAfter('a,b', ',')[0] == 'a,'", "replace('10-0-0-1', '-', '.') == '10.0.0.1'",
            "trim('  x ') == 'x' and trim('__x_', '_') == 'x'", "trimPrefix('abc', 'a') == 'bc'",
            "repeat('ab', 2) == 'abab'", "indexOf('abcabc', 'c') == 2 and lastIndexOf('abcabc', 'c') == 5",
            "indexOf('abc', 'x') == -1 and indexOf('', 'x') == -1", "hasPrefix('abc', 'ab') and hasSuffix('abc', 'bc')",
            "join(['a', 'b'], '-') == 'a-b' and join(['a', 'b']) == 'ab'", "int('42') == 42 and float('0.5') == .5",
            "string(42) == '42' and string(true) == 'true'", "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "7 / 2 == 3.5",
            "7 % 4 == 3", "2 ** 3 ** 2 == 512", "2 ^ 3 == 8", "-2 + +3 == 1", "- - 2 == 2", "1 == 1.0",
            "0x1F == 31 and 0o17 == 15 and 0b11 == 3 and 1_000 == 1000 and 1e3 == 1000", "'a' + 'b' == 'ab'",
            "'a' < 'b' and 'b' >= 'b'", "nil == nil", "nil ?? 'x' == 'x'", "first([]) ?? 1 == 1", "'a' ?? 'b' == 'a'",
            "[1, 2, 3][-1] == 3", "[1, 2, 3, 4][1:3] == [2, 3]", "[1, 2, 3][:-1] == [1, 2]", "'abc'[1:] == 'bc'",
            "'abc'[0] == 'a'", "any(['10', '192'], # == '192')", "all(1..3, {# > 0})", "none(1..3, # > 3)",
            "one(1..3, # == 2)", "map(1..3, # * 2) == [2, 4, 6]", "filter(1..6, # % 2 == 0) == [2, 4, 6]",
            "find([1, 5, 9], # > 4) == 5", "find([1], # > 4) == nil", "findIndex([1, 5], # == 5) == 1",
            "findLast([1, 5, 9], # > 4) == 9", "findLastIndex([1, 5, 9], # > 10) == -1", "count(1..9, # > 5) == 4",
            "reduce(1..4, #acc + #) == 10", "reduce(1..3, #acc + #, 10) == 16", "any([5, 6], #index == 1)",
            "map([1, 2], any([2], # == 2)) == [true, true]", "sum([1, 2]) == 3 and mean([1, 2]) == 1.5",
            "median([3, 1, 2]) == 2", "max(1, 5, 2) == 5 and min(2, 1) == 1", "abs(-2) == 2 and round(1.5) == 2",
            "ceil(1.2) == 2 and floor(1.8) == 1", "sort([3, 1, 2]) == [1, 2, 3]", "sort(['b', 'a'], 'desc')[0] == 'b'",
            "reverse([1, 2]) == [2, 1] and uniq([1, 1, 2]) == [1, 2]", "concat([1], [2, 3]) == [1, 2, 3]",
            "take([1, 2, 3], 2) == [1, 2] and last([1, 2]) == 2", "get([1], 4) == nil", "bitand(6, 3) == 2",
            "bitor(4, 1) == 5 and bitxor(5, 1) == 4 and bitshl(1, 4) == 16 and bitshr(16, 4) == 1",
            "let x = size(); x * 2 == 66", "let a = 1; let b = a + 1; a + b == 3", "double(21) == 42",
            "double(size()) == 66000", "anything() == 'x' and anything() contains 'x'", "type(1) == 'int'",
            "true // a comment", "/* and */ true", "1 in [1.0]", "'\\u0041\\x42\\t' == 'AB\\t'", "1..0 == []",
            "'a' == 'a' ? 1 < 2 : 1 > 2", "not false and true", "false and fails() == true or true",
        ])
    func areTrue(text: String) throws {
        #expect(try value(text) == .boolean(true))
    }

    @Test(
        "are wrong before any query, at the words that are wrong",
        arguments: [
            ("", "there is no expression", 0..<0),
            ("type() == 'A'", "type() takes 1 arguments, not 0", 0..<4),
            ("nam() == 'A'", "unknown function 'nam'", 0..<3),
            ("name == 'A'", "'name' is a function", 0..<4), ("nmae", "unknown name 'nmae'", 0..<4),
            ("size() == '33'", "'==' does not go with a int and a string", 7..<9),
            ("'a' < 1", "'<' does not go with a string and a int", 4..<5),
            ("size() and true", "'and' takes a bool, and this is a int", 0..<6),
            ("not 1", "'not' takes a bool, and this is a int", 4..<5),
            ("name() matches '('", "this is no regular expression: missing closing )", 15..<18),
            ("'a", "this string has no end", 0..<1), ("'\\.'", "there is no escape '\\.'", 1..<3),
            ("1 +", "unexpected the end of the expression", 3..<3),
            ("(1", "missing ')' behind the expression, found the end of the expression", 2..<2),
            ("1 2", "unexpected '2'", 2..<3), ("1 $", "unexpected '$'", 2..<3), ("12ab", "'12ab' is no number", 0..<4),
            ("# > 1", "'#' has a meaning only in a predicate", 0..<1), ("len(1)", "", 4..<5),
            ("any(1, true)", "any() takes a list", 4..<5), ("any([1], #)", "", 9..<10),
            ("{'a': 1}", "maps are not built into clusterdns", 0..<1), ("1[0]", "a int has no items", 0..<1),
            ("name().x", "a string has no fields", 6..<7), ("double()", "double() takes 1 arguments, not 0", 0..<6),
            ("double('a')", "double() takes a int, and this is a string", 7..<10),
            ("double(13)", "13 is unlucky", 7..<9), ("true ? 1", "", 8..<8), ("let x 1; x", "", 6..<7),
            ("1 | 2", "'|' needs a function behind it, found '2'", 4..<5), ("@", "unexpected character '@'", 0..<1),
            ("1..100000", "the list would be too long", 0..<9), ("'a' in ['b', 1] and 1 in 'a'", "", 22..<24),
        ])
    func areWrong(text: String, message: String, range: Range<Int>) throws {
        let error = #expect(throws: ExpressionError.self) { _ = try Expression(text, TestLibrary()) }
        #expect(error?.range == range)
        if !message.isEmpty { #expect(error?.message == message) }
    }

    @Test(
        "help with what may have been meant",
        arguments: [
            ("nmae()", "did you mean 'name()'?"), ("nil == siez()", "did you mean 'size()'?"),
            ("'1' == 1", "a string is written in quotes, a number without"),
            ("'^a\\.'", "a backslash is written twice, as in '^a\\\\.example\\\\.$'"), ("do", "write do()"),
        ])
    func hints(text: String, hint: String) {
        let error = #expect(throws: ExpressionError.self) { _ = try Expression(text, TestLibrary()) }
        #expect(error?.hint == hint)
    }

    @Test(
        "have no value, and are not true, where they cannot be computed",
        arguments: [
            "fails()", "1 % (size() - 33) == 0", "[1][size()] == 1", "int(name()) == 1", "anything() > 1",
            "name() matches (name() + '(')", "repeat('a', size() * 100000) == ''", "2 ** 0.5 == 1", "fails() or true",
            "len(map(1..9999, repeat('a', 10))) == 9999 and all(1..9999, all(1..9999, # > 0))",
            "1..(size() * 1000) == []",
            "anything() ? true : false", "-anything() == 1", "len(anything()[0:1]) == 99 ? true : fails()",
        ])
    func haveNoValue(text: String) throws {
        let expression = try Expression(text, TestLibrary())
        #expect(!expression.isTrue(TestHost()))
        #expect(throws: ExpressionFault.self) { _ = try expression.evaluate(TestHost()) }
    }

    @Test("end in a mistake when they nest without end", arguments: ["(", "[", "!", "-", "len(", "true?"])
    func nesting(sign: String) {
        let text = String(repeating: sign, count: 5_000)
        #expect(throws: ExpressionError.self) { _ = try Expression(text, TestLibrary()) }
    }

    @Test("may not be longer than the limit")
    func tooLong() {
        let text = String(repeating: "true or ", count: 2_000) + "true"
        let error = #expect(throws: ExpressionError.self) { _ = try Expression(text, TestLibrary()) }
        #expect(error?.message == "the expression has more than 10000 characters")
    }

    @Test("take variables by their place")
    func variables() throws {
        let expression = try Expression("ip + suffix", TestLibrary(), variables: [("ip", .text), ("suffix", .text)])
        #expect(try expression.evaluate(TestHost(), variables: [.text("a"), .text("b")]) == .text("ab"))
        #expect(expression.type == .text)
        #expect(Expression.isReserved("len") && Expression.isReserved("any") && Expression.isReserved("in"))
        #expect(!Expression.isReserved("ip"))
    }

    @Test("are known to be constant where they are")
    func constants() throws {
        #expect(try Expression("false", TestLibrary()).constant == .boolean(false))
        #expect(try Expression("do()", TestLibrary()).constant == nil)
    }
}
