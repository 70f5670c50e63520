import Testing

@testable import Corefile

@Suite struct EnvironmentTests {
    private static let environment = Environment(["A": "1", "B_2": "two", "LOOP": "{$LOOP}", "EMPTY": ""])

    @Test(
        "expands references",
        arguments: [
            ("", ""), ("A", "A"), ("{$A}", "1"), ("{%A%}", "1"), ("x{$A}y{%B_2%}z{$A}", "x1ytwoz1"), ("{$EMPTY}", ""),
            ("{$}", "{$}"), ("{%%}", "{%%}"), ("{$A", "{$A"), ("{%A}", "{%A}"), ("{A}", "{A}"), ("$A", "$A"),
            ("{{$A}}", "{1}"), ("{1}.{$A}", "{1}.1"), ("{$LOOP}", "{$LOOP}"), ("{", "{"), ("{$A{$A}}", "{$A1}"),
            ("{%A%}{$A%}", "1"),
        ])
    func expands(text: String, expected: String) {
        #expect(Self.environment.expand(text).text == expected)
    }

    @Test("names each unset variable once")
    func namesUnset() {
        let (text, unset) = Self.environment.expand("{$X}{$A}{%Y%}{$X}{$EMPTY}")
        #expect(text == "1")
        #expect(unset == ["X", "Y"])
    }

    @Test("reads the environment of the process")
    func readsProcess() {
        #expect(Environment.process.expand("{$PATH}").text.contains("/"))
        #expect(Environment.process.expand("{$NO_SUCH_VARIABLE_HERE}").unset == ["NO_SUCH_VARIABLE_HERE"])
    }
}
