import Corefile
import DNSMessage
import Patterns
import PluginKit

/// # template
///
/// Makes answers from the question: records in the language of Go's text/template, filled in for each query.
///
/// ## Syntax
/// ```
/// template CLASS TYPE [ZONE...] {
///     match REGEXP...
///     var NAME EXPRESSION
///     expr EXPRESSION
///     answer RECORD...
///     authority RECORD...
///     additional RECORD...
///     rcode CODE
///     ederror NUMBER [TEXT]
///     fallthrough [ZONE...]
///     upstream
/// }
/// ```
/// - CLASS and TYPE are those of the questions that are answered, `ANY` for all. Classes other than `IN` are answered
///   only where `chaos` is in the block too.
/// - ZONE... are the zones that are answered; the default is those of the server block.
/// - `match` names regular expressions in Go's syntax for the name, which is in lower case and ends with a dot. The
///   first that matches counts. Without any, every name matches.
/// - `var` gives a name to the value of an expression, for later ones and for templates, where it is `.Var.NAME`.
///   `expr` is a condition; where one is not true, it is as if no regular expression had matched. The language is that
///   of `view`, with one function more: `group('NAME')` or `group(1)` is what a group of the regular expression took.
///   Where an expression has no value, the answer is SERVFAIL. One with `#` stands in double quotes.
/// - `answer`, `authority` and `additional` each take templates of records, which are written as in zone files. A TTL
///   that is left out is 3600. A template that comes out empty makes no record.
/// - `rcode` is the response code; the default is `NOERROR`.
/// - `ederror` adds an Extended DNS Error (RFC 8914), for clients with EDNS.
/// - `fallthrough` asks the next `template` and then the next plugin about names that match no expression, all or those
///   in ZONE.... Without it they are SERVFAIL.
/// - `upstream` is accepted for old Corefiles and changes nothing.
///
/// A question for A or AAAA that is answered with a CNAME goes on with its target, through the whole server; such an
/// answer has no other sections. A template that fails, or does not come out as a record, makes the answer SERVFAIL
/// and a line of `errors`.
///
/// ## Templates
/// - `{{ .Name }}` is the name, `{{ .Type }}` and `{{ .Class }}` what is asked for, `{{ .Zone }}` the zone that
///   matched, `{{ .Remote }}` the client's address.
/// - `{{ .Group.NAME }}` is what a group `(?P<NAME>...)` took, `{{ index .Match 1 }}` what the first one took, and
///   `{{ index .Match 0 }}` the whole match.
/// - `{{ .Question.Name }}` is the name as the client spelled it, `.Question.Qtype` and `.Question.Qclass` are numbers;
///   `.Message.Id`, `.Message.RecursionDesired` and so on are fields of the header.
/// - `{{ .Meta "LABEL" }}` is a text of metadata; empty where there is none.
/// - `{{ parseInt .Group.x 16 8 }}` reads a number in a base, here 16, that fits so many bits, here 8.
/// - Of Go's language there are `if`, `with`, `range`, `else`, variables, pipelines, comments and the functions `and`
///   `or` `not` `len` `index` `slice` `print` `printf` `println` `eq` `ne` `lt` `le` `gt` `ge`. Write `{{ $x }}` with a
///   blank: `{$` begins a variable of the environment.
///
/// ## Metrics
/// - `coredns_template_matches_total{server,zone,view,class,type}` counts queries that were answered, or should have
///   been.
/// - `coredns_template_template_failures_total{server,zone,view,class,type,section,template}` counts templates that
///   could not be carried out.
/// - `coredns_template_rr_failures_total{server,zone,view,class,type,section,template}` counts those that came out as
///   something else than a record.
///
/// ## Examples
/// ```corefile
/// . {
///     template IN A ip.example {
///         match ^ip-(?P<a>[0-9]+)-(?P<b>[0-9]+)-(?P<c>[0-9]+)-(?P<d>[0-9]+)[.]ip[.]example[.]$
///         answer "{{ .Name }} 60 IN A {{ .Group.a }}.{{ .Group.b }}.{{ .Group.c }}.{{ .Group.d }}"
///         fallthrough
///     }
///     template IN A hex.example {
///         match ^ip0a00(?P<c>[a-f0-9]{2})(?P<d>[a-f0-9]{2})[.]
///         answer "{{ .Name }} IN A 10.0.{{ parseInt .Group.c 16 8 }}.{{ parseInt .Group.d 16 8 }}"
///     }
///     whoami
/// }
/// ```
/// ```corefile
/// . {
///     template ANY ANY invalid {
///         rcode NXDOMAIN
///         authority "invalid. 60 {{ .Class }} SOA ns.invalid. hostmaster.invalid. (1 60 60 60 60)"
///         ederror 21 "there are no such names (RFC 6761)"
///     }
///     template IN A safe.example {
///         match ^(?P<ip>[0-9]{1,3}(-[0-9]{1,3}){3})[.]safe[.]example[.]$
///         var ip replace(group('ip'), '-', '.')
///         expr "any(['10.0.0.0/8', '192.168.0.0/16'], incidr(ip, #))"
///         answer "{{ .Name }} 60 IN A {{ .Var.ip }}"
///         fallthrough
///     }
///     template IN AAAA {
///         rcode NOERROR
///     }
///     whoami
/// }
/// ```
enum TemplateKind: PluginKind {
    static let name = "template"
    private static let options = [
        "match", "answer", "additional", "authority", "rcode", "ederror", "fallthrough", "upstream", "var",
        "expr",
    ]

    static func setUp(_ setup: inout Setup) {
        var rules: [TemplateRule] = []
        for directive in setup.directives {
            guard let rule = rule(directive, &setup) else { continue }
            rules.append(rule)
        }
        let metrics = TemplateMetrics(setup.metrics)
        // Other classes than IN reach a block only through plugins that take them.
        let takesForeign = rules.contains { $0.class != .internet } && setup.block.words.contains("chaos")
        let plugin =
            takesForeign
            ? ForeignTemplatePlugin(rules, metrics, block: setup.block.index)
            : TemplatePlugin(rules, metrics, block: setup.block.index)
        setup.link(plugin)
    }

    private static func rule(_ directive: Directive, _ setup: inout Setup) -> TemplateRule? {
        guard directive.hasArguments(2..., usage: "template CLASS TYPE [ZONE...]", &setup.diagnostics) else {
            return nil
        }
        var rule = TemplateRule()
        let (classWord, typeWord) = (directive.arguments[0], directive.arguments[1])
        if let value = RecordClass(classWord.text) {
            rule.class = value
        } else {
            setup.diagnostics.error(at: classWord, "invalid query class \(classWord.text)", hint: "IN as a rule")
        }
        if let value = RecordType(typeWord.text) {
            rule.type = value
        } else {
            setup.diagnostics.error(at: typeWord, "invalid query type \(typeWord.text)")
        }
        rule.zones = ZoneSet(setup.zones(directive.arguments.dropFirst(2)))
        let lines = directive.block ?? []
        // Expressions first: templates are held against their groups.
        for line in lines where line.name.text == "match" { readPatterns(line, into: &rule, &setup.diagnostics) }
        readConditions(lines, into: &rule, &setup)
        for line in lines where line.name.text != "match" { read(line, into: &rule, &setup) }
        return rule
    }

    private static func readPatterns(
        _ line: Directive, into rule: inout TemplateRule, _ diagnostics: inout Diagnostics
    ) {
        guard line.hasNoBlock(&diagnostics), line.hasArguments(1..., usage: "match REGEXP...", &diagnostics)
        else { return }
        for word in line.arguments {
            guard word.text.count <= TemplateLimits.patternLengthMax else {
                diagnostics.error(
                    at: word, "the expression has more than \(TemplateLimits.patternLengthMax) characters")
                continue
            }
            do throws(GoPatternError) {
                rule.patterns.append(try GoPattern(word.text))
            } catch {
                diagnostics.error(at: word, "could not parse regex: \(word.quoted): \(error)")
            }
        }
    }

    private static func read(_ line: Directive, into rule: inout TemplateRule, _ setup: inout Setup) {
        guard line.hasNoBlock(&setup.diagnostics) else { return }
        switch line.name.text {
        case "answer": rule.answer += templates(line, rule, &setup.diagnostics)
        case "authority": rule.authority += templates(line, rule, &setup.diagnostics)
        case "additional": rule.additional += templates(line, rule, &setup.diagnostics)
        case "rcode": readCode(line, into: &rule, &setup.diagnostics)
        case "ederror": readExtendedError(line, into: &rule, &setup.diagnostics)
        case "fallthrough": rule.fallthroughZones = setup.fallthroughZones(line)
        case "upstream", "var", "expr": break
        default: line.reportUnknownProperty(among: options, &setup.diagnostics)
        }
    }

    private static func templates(
        _ line: Directive, _ rule: TemplateRule, _ diagnostics: inout Diagnostics
    ) -> [RecordTemplate] {
        guard line.hasArguments(1..., usage: "\(line.name.text) RECORD...", &diagnostics) else { return [] }
        var templates: [RecordTemplate] = []
        for word in line.arguments {
            guard word.text.count <= TemplateLimits.templateLengthMax else {
                diagnostics.error(
                    at: word, "the template has more than \(TemplateLimits.templateLengthMax) characters")
                continue
            }
            do throws(TemplateError) {
                let template = try RecordTemplate(word.text)
                warn(about: template, at: word, rule, &diagnostics)
                templates.append(template)
            } catch {
                diagnostics.error(at: word, "could not compile template: \(error)")
            }
        }
        return templates
    }

    /// What will make queries fail: CoreDNS starts with it, so this server does.
    private static func warn(
        about template: RecordTemplate, at word: Word, _ rule: TemplateRule, _ diagnostics: inout Diagnostics
    ) {
        if let reason = template.certainFailure {
            diagnostics.warning(at: word, "this is no record, and queries will fail: \(reason)")
        }
        for path in template.paths {
            if !TemplateData.fields.contains(path[0]) {
                diagnostics.warning(
                    at: word, "there is no field '.\(path[0])', and queries will fail",
                    hint: "there are " + TemplateData.fields.dropLast().map { ".\($0)" }.joined(separator: ", "))
            } else if path[0] == "Var", path.count > 1, !rule.variables.contains(path[1]) {
                diagnostics.warning(at: word, "there is no 'var \(path[1])'")
            } else if path[0] == "Group", path.count > 1, !rule.groupNames.contains(path[1]) {
                diagnostics.warning(at: word, "no expression has a group '\(path[1])'")
            }
        }
    }

    private static func readCode(
        _ line: Directive, into rule: inout TemplateRule, _ diagnostics: inout Diagnostics
    ) {
        guard line.hasArguments(1...1, usage: "rcode CODE", &diagnostics) else { return }
        guard let code = ResponseCode(line.arguments[0].text) else {
            return diagnostics.error(
                at: line.arguments[0], "unknown rcode \(line.arguments[0].text)", hint: "such as NXDOMAIN")
        }
        rule.responseCode = code
    }

    private static func readExtendedError(
        _ line: Directive, into rule: inout TemplateRule, _ diagnostics: inout Diagnostics
    ) {
        guard line.hasArguments(1...2, usage: "ederror NUMBER [TEXT]", &diagnostics),
            let code = line.arguments[0].integer("the extended error", in: 0...65_535, &diagnostics)
        else { return }
        let text = line.arguments.count > 1 ? Array(line.arguments[1].text.utf8) : []
        guard text.count <= TemplateLimits.reasonMax else {
            return diagnostics.error(
                at: line.arguments[1], "the text has more than \(TemplateLimits.reasonMax) bytes")
        }
        rule.extendedError = (ExtendedErrorCode(rawValue: UInt16(code)), text)
    }
}
