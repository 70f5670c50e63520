import DNSMessage
import Testing

@Suite("nsid")
struct NsidTests {
    private let answer = CannedAnswer(["a.nsid.test. 3600 IN A 10.0.0.1"])

    private func query(nsid: [UInt8]?, dnssecOK: Bool = false) -> TestQuery {
        TestQuery(
            "a.nsid.test", .a, edns: .init(dnssecOK: dnssecOK, options: nsid.map { [(code: .nsid, data: $0)] } ?? []))
    }

    @Test(
        "tells its data to a client that asks for it, the host name by default",
        arguments: [("nsid server one", "server one"), ("nsid", "dns-test"), ("nsid \"a  b\"", "a  b")])
    func answersOption(lines: String, identifier: String) throws {
        let reply = try TestBlock(lines, answering: answer).ask(query(nsid: []))
        #expect(reply.edns == "size=1232 nsid=\"\(identifier)\"")
        #expect(reply.answer == ["a.nsid.test. 3600 IN A 10.0.0.1"])
    }

    @Test("leaves DO as the client set it, unlike CoreDNS", arguments: [false, true])
    func leavesDO(dnssecOK: Bool) throws {
        let reply = try TestBlock("nsid", answering: answer).ask(query(nsid: [], dnssecOK: dnssecOK))
        #expect(reply.edns == "size=1232\(dnssecOK ? " do" : "") nsid=\"dns-test\"")
    }

    @Test("says nothing to others")
    func isSilentOtherwise() throws {
        let block = try TestBlock("nsid", answering: answer)
        #expect(try block.ask(query(nsid: nil)).edns == "size=1232")
        #expect(try block.ask(TestQuery("a.nsid.test", .a, edns: nil)).edns == nil)
        #expect(try TestBlock("", answering: answer).ask(query(nsid: [])).edns == "size=1232")
    }

    @Test("answers also when the query fails")
    func answersFailures() throws {
        let reply = try TestBlock("nsid server one").ask(query(nsid: []))
        #expect(reply.responseCode == "SERVFAIL")
        #expect(reply.edns?.hasSuffix(" nsid=\"server one\"") == true)
    }

    @Test("reports data that is too long, and a block")
    func reportsMistakes() {
        let long = String(repeating: "x", count: 513)
        #expect(
            TestBlock.mistakes("nsid \(long)") == ["2:6 error: nsid is too long: 513 bytes, 512 at most"])
        #expect(TestBlock.mistakes("nsid {\n}") == ["2:1 error: 'nsid' takes no block in braces"])
        #expect(TestBlock.mistakes("nsid\nnsid") == ["3:1 error: 'nsid' can only be used once per server block"])
    }
}
