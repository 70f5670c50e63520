import DNSMessage
import Testing

@Suite("minimal")
struct MinimalTests {
    private static let soa = "min.test. 3600 IN SOA ns1.min.test. admin.min.test. 2024010101 7200 3600 1209600 300"
    private static let servers = ["min.test. 3600 IN NS ns1.min.test.", "min.test. 3600 IN NS ns2.other.test."]
    private static let glue = ["ns1.min.test. 3600 IN A 192.0.2.53"]

    /// What the plugin below answers, and whether authority and additional records stay.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let answer: [String]
        let authority: [String]
        let additional: [String]
        let responseCode: ResponseCode
        let isKept: Bool

        init(
            _ description: String, _ answer: [String], _ authority: [String], _ additional: [String],
            _ responseCode: ResponseCode = .noError, isKept: Bool
        ) {
            testDescription = description
            self.answer = answer
            self.authority = authority
            self.additional = additional
            self.responseCode = responseCode
            self.isKept = isKept
        }
    }

    @Test(
        "drops authority and additional records of positive answers only",
        arguments: [
            Case("an answer", ["www.min.test. 60 IN A 192.0.2.1"], servers, glue, isKept: false),
            Case(
                "an alias with its target",
                ["c.min.test. 60 IN CNAME www.min.test.", "www.min.test. 60 IN A 192.0.2.1"],
                servers, glue, isKept: false),
            Case("additional records alone", [], [], glue, isKept: false),
            Case("no data", [], [soa], [], isKept: true),
            Case("no data behind an alias", ["c.min.test. 60 IN CNAME www.min.test."], [soa], [], isKept: true),
            Case("no such name", [], [soa], [], .nxDomain, isKept: true),
            Case("a delegation", [], servers, glue, isKept: true),
            Case("a failure", ["www.min.test. 60 IN A 192.0.2.1"], servers, glue, .servFail, isKept: true),
        ])
    func drops(reply wanted: Case) throws {
        let below = CannedAnswer(
            wanted.answer, authority: wanted.authority, additional: wanted.additional, code: wanted.responseCode)
        let reply = try TestBlock("minimal", answering: below).ask(TestQuery("www.min.test", .a))
        #expect(reply.answer == wanted.answer)
        #expect(reply.authority == (wanted.isKept ? wanted.authority : []))
        #expect(reply.additional == (wanted.isKept ? wanted.additional : []))
        #expect(reply.edns == "size=1232")
    }

    @Test("leaves zone transfers alone", arguments: [RecordType.axfr, .ixfr])
    func leavesTransfers(type: RecordType) throws {
        let below = CannedAnswer([Self.soa], authority: Self.servers)
        #expect(try TestBlock("minimal", answering: below).ask(TestQuery("min.test", type)).authority == Self.servers)
    }

    @Test("takes no arguments")
    func reportsMistakes() {
        let sentence = "2:9 error: Wrong argument count or unexpected line ending after 'all'"
        #expect(TestBlock.mistakes("minimal all") == [sentence])
    }
}
