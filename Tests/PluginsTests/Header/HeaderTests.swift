import DNSMessage
import Testing

@Suite("header")
struct HeaderTests {
    private static let answer = ["a.hosts.test. 3600 IN A 10.0.0.1"]
    private static let authoritative = HeaderFlags.authoritativeBit
    private static let recursive = HeaderFlags.recursionAvailableBit

    private func ask(_ rules: String, answering flags: UInt16, recursionDesired: Bool = true) throws -> TestReply {
        var query = TestQuery("a.hosts.test", .a)
        query.flags.recursionDesired = recursionDesired
        return try TestBlock("header {\n\(rules)\n}", answering: CannedAnswer(Self.answer, flags: flags)).ask(query)
    }

    @Test(
        "sets and clears flags of responses as recorded from CoreDNS; the last rule counts",
        arguments: [
            ("response set ra aa\nresponse clear rd", recursive, "aa,ra"),
            ("response clear aa\nresponse set ra", authoritative, "rd,ra"),
            ("query set aa\nresponse clear ra aa", recursive, "rd"),
            ("RESPONSE SET RA", authoritative, "aa,rd,ra"),
            ("response set ra\nresponse clear ra", authoritative, "aa,rd"),
            ("response clear rd\nresponse set rd", authoritative, "aa,rd"),
            ("set ra", authoritative, "aa,rd,ra"),
        ])
    func changesResponses(rules: String, flags: UInt16, expected: String) throws {
        #expect(try ask(rules, answering: flags).flags == expected)
    }

    @Test(
        "changes the query for those who answer it, and what the reply repeats of it",
        arguments: [
            ("query clear rd", true, "ra", ""), ("query clear rd", false, "ra", ""),
            ("query set rd", false, "rd,ra", "rd"),
            ("query set aa", true, "rd,ra", "aa,rd"),
        ])
    func changesQueries(rules: String, recursionDesired: Bool, expected: String, seen: String) throws {
        let reply = try ask(rules, answering: Self.recursive, recursionDesired: recursionDesired)
        #expect(reply.flags == expected)
        #expect(reply.request.description == seen)
    }

    @Test("leaves a failure that nobody wrote as it is")
    func leavesBareFailures() throws {
        let reply = try TestBlock("header {\nresponse clear rd\nresponse set ra\n}").ask(TestQuery("a.test", .a))
        #expect(reply.responseCode == "SERVFAIL")
        #expect(reply.flags == "rd")
    }

    @Test("changes denials like answers")
    func changesDenials() throws {
        let denial = CannedAnswer(code: .nxDomain)
        let reply = try TestBlock("header {\nresponse set ra\n}", answering: denial).ask(TestQuery("a.test", .a))
        #expect(reply.responseCode == "NXDOMAIN")
        #expect(reply.flags == "aa,rd,ra")
    }

    @Test(
        "reports every rule that is none",
        arguments: [
            ("header", ["2:1 error: 'header' needs a block with at least one rule"]),
            ("header {\n}", ["2:1 error: 'header' needs a block with at least one rule"]),
            (
                "header {\nresponse\nquery put rd\nquery set\nanswers set rd\nquery clear rd tc\nclear aa\n}",
                [
                    "3:1 error: no flag action after 'response', expected 'set' or 'clear'",
                    "4:7 error: unknown flag action 'put', should be set or clear",
                    "5:7 error: no flags after 'set', expected 'aa', 'ra' or 'rd'",
                    "6:1 error: unknown property 'answers'",
                    "7:16 error: unknown flag 'tc'",
                    "8:1 warning: the rule does not say whether it is about queries or responses, "
                        + "it is taken for responses",
                ]
            ),
        ])
    func reportsMistakes(lines: String, mistakes: [String]) {
        #expect(TestBlock.mistakes(lines) == mistakes)
    }
}
