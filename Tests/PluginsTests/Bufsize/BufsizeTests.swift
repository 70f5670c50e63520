import DNSMessage
import Testing

@Suite("bufsize")
struct BufsizeTests {
    @Test(
        "lowers what the request tells, as recorded from CoreDNS, and never raises it",
        arguments: [
            ("bufsize 700", 4096, 700), ("bufsize 700", 1232, 700), ("bufsize 700", 600, 600),
            ("bufsize", 4096, 1232), ("bufsize", 1000, 1000), ("bufsize 700", 100, 100),
        ])
    func lowersRequest(lines: String, told: UInt16, seen: UInt16) throws {
        let reply = try TestBlock(lines).ask(TestQuery("seen.buf.test", .txt, edns: .init(udpSize: told)))
        #expect(reply.toldSize == seen)
    }

    @Test("leaves a query without EDNS without it")
    func leavesPlainQuery() throws {
        let reply = try TestBlock("bufsize 700").ask(TestQuery("seen.buf.test", .txt, edns: nil))
        #expect(reply.toldSize == nil)
        #expect(reply.edns == nil)
    }

    @Test(
        "is the server's own UDP size: it cuts replies and stands in their OPT record",
        arguments: [("bufsize 512", 512), ("bufsize 700", 700), ("bufsize 4096", 4096), ("", 1232)])
    func limitsReplies(lines: String, size: Int) throws {
        let addresses = (1...250).map { "a.test. 5 IN A 192.0.2.\($0)" }
        let block = try TestBlock(lines, answering: CannedAnswer(addresses))
        let reply = try block.ask(TestQuery("a.test", .a, edns: .init(udpSize: 65_535)))
        #expect(reply.edns == "size=\(size)")
        let room = size - 11 - 24
        #expect(reply.answer.count == min(250, room / 16))
        #expect(reply.message.flags.isTruncated == (room / 16 < 250))
    }

    @Test(
        "takes one size from 512 to 4096",
        arguments: [
            ("bufsize 100", "2:9 error: bufsize must be in range [512, 4096]: 100"),
            ("bufsize 4097", "2:9 error: bufsize must be in range [512, 4096]: 4097"),
            ("bufsize big", "2:9 error: bufsize must be a whole number: 'big'"),
            ("bufsize 512 512", "2:13 error: Wrong argument count or unexpected line ending after '512'"),
        ])
    func reportsMistakes(lines: String, mistake: String) {
        #expect(TestBlock.mistakes(lines) == [mistake])
    }
}
