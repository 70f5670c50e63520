import DNSMessage
import PluginKit
import TestSupport
import Testing

/// What is answered before anybody looks at the question, to the bit (section J.1 of CoreDNS's behaviour).
@Suite struct EarlyReplyTests {
    private static let corefile = """
        . {
            fixture {
                record web.example. 5 IN A 10.0.0.1
            }
        }
        """

    /// A request, and the twelve bytes or more that come back; nil for silence.
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let request: HexBytes
        let reply: HexBytes?

        init(_ sentence: String, _ request: HexBytes, _ reply: HexBytes?) {
            (testDescription, self.request, self.reply) = (sentence, request, reply)
        }
    }

    // `web.example. A IN`
    private static let question = "03776562 076578616d706c65 00 0001 0001"

    static let rows = [
        Row("eleven bytes", "1234 0100 0001 0000 0000 00", nil),
        Row("an empty packet", "", nil),
        Row("a response", HexBytes("1234 8100 0001 0000 0000 0000" + question), nil),
        Row("a response that is also another opcode", HexBytes("1234 a100 0001 0000 0000 0000" + question), nil),
        Row(
            "opcode STATUS keeps opcode, TC, RD, RA, AD and CD, loses AA and Z and its question",
            HexBytes("1234 17f0 0001 0000 0000 0000" + question), "1234 93b4 0000 0000 0000 0000"),
        Row("IQUERY", HexBytes("1234 0900 0001 0000 0000 0000" + question), "1234 8904 0000 0000 0000 0000"),
        Row("NOTIFY", HexBytes("1234 2400 0001 0000 0000 0000" + question), "1234 a004 0000 0000 0000 0000"),
        Row("UPDATE", HexBytes("1234 2800 0001 0000 0000 0000" + question), "1234 a804 0000 0000 0000 0000"),
        Row("opcode 15 with nothing behind it", "1234 7800 0000 0000 0000 0000", "1234 f804 0000 0000 0000 0000"),
        Row("no question", "1234 0100 0000 0000 0000 0000", "1234 8101 0000 0000 0000 0000"),
        Row(
            "two questions", HexBytes("1234 0110 0002 0000 0000 0000" + question + question),
            "1234 8111 0000 0000 0000 0000"),
        Row(
            "FORMERR keeps TC, RD, RA, AD and CD, loses AA, Z and the code that was there",
            "1234 07ff 0000 0000 0000 0000", "1234 83b1 0000 0000 0000 0000"),
        Row(
            "two answer records", HexBytes("1234 0100 0001 0002 0000 0000" + question),
            "1234 8101 0000 0000 0000 0000"),
        Row(
            "two authority records", HexBytes("1234 0100 0001 0000 0002 0000" + question),
            "1234 8101 0000 0000 0000 0000"),
        Row(
            "three additional records", HexBytes("1234 0100 0001 0000 0000 0003" + question),
            "1234 8101 0000 0000 0000 0000"),
        Row(
            "a header alone that announces a question is SERVFAIL with RD and CD",
            "1234 03f0 0001 0000 0000 0000", "1234 8112 0000 0000 0000 0000"),
        Row(
            "a question cut in its name", "1234 0100 0001 0000 0000 0000 03776562 0765",
            "1234 8101 0000 0000 0000 0000"),
        Row(
            "a question cut in its class", "1234 0100 0001 0000 0000 0000 00 0001 00",
            "1234 8101 0000 0000 0000 0000"),
        Row(
            "a label of 64 bytes", "1234 0100 0001 0000 0000 0000 40 00 0001 0001",
            "1234 8101 0000 0000 0000 0000"),
        Row(
            "a name that points at itself", "1234 0100 0001 0000 0000 0000 c00c 0001 0001",
            "1234 8101 0000 0000 0000 0000"),
        Row(
            "a name that points behind itself", "1234 0100 0001 0000 0000 0000 c010 0001 0001 00",
            "1234 8101 0000 0000 0000 0000"),
        Row(
            "an OPT record that announces more than there is keeps the question",
            HexBytes("1234 0100 0001 0000 0000 0001" + question + "00 0029 04d0 00000000 0004"),
            HexBytes("1234 8101 0001 0000 0000 0000" + question)),
        Row(
            "an option that runs over the end of its record",
            HexBytes("1234 0100 0001 0000 0000 0001" + question + "00 0029 04d0 00000000 0004 000a 0008"),
            HexBytes("1234 8101 0001 0000 0000 0000" + question)),
        Row(
            "an additional record that is not there",
            HexBytes("1234 0100 0001 0000 0000 0001" + question),
            HexBytes("1234 8101 0001 0000 0000 0000" + question)),
    ]

    @Test("answers, or ignores, what is no proper query", arguments: rows)
    func answersImproperQueries(row: Row) throws {
        let server = try TestServer(Self.corefile)
        let client = try server.udp()
        try client.send(row.request.bytes)
        guard let expected = row.reply else {
            // What comes back is the reply to the query behind it.
            try client.send(QueryText("web.example. id=99").bytes)
            #expect(try client.receive()?.message.id == 99)
            return
        }
        #expect(try client.receive()?.bytes.hex == expected.bytes.hex)
    }

    @Test("gives the same replies over TCP, one after the other on one connection")
    func answersImproperQueriesOverTCP() throws {
        let server = try TestServer(Self.corefile)
        let client = try server.tcp()
        for row in Self.rows { try client.send(row.request.bytes.framed) }
        try client.send(QueryText("web.example. id=99").framed)
        for row in Self.rows {
            guard let expected = row.reply else { continue }
            #expect(try client.receive()?.bytes.hex == expected.bytes.hex, "\(row.testDescription)")
        }
        #expect(try client.receive()?.message.id == 99)
    }

    static let tolerated = [
        Row("bytes behind the question", HexBytes(question + "dead beef"), "0000 0000 0000"),
        Row("one record in answer", HexBytes(question + "00 0001 0001 00000000 0004 01020304"), "0001 0000 0000"),
        Row("one record in authority", HexBytes(question + "00 0001 0001 00000000 0004 01020304"), "0000 0001 0000"),
        Row(
            "two OPT records", HexBytes(question + "00 0029 04d0 00000000 0000 00 0029 1000 00000000 0000"),
            "0000 0000 0002"),
        Row(
            "an OPT record that is not the root's", HexBytes(question + "0161 00 0029 04d0 00000000 0000"),
            "0000 0000 0001"),
        Row(
            "an additional record of another type", HexBytes(question + "00 0001 0001 00000000 0000"),
            "0000 0000 0001"),
    ]

    @Test("answers in spite of what a query may carry along", arguments: tolerated)
    func toleratesOddities(row: Row) throws {
        let server = try TestServer(Self.corefile)
        let client = try server.udp()
        let counts = row.reply?.bytes ?? []
        try client.send(HexBytes("1234 0100 0001").bytes + counts + row.request.bytes)
        let reply = try client.receive()
        #expect(reply?.header == "NOERROR qr,aa,rd")
        #expect(reply?.answer == ["web.example. 5 IN A 10.0.0.1"])
    }
}
