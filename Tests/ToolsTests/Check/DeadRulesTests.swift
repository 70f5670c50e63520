import Corefile
import TestSupport
import Testing

@testable import Tools

/// What `check` warns of, and what it does not.
@Suite("check warns of") struct DeadRulesTests {
    /// A Corefile between bars for line ends, and the warnings: line, column, and how the sentence begins.
    private static let corefiles: [(text: String, warnings: [String])] = [
        // Blocks.
        (". {|}", ["1:1 no plugin of this server block answers: every query is REFUSED"]),
        (". {|errors|cache|}", ["1:1 no plugin of this server block answers"]),
        (
            "a.test {|whoami|}|a.test {|view v {|expr type() == 'A'|}|whoami|}",
            ["5:1 no query comes to this server block: that at Corefile:1:1 stands before it and has no view"]
        ),
        (
            "a.test {|view v {|expr type() == 'A'|}|whoami|}|a.test {|view w {|expr type() == 'A'|}|whoami|}",
            ["8:1 no query comes to this server block: that at Corefile:1:1 stands before it and has the same view"]
        ),
        ("a.test {|view v {|expr type() == 'A'|}|whoami|}|a.test {|whoami|}", []),
        ("a.test {|bind 127.0.0.1|whoami|}|a.test {|bind 127.0.0.2|view v {|expr type() == 'A'|}|whoami|}", []),
        // What is answered before.
        (
            "a.test {|kubernetes a.test {|endpoint http://192.0.2.1|}|forward . 192.0.2.2|}",
            ["5:1 no query comes to this 'forward': the 'kubernetes' at Corefile:2:1 answers everything in 'a.test.'"]
        ),
        ("a.test {|kubernetes a.test {|endpoint http://192.0.2.1|fallthrough|}|forward . 192.0.2.2|}", []),
        ("a.test {|kubernetes a.test {|endpoint http://192.0.2.1|fallthrough x.a.test|}|forward . 192.0.2.2|}", []),
        (". {|kubernetes a.test {|endpoint http://192.0.2.1|}|forward . 192.0.2.2|}", []),
        (
            ". {|hosts {|192.0.2.1 a.test|}|forward . 192.0.2.2|}",
            ["5:1 only PTR queries come to this 'forward': the 'hosts' at Corefile:2:1 answers everything else in '.'"]
        ),
        (". {|hosts {|192.0.2.1 a.test|fallthrough|}|forward . 192.0.2.2|}", []),
        (
            ". {|forward . 192.0.2.2|whoami|}",
            ["3:1 no query comes to this 'whoami': the 'forward' at Corefile:2:1 answers everything in '.'"]
        ),
        (". {|forward a.test 192.0.2.2|forward . 192.0.2.3|}", []),
        (
            ". {|forward . 192.0.2.2|forward a.test 192.0.2.3|}",
            ["3:1 no query comes to this 'forward': the one at Corefile:2:1 answers everything in 'a.test.'"]
        ),
        (". {|forward . 192.0.2.2 {|except a.test|}|forward a.test 192.0.2.3|}", []),
        (". {|forward . 192.0.2.2 {|next NXDOMAIN|}|forward . 192.0.2.3|}", []),
        (
            ". {|template ANY ANY a.test {|rcode NXDOMAIN|}|template IN A x.a.test {|rcode NOERROR|}|whoami|}",
            ["5:1 no query comes to this 'template': the one at Corefile:2:1 answers everything in 'x.a.test.'"]
        ),
        (". {|template IN A a.test {|rcode NXDOMAIN|}|template IN AAAA a.test {|rcode NOERROR|}|whoami|}", []),
        (
            ". {|template IN A {|match ^a[.]|rcode NXDOMAIN|}|template IN A {|rcode NOERROR|}|whoami|}",
            ["6:1 no query comes to this 'template': the one at Corefile:2:1 answers everything in '.'"]
        ),
        (". {|template IN A {|match ^a[.]|rcode NXDOMAIN|fallthrough|}|template IN A {|rcode NOERROR|}|whoami|}", []),
        (
            ". {|acl {|block|}|whoami|}",
            ["5:1 no query comes to this 'whoami': the 'acl' at Corefile:3:1 answers everything in '.'"]
        ),
        (". {|acl {|allow net 192.0.2.0/24|block|}|whoami|}", []),
        // Zones.
        (
            "a.test {|forward b.test 192.0.2.1|whoami|}",
            ["2:9 no query for 'b.test' comes to this 'forward': this server block has only 'a.test.'"]
        ),
        ("a.test {|rewrite name suffix .a.test .b.test|forward b.test 192.0.2.1|whoami|}", []),
        ("a.test {|k8s_external a.test|kubernetes b.test {|endpoint http://192.0.2.1|}|}", []),
        (
            "a.test {|acl b.test {|block net 192.0.2.1|}|cache 30 c.test|whoami|}",
            ["2:5 no query for 'b.test' comes to this 'acl'", "5:10 no query for 'c.test' comes to this 'cache'"]
        ),
        (
            ". {|kubernetes a.test {|endpoint http://192.0.2.1|}|}|x.a.test {|whoami|}|a.test {|whoami|}",
            ["2:12 no query for 'a.test' comes to this 'kubernetes': they go to the server block at Corefile:9:1"]
        ),
        (".:53 {|kubernetes a.test {|endpoint http://192.0.2.1|}|}|a.test:5353 {|whoami|}", []),
        (
            ". {|kubernetes a.test {|endpoint http://192.0.2.1|fallthrough b.test|}|}",
            ["4:13 nothing falls through in 'b.test': this 'kubernetes' has 'a.test.'"]
        ),
        (
            ". {|cache 30 a.test {|disable success b.test|}|whoami|}",
            ["3:17 nothing of 'b.test' is cached anyway: this 'cache' has 'a.test.'"]
        ),
        // Hosts.
        (
            "a.test {|hosts {|192.0.2.1 x.a.test y.b.test|}|}",
            ["3:20 'y.b.test' is not looked up here: this 'hosts' has 'a.test.'"]
        ),
        (
            ". {|hosts {|192.0.2.1 x.a.test|fallthrough|}|whoami|}|a.test {|whoami|}",
            ["3:11 'x.a.test' is not looked up here: its queries go to the server block at Corefile:8:1"]
        ),
        // Upstreams.
        (". {|whoami|loop|}", ["3:1 'loop' has nothing to watch"]),
        (
            ". {|forward . 192.0.2.1 192.0.2.2 192.0.2.1:53|}",
            ["2:31 '192.0.2.1:53' stands twice"]
        ),
        (". {|forward . 192.0.2.1 192.0.2.1:5353|}", []),
        (
            ".:5300 {|forward . 127.0.0.1:5300|}",
            ["2:11 '127.0.0.1:5300' is this server block itself: what is forwarded comes back"]
        ),
        (".:5300 {|forward . 127.0.0.1:5301|}", []),
        (
            "a.test:5300 {|forward . 127.0.0.1:5300|}|.:5300 {|whoami|}",
            [
                "2:11 '127.0.0.1:5300' is this server block itself"
            ]
        ),
        (".:5300 {|bind 127.0.0.2|forward . 127.0.0.1:5300|}", []),
        (
            ". {|forward a.test 192.0.2.1 {|except b.test|}|}",
            ["3:8 'b.test' needs no exception: this 'forward' has 'a.test.'"]
        ),
        // Lines of acl and rewrite.
        (
            ". {|acl {|block net 10.0.0.0/8|allow net 10.1.0.0/16|allow|drop type A|}|whoami|}",
            [
                "4:1 no query comes to this 'allow': the 'block' at Corefile:3:1 decides",
                "6:1 no query comes to this 'drop': the 'allow' at Corefile:5:1 decides",
            ]
        ),
        (". {|acl {|block type A net 10.0.0.0/8|block net 10.1.0.0/16|block type A|}|whoami|}", []),
        (
            ". {|acl {|block net 10.0.0.0/9 10.128.0.0/9|allow net ::ffff:10.0.0.0/104 10.1.2.3|}|whoami|}",
            ["4:1 no query comes to this 'allow': the 'block' at Corefile:3:1 decides"]
        ),
        (
            ". {|acl {|block net 0.0.0.0/0 ::/0|}|whoami|}",
            ["5:1 no query comes to this 'whoami': the 'acl' at Corefile:3:1 answers everything in '.'"]
        ),
        (
            ". {|rewrite TYPE any HINFO|rewrite class IN CH|rewrite type ANY A|rewrite ttl exact a.test 5|whoami|}", []
        ),
        (
            ". {|rewrite type any HINFO|rewrite continue ttl exact a.test 5|rewrite {|type ANY|A|}|whoami|}",
            ["4:1 no query comes to this rule: that at Corefile:2:1 takes them first"]
        ),
        (
            ". {|rewrite ttl prefix x. 5|rewrite ttl exact X.y.test 6|rewrite ttl regex ^x 7|whoami|}",
            ["3:1 no query comes to this rule: that at Corefile:2:1 takes them first"]
        ),
        (
            ". {|rewrite ttl regex (.*) 5|rewrite ttl exact x.y.test 6|whoami|}",
            ["3:1 no query comes to this rule: that at Corefile:2:1 takes them first"]
        ),
        (
            ". {|rewrite name suffix .a.test .b.test|rewrite name exact x.a.test y.test|whoami|}",
            ["3:1 no query comes to this rule: that at Corefile:2:1 takes them first"]
        ),
        (". {|rewrite continue name suffix .a.test .b.test|rewrite name exact x.a.test y.test|whoami|}", []),
        (". {|rewrite name suffix .a.test .b.test|rewrite name exact a.test y.test|whoami|}", []),
        (". {|rewrite name exact a.test b.test|rewrite type ANY HINFO|rewrite ttl exact b.test 30|whoami|}", []),
        (
            ". {|rewrite edns0 local set 0xffee 0x61|rewrite type ANY HINFO|whoami|}",
            ["3:1 no query comes to this rule: that at Corefile:2:1 takes them first"]
        ),
        (
            ". {|rewrite name suffix .a.test .b.test|rewrite continue type A AAAA|rewrite name prefix x. y.|"
                + "rewrite ttl suffix c.a.test 5|whoami|}", []
        ),
        // Files.
        (
            ". {|hosts /nosuch/hosts {|fallthrough|}|file /nosuch/db a.test|whoami|}",
            [
                "2:7 the file of 'hosts', '/nosuch/hosts', is not there",
                "5:6 the zone file, '/nosuch/db', is not there",
            ]
        ),
        (
            ". {|root /nosuch|kubernetes a.test {|manifests m.yaml|snapshot s/snapshot|}|}",
            [
                "2:6 root path does not exist: '/nosuch'",
                "4:11 what 'manifests' names, '/nosuch/m.yaml', is not there",
                "5:10 the directory for the snapshot, '/nosuch/s', is not there",
            ]
        ),
        (
            ". {|file /nosuch/a a.test|file /nosuch/b a.test|whoami|}",
            [
                "2:6 the zone file", "2:16 'a.test' is served from another file", "3:6 the zone file",
            ]
        ),
        (
            ". {|auto {|directory /etc/passwd|}|whoami|}",
            ["3:11 the directory of 'auto', '/etc/passwd', is no directory"]
        ),
    ]

    @Test("what can never take effect", arguments: corefiles)
    func warning(text: String, warnings: [String]) {
        let text = text.replacing("|", with: "\n")
        let report = CheckReport.make(text: text, file: "Corefile", defaultPort: 53, environment: Environment([:]))
        #expect(report.errors.map(\.message) == [])
        let found = report.warnings.map { "\($0.position.line):\($0.position.column) \($0.message)" }
        #expect(found.count == warnings.count, "\(found)")
        for (sentence, beginning) in zip(found, warnings) { #expect(sentence.hasPrefix(beginning)) }
    }
}
