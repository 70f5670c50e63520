import DNSMessage
@testable import Plugins
import Testing

@Suite("the language of templates")
struct TemplateLanguageTests {
    private static let data = TemplateData(
        zone: "example.", name: "ip-10.example.", class: "IN", type: "A", regex: "^ip-(?P<a>.*)[.]example",
        matches: ["ip-10.example", "10", ""], groupNames: ["", "a", "empty"],
        remote: IPAddress(v4: 0x7F00_0001),
        message: TemplateMessage(
            id: 7, flags: HeaderFlags(rawValue: HeaderFlags.recursionDesiredBit),
            question: TemplateQuestion(name: "IP-10.example.", type: .a, class: .internet)),
        variables: [:])

    private func run(_ template: String) throws(TemplateError) -> String {
        try TemplateRun.run(TemplateParser.parse(template).nodes, on: Self.data)
    }

    @Test(
        "fills in what Go fills in",
        arguments: [
            ("plain", "plain"), ("", ""), ("{{ .Name }} {{.Type}}", "ip-10.example. A"), ("{{ .Zone }}", "example."),
            ("{{ .Class }} {{ .Remote }}", "IN 127.0.0.1"), ("{{ .Group.a }}", "10"), ("{{ .Group.x }}", "<no value>"),
            ("{{ index .Match 1 }}", "10"), ("{{ index .Group \"a\" }}", "10"), ("{{ index .Group \"x\" }}", ""),
            ("{{ .Group.empty }}", ""), ("{{ .Match }}", "[ip-10.example 10 ]"),
            ("{{ .Group }}", "map[0:ip-10.example 1:10 2: a:10 empty:]"),
            ("{{ .Question.Name }} {{ .Question.Qtype }} {{ .Question.Qclass }}", "IP-10.example. 1 1"),
            ("{{ .Question }}", ";IP-10.example.\tIN\t A"), ("{{ .Message.Id }}", "7"),
            ("{{ .Message.RecursionDesired }}", "true"), ("{{ len .Message.Question }}", "1"),
            ("{{ (index .Message.Question 0).Name }}", "IP-10.example."), ("{{ .Regex }}", "^ip-(?P<a>.*)[.]example"),
            ("{{ .Meta \"x/y\" }}.", "."), ("{{ \"x\" | .Meta }}.", "."), ("{{ $.Name }}", "ip-10.example."),
            ("{{ len .Name }}", "14"), ("{{ len (index .Match 1) }}", "2"), ("{{ index .Name 0 }}", "105"),
            ("{{ slice .Name 3 5 }}", "10"), ("{{ slice .Name 3 }}", "10.example."), ("{{ slice .Match 1 2 }}", "[10]"),
            ("{{ parseInt .Group.a 16 8 }}", "16"), ("{{ parseInt \"ff\" 16 8 }}", "255"),
            ("{{ parseInt \"0x1f\" 0 64 }}", "31"), ("{{ parseInt \"017\" 0 0 }}", "15"),
            ("{{ parseInt \"0\" 0 0 }}", "0"),
            ("{{ 0x10 }} {{ -3 }} {{ 1_000 }}", "16 -3 1000"), ("{{ true }}", "true"), ("{{ `a\"b` }}", "a\"b"),
            ("{{ \"a\\n\\\"\" }}", "a\n\""),
        ])
    func fillsIn(template: String, text: String) throws {
        #expect(try run(template) == text)
    }

    @Test(
        "branches, repeats and remembers as Go does",
        arguments: [
            ("{{ if .Group.a }}yes{{ else }}no{{ end }}", "yes"), ("{{ if .Group.empty }}yes{{ end }}", ""),
            ("{{ if eq .Type \"AAAA\" }}6{{ else if eq .Type \"A\" }}4{{ else }}?{{ end }}", "4"),
            ("{{ if eq .Type \"MX\" }}6{{ else if eq .Type \"TXT\" }}4{{ else }}?{{ end }}", "?"),
            ("{{ with .Group.a }}{{ . }}{{ $.Type }}{{ end }}", "10A"),
            ("{{ with .Group.x }}a{{ else }}b{{ end }}", "b"),
            ("{{ with $x := .Type }}{{ $x }}{{ . }}{{ end }}", "AA"),
            ("{{ with .Group.x }}a{{ else with .Type }}{{ . }}{{ end }}", "A"),
            ("{{ range .Match }}<{{ . }}>{{ end }}", "<ip-10.example><10><>"),
            ("{{ range $i, $m := .Match }}{{ $i }}{{ $m }};{{ end }}", "0ip-10.example;110;2;"),
            ("{{ range $k, $v := .Group }}{{ $k }}{{ end }}", "012aempty"), ("{{ range 3 }}{{ . }}{{ end }}", "012"),
            ("{{ range .Group.x }}a{{ else }}none{{ end }}", "none"),
            ("{{ range $m := .Match }}{{ $m }}{{ end }}", "ip-10.example10"),
            ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
            ("{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"),
            ("{{ if and .Group.a (eq .Type \"A\") }}x{{ end }}", "x"), ("{{ or .Group.empty \"d\" }}", "d"),
            ("{{ and 0 .Nothing }}", "0"), ("{{ or 1 .Nothing }}", "1"), ("{{ and 1 2 }}{{ or 0 \"\" }}", "2"),
            ("{{ .Type | or .Group.empty }}", "A"), ("{{ not .Group.empty }}", "true"),
            (
                "{{ eq .Type \"AAAA\" \"A\" }} {{ ne 1 2 }} {{ lt \"a\" \"b\" }} {{ ge 2 3 }} {{ le 3 3 }} "
                    + "{{ gt 2 1 }}",
                "true true true false true true"
            ),
            ("{{ eq (parseInt \"7\" 10 8) 7 }}", "true"), ("a {{- /* none */ -}} b", "ab"), ("a{{/* x */}}b", "ab"),
            ("a {{- .Type -}} b", "aAb"), ("a {{ .Type -}}\n b", "a Ab"), ("{{ \"}}\" }}", "}}"),
            ("{{ .Type | printf \"%s-%s\" .Class }}", "IN-A"), ("{{ print .Type .Class 1 2 }}", "AIN1 2"),
            ("{{ println .Type 1 }}", "A 1\n"),
        ])
    func branches(template: String, text: String) throws {
        #expect(try run(template) == text)
    }

    @Test(
        "formats as Go does",
        arguments: [
            ("\"%d.%d\" 1 2", "1.2"), ("\"%05d|%-5d|%5d|%+d|% d\" 42 42 42 42 42", "00042|42   |   42|+42| 42"),
            ("\"%x %X %#x %b %o %c %q\" 255 255 255 5 8 65 65", "ff FF 0xff 101 10 A 'A'"), ("\"%06x\" 255", "0000ff"),
            ("\"%.4d\" 7", "0007"),
            ("\"%s|%5s|%-5s|%.2s|%q\" \"ab\" \"ab\" \"ab\" \"abc\" \"a\\\"b\"", "ab|   ab|ab   |ab|\"a\\\"b\""),
            ("\"%x\" \"az\"", "617a"), ("\"%v %v %v\" 1 \"a\" true", "1 a true"), ("\"%t\" true", "true"),
            ("\"100%%\"", "100%"),
            ("\"%d\" \"a\"", "%!d(string=a)"), ("\"%d\"", "%!d(MISSING)"), ("\"x\" 1", "x%!(EXTRA int=1)"),
            ("\"%\"", "%!(NOVERB)"), ("\"%z\" 1", "%!z(int=1)"), ("\"%T\" 1", "int"), ("\"%s\" .Group.x", "<no value>"),
        ])
    func formats(arguments: String, text: String) throws {
        #expect(try run("{{ printf \(arguments) }}") == text)
    }

    @Test(
        "tells what it does not understand",
        arguments: [
            ("{{ .Name", "'{{ .Name' is never closed"), ("{{ \"a }}", "a text is never closed"),
            ("{{ foo }}", "there is no function 'foo'"), ("{{ $x }}", "undefined variable '$x'"),
            ("{{ $x = 1 }}", "undefined variable '$x'"), ("{{ if .Name }}", "{{if}} has no {{end}}"),
            ("{{ if .Name }}{{ else }}", "{{if}} has no {{end}}"), ("{{ end }}", "unexpected {{end}}"),
            ("{{ else }}", "unexpected {{else}}"), ("{{ }}", "a value is missing"),
            ("{{ if }}{{ end }}", "a value is missing"),
            ("{{ .Name | }}", "a value is missing"), ("{{ .Name | \"a\" }}", "'\"a\"' behind | is no function"),
            ("{{ \"a\" .Name }}", "'\"a\"' takes no arguments"), ("{{ (len .Name }}", "missing closing )"),
            ("{{ len .Name) }}", "unexpected ')'"), ("{{ define \"x\" }}{{ end }}", "{{define}} is not supported"),
            ("{{ 1.5 }}", "'1.5' is no whole number"), ("{{ .5 }}", "fractions are not supported"),
            ("{{ 'a' }}", "character constants are not supported"),
            ("{{ \"\\q\" }}", "the escape '\\q' is not supported"),
            ("{{ .Name # }}", "unexpected '#' in an action"), ("{{/* a }}", "a comment is never closed"),
            ("{{/* a */ b }}", "a comment ends before its closing braces"),
            ("{{ if 1 }}{{ $y := 1 }}{{ end }}{{ $y }}", "undefined variable '$y'"),
            (String(repeating: "{{ if 1 }}", count: 40), "actions nest too deep"),
            ("{{ " + String(repeating: "(", count: 40), "'{{ \(String(repeating: "(", count: 39))' is never closed"),
            ("{{ \(String(repeating: "(", count: 40))1 }}", "parentheses nest too deep"),
        ])
    func parseErrors(template: String, sentence: String) {
        do {
            _ = try TemplateParser.parse(template)
            Issue.record("\(template) was taken")
        } catch {
            #expect(error.description == sentence)
        }
    }

    @Test(
        "tells what cannot be carried out",
        arguments: [
            ("{{ .Nmae }}", "can't evaluate field Nmae"), ("{{ .Name.X }}", "can't evaluate field X in type string"),
            ("{{ .Group.x.y }}", "nil data; no entry for key \"y\""),
            ("{{ .Message.Foo }}", "can't evaluate field Foo"),
            ("{{ index .Match 9 }}", "error calling index: index out of range: 9"),
            ("{{ index .Match \"a\" }}", "error calling index: cannot index with type string"),
            ("{{ index 1 2 }}", "error calling index: can't index item of type int by int"),
            ("{{ len 1 }}", "error calling len: len of type int"),
            ("{{ len }}", "wrong number of arguments for len: want 1 got 0"),
            ("{{ slice .Name 5 3 }}", "error calling slice: invalid slice index: 5 > 3"),
            ("{{ parseInt \"zz\" 16 8 }}", "error calling parseInt: parsing \"zz\": invalid syntax"),
            ("{{ parseInt \"-1\" 10 8 }}", "error calling parseInt: parsing \"-1\": invalid syntax"),
            ("{{ parseInt \"\" 10 8 }}", "error calling parseInt: parsing \"\": invalid syntax"),
            ("{{ parseInt \"256\" 10 8 }}", "error calling parseInt: parsing \"256\": value out of range"),
            (
                "{{ parseInt \"18446744073709551616\" 10 64 }}",
                "error calling parseInt: parsing \"18446744073709551616\": value out of range"
            ),
            ("{{ parseInt \"1\" 99 8 }}", "error calling parseInt: invalid base 99 or bits 8"),
            ("{{ eq 1 \"a\" }}", "error calling eq: incompatible types for comparison"),
            ("{{ lt true false }}", "error calling lt: incompatible types for comparison"),
            ("{{ eq 1 }}", "error calling eq: missing argument for comparison"),
            ("{{ and }}", "wrong number of arguments for and: want at least 1 got 0"),
            ("{{ .Name 1 }}", "Name has arguments but cannot be invoked as function"),
            ("{{ .Meta }}", "wrong number of arguments for Meta: want the name of a label"),
            ("{{ range .Name }}{{ end }}", "range can't iterate over a string"),
            (
                "{{ range 100 }}{{ range 100 }}{{ range 100 }}x{{ end }}{{ end }}{{ end }}",
                "the template takes too many steps"
            ),
            ("{{ range 9000 }}\(String(repeating: "x", count: 100)){{ end }}", "the text is too long"),
            ("{{ range 1000000000000 }}{{ end }}", "the template takes too many steps"),
        ])
    func runErrors(template: String, sentence: String) throws {
        do {
            Issue.record("\(template) came out as \(try run(template))")
        } catch {
            #expect(error.description == sentence)
        }
    }

    @Test(
        "writes templates as Go writes them, for metrics",
        arguments: [
            ("{{ .Name }} 60 IN A  {{.Group.a}}", "{{.Name}} 60 IN A  {{.Group.a}}"),
            ("{{ index .Match 0 | printf \"%s\" }}", "{{index .Match 0 | printf \"%s\"}}"),
            ("{{if eq 0x1 1}}a{{else}}b{{end}}", "{{if eq 0x1 1}}a{{else}}b{{end}}"),
            ("{{ range $i, $m := .Match }}{{ $m }}{{ end }}", "{{range $i, $m := .Match}}{{$m}}{{end}}"),
            ("{{ $x := (len .Name) }}{{ $x = 1 }}", "{{$x := (len .Name)}}{{$x = 1}}"),
        ])
    func labels(template: String, label: String) throws {
        #expect(try TemplateParser.parse(template).nodes.map(\.description).joined() == label)
    }
}
