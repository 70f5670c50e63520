import DNSMessage
import Testing

@Suite("any")
struct AnyTests {
    private let answer = CannedAnswer(["www.example.org. 60 IN A 192.0.2.1"])

    @Test(
        "answers ANY with one HINFO record, whether the name exists or not",
        arguments: ["www.example.org", "NOPE.example.org", "."] as [Name])
    func answersANY(name: Name) throws {
        let reply = try TestBlock("any", answering: answer).ask(TestQuery(name, .any))
        #expect(reply.answer == ["\(name) 8482 IN HINFO \"ANY obsoleted\" \"See RFC 8482\""])
        #expect(reply.responseCode == "NOERROR")
        #expect(reply.flags == "rd")
        #expect(reply.authority.isEmpty && reply.additional.isEmpty)
    }

    @Test("passes other types on")
    func passesOn() throws {
        let reply = try TestBlock("any", answering: answer).ask(TestQuery("www.example.org", .a))
        #expect(reply.answer == ["www.example.org. 60 IN A 192.0.2.1"])
    }

    @Test("takes no arguments")
    func reportsMistakes() {
        #expect(
            TestBlock.mistakes("any thing") == [
                "2:5 error: Wrong argument count or unexpected line ending after 'thing'"
            ])
    }
}
