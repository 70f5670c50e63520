import DNSMessage
import PluginKit
@testable import Plugins
import TestSupport
import Testing

/// The upstream of the recordings from CoreDNS: data of int.example, for other names one record of the type.
private func upstream() -> ScriptedAnswer {
    ScriptedAnswer { name, type in
        typealias Answer = ScriptedAnswer.Answer
        if name.hasPrefix("nx.") {
            let soa = "int.example. 50 IN SOA ns.int.example. h.int.example. 1 2 3 4 5"
            return Answer(authority: [soa], code: .nxDomain)
        }
        if name.hasPrefix("sf.") { return Answer(code: .servFail) }
        if name.hasPrefix("unwritten.") { return Answer(code: .refused, isVerdict: true) }
        guard name.hasSuffix(".int.example.") else {
            switch type {
            case .a: return Answer(answer: ["\(name) 30 IN A 192.0.2.100"])
            case .txt: return Answer(answer: ["\(name) 10 IN TXT \(name)"])
            default: return Answer()
            }
        }
        switch type {
        case .a:
            return Answer(
                answer: ["\(name) 30 IN CNAME lb.int.example.", "lb.int.example. 40 IN A 192.0.2.1"],
                authority: ["int.example. 50 IN NS ns.int.example."],
                additional: ["ns.int.example. 60 IN A 192.0.2.53"])
        case .srv:
            return Answer(
                answer: [
                    "\(name) 30 IN SRV 1 2 80 node1.int.example.", "\(name) 30 IN SRV 1 2 80 node2.other.example.",
                ], additional: ["node1.int.example. 30 IN A 192.0.2.11"])
        case .mx: return Answer(answer: ["\(name) 30 IN MX 5 mx.int.example."])
        case .ns, .ptr: return Answer(answer: ["\(name) 30 IN \(type) t.int.example."])
        default: return Answer()
        }
    }
}

/// The Corefile of the recordings.
private let recordedNames = """
    rewrite name exact old.example seen.new.example
    rewrite name plain.example seen.plain2.example
    rewrite stop {
        name suffix .ext.example .int.example answer auto
    }
    rewrite stop {
        name suffix .raw.example .int.example
    }
    rewrite stop {
        name regex (.*)\\.re\\.example {1}.int.example answer auto
    }
    rewrite stop {
        name regex (.*)\\.man\\.example {1}.int.example
        answer name (.*)\\.int\\.example {1}.man.example
    }
    rewrite stop {
        name regex (.*)\\.val\\.example {1}.int.example
        answer name (.*)\\.int\\.example {1}.val.example
        answer value (.*)\\.int\\.example {1}.val.example
    }
    rewrite name prefix pre. seen.
    rewrite name prefix half- seen.
    rewrite name substring .mid. .int.
    rewrite name substring inner outer
    rewrite continue name regex ^c1\\.(.*)\\.$ c2.{1}
    rewrite name regex ^c2\\.(.*)\\.$ seen.{1}
    rewrite name regex ^s1\\.(.*)$ s2.{1}
    rewrite name regex ^two-([a-z]+)-([a-z]+)\\.example\\.$ seen.{2}.{1}.example
    """

private typealias Row = (query: TestQuery, asked: String, records: [String])

private let recordedRows: [Row] = [
    (
        TestQuery("old.example", .txt), "seen.new.example. IN TXT",
        ["old.example. 10 IN TXT \"seen.new.example.\""]
    ),
    (TestQuery("sub.old.example", .a), "sub.old.example. IN A", ["sub.old.example. 30 IN A 192.0.2.100"]),
    (TestQuery("plain.example", .a), "seen.plain2.example. IN A", ["plain.example. 30 IN A 192.0.2.100"]),
    (
        TestQuery("web.ext.example", .a), "web.int.example. IN A",
        [
            "web.ext.example. 30 IN CNAME lb.ext.example.", "lb.ext.example. 40 IN A 192.0.2.1",
            "int.example. 50 IN NS ns.ext.example.", "ns.ext.example. 60 IN A 192.0.2.53",
        ]
    ),
    (
        TestQuery("web.ext.example", .srv), "web.int.example. IN SRV",
        [
            "web.ext.example. 30 IN SRV 1 2 80 node1.ext.example.",
            "web.ext.example. 30 IN SRV 1 2 80 node2.other.example.",
            "node1.ext.example. 30 IN A 192.0.2.11",
        ]
    ),
    (
        TestQuery("a.b.ext.example", .mx), "a.b.int.example. IN MX",
        ["a.b.ext.example. 30 IN MX 5 mx.ext.example."]
    ),
    (TestQuery("ext.example", .a), "ext.example. IN A", ["ext.example. 30 IN A 192.0.2.100"]),
    (
        TestQuery("web.raw.example", .ptr), "web.int.example. IN PTR",
        ["web.int.example. 30 IN PTR t.int.example."]
    ),
    (
        TestQuery("web.re.example", .ns), "web.int.example. IN NS", ["web.re.example. 30 IN NS t.int.example."]
    ),
    (
        TestQuery("web.man.example", .a), "web.int.example. IN A",
        [
            "web.man.example. 30 IN CNAME lb.int.example.", "lb.man.example. 40 IN A 192.0.2.1",
            "int.example. 50 IN NS ns.int.example.", "ns.man.example. 60 IN A 192.0.2.53",
        ]
    ),
    (
        TestQuery("web.val.example", .a), "web.int.example. IN A",
        [
            "web.val.example. 30 IN CNAME lb.val.example.", "lb.val.example. 40 IN A 192.0.2.1",
            "int.example. 50 IN NS ns.val.example.", "ns.val.example. 60 IN A 192.0.2.53",
        ]
    ),
    (TestQuery("pre.foo.example", .a), "seen.foo.example. IN A", ["seen.foo.example. 30 IN A 192.0.2.100"]),
    (TestQuery("prefix.example", .a), "prefix.example. IN A", ["prefix.example. 30 IN A 192.0.2.100"]),
    (TestQuery("half-foo.example", .a), "half-foo.example. IN A", ["half-foo.example. 30 IN A 192.0.2.100"]),
    (TestQuery("x.mid.example", .mx), "x.int.example. IN MX", ["x.int.example. 30 IN MX 5 mx.int.example."]),
    (TestQuery("x.inner.test", .a), "x.outer.test. IN A", ["x.outer.test. 30 IN A 192.0.2.100"]),
    (TestQuery("xinner", .a), "xouter. IN A", ["xouter. 30 IN A 192.0.2.100"]),
    (TestQuery("c1.example.org", .a), "seen.example.org. IN A", ["seen.example.org. 30 IN A 192.0.2.100"]),
    (
        TestQuery("two-ab-cd.example", .a), "seen.cd.ab.example. IN A",
        ["seen.cd.ab.example. 30 IN A 192.0.2.100"]
    ),
]

@Suite("rewrite")
struct RewriteTests {
    @Test("rewrites names, and those of answers, as recorded from CoreDNS")
    func names() throws {
        for var row in recordedRows {
            row.query.edns = nil
            let upstream = upstream()
            let reply = try TestBlock(recordedNames, answering: upstream).ask(row.query)
            #expect(upstream.asked == [row.asked], "\(row.query.name)")
            #expect(reply.answer + reply.authority + reply.additional == row.records, "\(row.query.name)")
            #expect(reply.flags == "rd,ra")
            let question = try #require(reply.message.questions.first)
            #expect("\(question.name)" == "\(row.query.name)" && question.type == row.query.type)
        }
    }

    @Test("the question is spelled as by the client, names that were turned back in lower case")
    func spelling() throws {
        let block = try TestBlock(recordedNames, answering: upstream())
        let reply = try block.ask(TestQuery("WeB.Ext.example", .mx))
        #expect(reply.answer == ["web.ext.example. 30 IN MX 5 mx.ext.example."])
        #expect("\(reply.message.questions[0].name)" == "WeB.Ext.example.")
    }

    @Test("a name that is none any more is SERVFAIL, with the reason for errors")
    func illegalName() throws {
        let block = try RunningBlock("errors\n" + recordedNames, answering: upstream())
        block.ask(TestQuery("s1.example.org", .txt))
        #expect(
            block.finish() == [
                "[ERROR] plugin/errors: 2 s1.example.org. TXT: invalid name after rewrite: s2.example.org.."
            ])
    }

    @Test("a failure that nobody wrote has the client's question")
    func unwritten() throws {
        let block = try TestBlock("rewrite name exact a.test unwritten.test", answering: upstream())
        let reply = try block.ask(TestQuery("a.test", .a))
        #expect(reply.responseCode == "REFUSED" && "\(reply.message.questions[0].name)" == "a.test.")
    }

    private static let otherRules = """
        rewrite type ANY HINFO
        rewrite type MX TXT
        rewrite class CH IN
        rewrite ttl t1.example 77
        rewrite ttl suffix .t2.example 5-20
        rewrite ttl regex ^(max|top)\\.t3\\.example\\.$ -10
        rewrite ttl prefix lo. 100-
        rewrite ttl substring mid 33
        rewrite rcode nx.rc.example NXDOMAIN NOERROR
        rewrite rcode suffix .rc2.example SERVFAIL 5
        rewrite rcode regex ^sf\\..*$ SERVFAIL NXDOMAIN
        """

    @Test(
        "rewrites types, classes, TTLs and codes",
        arguments: [
            ("a.example", .any, .internet, "a.example. IN HINFO", "NOERROR", []),
            ("a.example", .mx, .internet, "a.example. IN TXT", "NOERROR", ["a.example. 10 IN TXT \"a.example.\""]),
            ("a.example", .txt, .chaos, "a.example. IN TXT", "NOERROR", ["a.example. 10 IN TXT \"a.example.\""]),
            ("t1.example", .a, .internet, "t1.example. IN A", "NOERROR", ["t1.example. 77 IN A 192.0.2.100"]),
            ("x.t1.example", .a, .internet, "x.t1.example. IN A", "NOERROR", ["x.t1.example. 30 IN A 192.0.2.100"]),
            ("a.t2.example", .a, .internet, "a.t2.example. IN A", "NOERROR", ["a.t2.example. 20 IN A 192.0.2.100"]),
            (
                "a.t2.example", .txt, .internet, "a.t2.example. IN TXT", "NOERROR",
                ["a.t2.example. 10 IN TXT \"a.t2.example.\""]
            ),
            (
                "max.t3.example", .a, .internet, "max.t3.example. IN A", "NOERROR",
                ["max.t3.example. 10 IN A 192.0.2.100"]
            ),
            ("lo.example", .a, .internet, "lo.example. IN A", "NOERROR", ["lo.example. 100 IN A 192.0.2.100"]),
            ("amidb.example", .a, .internet, "amidb.example. IN A", "NOERROR", ["amidb.example. 30 IN A 192.0.2.100"]),
            (
                "nx.rc.example", .a, .internet, "nx.rc.example. IN A", "NOERROR",
                ["int.example. 50 IN SOA ns.int.example. h.int.example. 1 2 3 4 5"]
            ),
            ("sf.rc2.example", .a, .internet, "sf.rc2.example. IN A", "REFUSED", []),
            ("sf.other.example", .a, .internet, "sf.other.example. IN A", "NXDOMAIN", []),
        ] as [(Name, RecordType, RecordClass, String, String, [String])])
    func others(
        name: Name, type: RecordType, class: RecordClass, asked: String, code: String, records: [String]
    ) throws {
        let upstream = upstream()
        let reply = try TestBlock(Self.otherRules, answering: upstream)
            .ask(TestQuery(name, type, class: `class`, edns: nil))
        #expect(upstream.asked == [asked])
        #expect(reply.responseCode == code && reply.answer + reply.authority == records)
        #expect(reply.message.questions == [Message.Question(name, type, class: `class`)])
    }

    @Test("gives a CNAME another target, with the records that are there")
    func aliases() throws {
        let upstream = upstream()
        let found = try TestBlock("rewrite cname lb.int.example other.example", answering: upstream)
            .ask(TestQuery("web.int.example", .a, edns: nil))
        #expect(upstream.asked == ["web.int.example. IN A", "other.example. IN A"])
        #expect(
            found.answer == ["web.int.example. 30 IN CNAME other.example.", "other.example. 30 IN A 192.0.2.100"])
        #expect(found.authority == ["int.example. 50 IN NS ns.int.example."])
        #expect(found.additional == ["ns.int.example. 60 IN A 192.0.2.53"])
        let missing = try TestBlock("rewrite cname regex ^lb\\.(.*)$ nx.{1}", answering: upstream)
            .ask(TestQuery("web.int.example", .a, edns: nil))
        #expect(missing.responseCode == "NOERROR" && missing.answer.count == 2, "an illegal target changes nothing")
        let denied = try TestBlock("rewrite cname lb.int.example nx.example", answering: upstream)
            .ask(TestQuery("web.int.example", .a, edns: nil))
        #expect(denied.responseCode == "NXDOMAIN" && denied.answer == ["web.int.example. 30 IN CNAME nx.example."])
        #expect(denied.authority == ["int.example. 50 IN SOA ns.int.example. h.int.example. 1 2 3 4 5"])
    }

    @Test("rules of several lines go on where they say so, and answers are turned back in reverse order")
    func order() throws {
        let lines = """
            rewrite continue name suffix .one.test .two.test answer auto
            rewrite continue name suffix .two.test .int.example answer auto
            rewrite continue ttl suffix .int.example 100-
            rewrite type MX NS
            rewrite ttl suffix .int.example 7
            """
        let upstream = upstream()
        let reply = try TestBlock(lines, answering: upstream).ask(TestQuery("a.one.test", .mx, edns: nil))
        #expect(upstream.asked == ["a.int.example. IN NS"])
        #expect(reply.answer == ["a.one.test. 100 IN NS t.one.test."])
    }

    @Test("a block without a match leaves queries alone")
    func alone() throws {
        let upstream = upstream()
        let block = try TestBlock(recordedNames, answering: upstream)
        for name in ["other.example", ".", "example"] as [Name] {
            #expect(try block.ask(TestQuery(name, .a, edns: nil)).message.questions[0].name == name)
        }
        #expect(upstream.asked == ["other.example. IN A", ". IN A", "example. IN A"])
    }

    @Test("a question asked again by a plugin further up is rewritten again")
    func again() throws {
        let upstream = upstream()
        let block = try TestBlock(
            "dns64 {\nallow_ipv4\n}\nrewrite type A MX\nrewrite type AAAA HINFO", answering: upstream)
        _ = try block.ask(TestQuery("x.example", .aaaa, edns: nil))
        #expect(upstream.asked == ["x.example. IN HINFO", "x.example. IN MX"])
    }

    @Test(
        "tells what is wrong with a rule",
        arguments: [
            ("rewrite", ["2:1 error: no rule type specified for rewrite"]),
            ("rewrite name only", ["2:14 error: too few arguments for a name rule"]),
            ("rewrite name exact only", ["2:20 error: too few arguments for a name rule"]),
            ("rewrite nmae a b", ["2:9 error: invalid rule type 'nmae'"]),
            ("rewrite name a..b c", ["2:14 error: 'a..b': a label is empty"]),
            ("rewrite name a c d", ["2:18 error: unexpected 'd' behind a rule of 'name'"]),
            ("rewrite name suffix a b answer nothing", ["2:32 error: invalid answer rule 'nothing'"]),
            ("rewrite type A B", ["2:16 error: invalid type 'B'"]),
            ("rewrite class IN XX", ["2:18 error: invalid class 'XX'"]),
            ("rewrite ttl a 5-4", ["2:15 error: invalid TTL '5-4'"]),
            ("rewrite ttl a 4294967295", ["2:15 error: invalid TTL '4294967295'"]),
            ("rewrite rcode a NOERROR FOO", ["2:25 error: invalid response code 'FOO'"]),
            ("rewrite edns0 local set 65536 a", ["2:25 error: invalid option code '65536'"]),
            (
                "rewrite edns0 local set 1 0xabc",
                ["2:27 error: '0xabc' is not an even number of hexadecimal digits behind '0x'"]
            ),
            ("rewrite edns0 local set 1 {qnmae}", ["2:27 error: unsupported variable name '{qnmae}'"]),
            ("rewrite edns0 subnet set 33 56", ["2:26 error: IPv4 bits must be in range [0, 32]: 33"]),
            ("rewrite edns0 nsid sett", ["2:20 error: invalid action 'sett'"]),
        ] as [(String, [String])])
    func mistakes(line: String, expected: [String]) {
        #expect(TestBlock.mistakes(line + "\nwhoami") == expected)
    }

    @Test("tells a regular expression that is none")
    func brokenExpression() {
        let mistakes = TestBlock.mistakes("rewrite name regex ( b\nwhoami")
        #expect(mistakes.count == 1 && mistakes[0].hasPrefix("2:20 error: invalid regex pattern '(': "))
    }
}

@Suite("rewrite edns0")
struct RewriteOptionTests {
    private static let prefix = TestQuery.EDNS(options: [(EDNSOptionCode(rawValue: 0xFFEE), [1, 2])])

    @Test(
        "sets, appends, replaces and unsets options",
        arguments: [
            ("local set 0xffee 0x61626364", nil, "ffee000461626364"),
            ("local set 65518 abc revert", prefix, "ffee0003616263"),
            ("local append 0xffee hi", prefix, "ffee00020102ffee00026869"),
            ("local replace 0xffee 0x7a", prefix, "ffee00017a"),
            ("local replace 0xffef 0x7a", prefix, "ffee00020102"),
            ("local unset 0xffee", prefix, ""),
            ("local set 1 {qname}", nil, "0001000778" + "2e746573742e"),
            ("local set 1 {qtype}", nil, "000100020010"),
            ("local set 1 {client_ip}", nil, "000100047f000001"),
            ("local set 1 {client_port}", nil, "0001000215e0"),
            ("local set 1 {protocol}", nil, "00010003756470"),
            ("local set 1 {view/name}", prefix, "ffee00020102"),
            ("nsid set", nil, "00030000"),
            ("subnet set 20 56", nil, "00080007000114007f0000"),
        ] as [(String, TestQuery.EDNS?, String)])
    func options(rule: String, edns: TestQuery.EDNS?, expected: String) throws {
        let upstream = ScriptedAnswer { _, _ in ScriptedAnswer.Answer() }
        let block = try TestBlock("rewrite edns0 \(rule)", answering: upstream)
        let reply = try block.ask(TestQuery("x.test", .txt, edns: edns))
        #expect(upstream.asked == ["x.test. IN TXT [\(expected)]"])
        #expect((reply.edns != nil) == (edns != nil), "who sends no OPT record gets none")
    }

    @Test("what a client without EDNS takes stays what it was")
    func size() throws {
        let upstream = ScriptedAnswer { name, _ in
            ScriptedAnswer.Answer(answer: (0..<60).map { "\(name) 5 IN A 10.0.0.\($0)" })
        }
        let reply = try TestBlock("rewrite edns0 nsid set", answering: upstream)
            .ask(TestQuery("x.test", .a, edns: nil))
        #expect(reply.message.flags.isTruncated && reply.toldSize == nil)
    }
}
