import DNSMessage
import Testing

@Suite("chaos")
struct ChaosTests {
    private static let configured = "chaos CoreDNS-test one two three one"

    @Test(
        "answers the names of class CH as recorded from CoreDNS",
        arguments: [
            ("version.bind", ["version.bind. 0 CH TXT \"CoreDNS-test\""]),
            ("version.server", ["version.server. 0 CH TXT \"CoreDNS-test\""]),
            ("VERSION.BIND", ["VERSION.BIND. 0 CH TXT \"CoreDNS-test\""]),
            (
                "authors.bind",
                [
                    "authors.bind. 0 CH TXT \"one\"", "authors.bind. 0 CH TXT \"three\"",
                    "authors.bind. 0 CH TXT \"two\"",
                ]
            ),
            ("hostname.bind", ["hostname.bind. 0 CH TXT \"dns-test\""]),
            ("id.server", ["id.server. 0 CH TXT \"dns-test\""]),
        ] as [(Name, [String])])
    func answersConfigured(name: Name, answer: [String]) throws {
        let reply = try TestBlock(Self.configured).ask(TestQuery(name, .txt, class: .chaos))
        #expect(reply.answer == answer)
        #expect(reply.responseCode == "NOERROR")
        #expect(reply.flags == "rd")
    }

    @Test("tells about this program when nothing is configured")
    func answersDefaults() throws {
        let block = try TestBlock("chaos")
        let version = try block.ask(TestQuery("version.bind", .txt, class: .chaos))
        #expect(version.answer == ["version.bind. 0 CH TXT \"clusterdns-1.2.3\""])
        let authors = try block.ask(TestQuery("authors.bind", .txt, class: .chaos))
        #expect(authors.answer == ["authors.bind. 0 CH TXT \"clusterdns authors\""])
    }

    @Test(
        "leaves other questions of the class to nobody",
        arguments: [("other.bind", .txt), ("version.bind", .a), ("a.version.bind", .txt)] as [(Name, RecordType)])
    func refusesOthers(name: Name, type: RecordType) throws {
        let answer = CannedAnswer(["version.bind. 5 IN A 192.0.2.1"])
        let reply = try TestBlock(Self.configured, answering: answer).ask(TestQuery(name, type, class: .chaos))
        #expect(reply.responseCode == "REFUSED")
        #expect(reply.answer.isEmpty)
    }

    @Test("passes on the same names in class IN")
    func passesOn() throws {
        let answer = CannedAnswer(["version.bind. 5 IN A 192.0.2.1"])
        let reply = try TestBlock(Self.configured, answering: answer).ask(TestQuery("version.bind", .txt))
        #expect(reply.answer == ["version.bind. 5 IN A 192.0.2.1"])
    }

    @Test("cuts texts at 255 bytes, which is all that a string can hold")
    func cuts() throws {
        let long = String(repeating: "v", count: 300)
        let reply = try TestBlock("chaos \(long)").ask(TestQuery("version.bind", .txt, class: .chaos))
        #expect(reply.answer == ["version.bind. 0 CH TXT \"\(String(repeating: "v", count: 255))\""])
    }

    @Test("takes no block")
    func reportsMistakes() {
        #expect(TestBlock.mistakes("chaos {\nversion 1\n}") == ["2:1 error: 'chaos' takes no block in braces"])
    }
}
