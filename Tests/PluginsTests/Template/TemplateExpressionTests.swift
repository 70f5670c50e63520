import DNSMessage
import PluginKit
import TestSupport
import Testing

@Suite("variables and conditions of templates")
struct TemplateExpressionTests {
    private static let lines = """
        metadata
        view main
        template IN A safe.example {
            match ^(?P<ip>[0-9]{1,3}(-[0-9]{1,3}){3})[.]safe[.]example[.]$
            var ip replace(group('ip'), '-', '.')
            var octet int(split(ip, '.')[3])
            expr "any(['10.0.0.0/8', '192.168.0.0/16'], incidr(ip, #))"
            expr octet > 0 and group(1) == group('ip') and group(0) == name() and group(9) == '' and type() == 'A'
            answer "{{ .Name }} 60 IN A {{ .Var.ip }}"
            fallthrough pass.safe.example
        }
        template IN A pass.safe.example {
            match ^(.*)[.]pass
            expr group(1) == 'yes'
            answer "{{ .Name }} 60 IN A 192.0.2.1"
            fallthrough
        }
        template IN TXT meta.example {
            answer "{{ .Name }} TXT \\"{{ .Meta \\"view/name\\" }}-{{ .Meta \\"no/such\\" }}-{{ .Meta \\"bad\\" }}\\""
        }
        template IN TXT list.example {
            var parts split(name(), '.')
            var number 1.5 * 2
            answer "{{ .Name }} 60 IN TXT \\"{{ range .Var.parts }}{{ . }},{{ end }}{{ .Var.number }}\\""
        }
        """

    @Test(
        "answers where the conditions are true",
        arguments: [
            ("10-1-2-3.safe.example", .a, "NOERROR", ["10-1-2-3.safe.example. 60 IN A 10.1.2.3"]),
            ("192-168-0-9.safe.example", .a, "NOERROR", ["192-168-0-9.safe.example. 60 IN A 192.168.0.9"]),
            // Not in the networks, and no number that an expression could read.
            ("8-8-8-8.safe.example", .a, "SERVFAIL", []), ("10-0-0-0.safe.example", .a, "SERVFAIL", []),
            ("10-0-0-999.safe.example", .a, "SERVFAIL", []),
            (
                "yes.pass.safe.example", .a, "NOERROR",
                [
                    "yes.pass.safe.example. 60 IN A 192.0.2.1"
                ]
            ),
            ("no.pass.safe.example", .a, "REFUSED", []),
            (
                "x.meta.example", .txt, "NOERROR",
                [
                    "x.meta.example. 3600 IN TXT \"main--\""
                ]
            ),
            ("a.list.example", .txt, "NOERROR", ["a.list.example. 60 IN TXT \"a,list,example,,3\""]),
        ] as [(Name, RecordType, String, [String])])
    func answers(name: Name, type: RecordType, code: String, answer: [String]) throws {
        let reply = try TestBlock(Self.lines, answering: CannedAnswer(code: .refused)).ask(TestQuery(name, type))
        #expect(reply.responseCode == code)
        #expect(reply.answer == answer)
    }

    @Test(
        "reports names that variables cannot have, and expressions that are none",
        arguments: [
            ("var 1x 1", ["3:5 error: invalid variable name '1x'"]),
            ("var len 1", ["3:5 error: the variable name 'len' is reserved"]),
            ("var group 1", ["3:5 error: the variable name 'group' is reserved"]),
            ("var true 1", ["3:5 error: the variable name 'true' is reserved"]),
            ("var a 1\nvar a 2", ["4:5 error: there is a variable 'a' already"]),
            ("var a b", ["3:7 error: unknown name 'b'"]),
            ("expr grop(1) == ''", ["3:6 error: unknown function 'grop'"]),
            ("expr a == 1\nvar a 'x'", ["3:8 error: '==' does not go with a string and a int"]),
            ("var a 1\nanswer \"{{ .Var.b }}\"", ["4:8 warning: there is no 'var b'"]),
        ])
    func mistakes(lines: String, expected: [String]) {
        #expect(TestBlock.mistakes("template IN A {\n\(lines)\n}") == expected)
    }
}
