import DNSMessage
import PluginKit
import TestSupport
import Testing

/// How long requests and replies may be, and what is cut (sections J.3 to J.6; rows 7, 8 and 10 of the deviations).
@Suite struct SizeTests {
    private static let corefile = """
        example {
            fixture {
                record web.example. 5 IN A 10.0.0.1
                many answer data.example. 6000
                many authority referral.example. 1000
                many additional glue.example. 1000
            }
        }
        large.example {
            bufsize 4096
            fixture {
                many answer large.example. 1000
            }
        }
        """

    struct Row: Sendable {
        let query: QueryText
        let limit: Int
        let records: Int
        let isTruncated: Bool
    }

    // `data.example.` takes 18 bytes of question, each of its records 16, OPT 11.
    static let rows = [
        Row(query: "data.example. A", limit: 512, records: (512 - 30) / 16, isTruncated: true),
        Row(query: "data.example. A bufsize=0", limit: 512, records: (512 - 41) / 16, isTruncated: true),
        Row(query: "data.example. A bufsize=513", limit: 513, records: (513 - 41) / 16, isTruncated: true),
        Row(query: "data.example. A bufsize=1231", limit: 1231, records: (1231 - 41) / 16, isTruncated: true),
        Row(query: "data.example. A bufsize=1232", limit: 1232, records: (1232 - 41) / 16, isTruncated: true),
        Row(query: "data.example. A bufsize=4096", limit: 1232, records: (1232 - 41) / 16, isTruncated: true),
        Row(query: "data.example. A bufsize=65535", limit: 1232, records: (1232 - 41) / 16, isTruncated: true),
        Row(query: "large.example. A bufsize=65535", limit: 4096, records: (4096 - 42) / 16, isTruncated: true),
        Row(query: "large.example. A bufsize=1232", limit: 1232, records: (1232 - 42) / 16, isTruncated: true),
        Row(query: "referral.example. A", limit: 512, records: (512 - 34) / 16, isTruncated: true),
        // A set of glue goes as a whole, for nothing would tell that it is not complete.
        Row(query: "glue.example. A", limit: 512, records: 0, isTruncated: false),
    ]

    @Test(
        "cuts whole records so that a reply fits both sides, and sets TC unless only glue is missing", arguments: rows)
    func cutsReplies(row: Row) throws {
        let server = try TestServer(Self.corefile)
        let reply = try server.ask(row.query)
        #expect(reply.bytes.count <= row.limit)
        #expect(reply.answer.count + reply.authority.count + reply.additional.count == row.records)
        #expect(reply.message.flags.isTruncated == row.isTruncated)
        #expect(reply.message.flags.isAuthoritative)
    }

    @Test(
        "fills 65,535 bytes over TCP, whatever the OPT record says", arguments: ["", " bufsize=512", " bufsize=65535"])
    func fillsAStreamsMessage(edns: String) throws {
        let server = try TestServer(Self.corefile)
        let reply = try server.ask(QueryText("data.example. A" + edns), over: .tcp)
        let room = 65_535 - 30 - (edns.isEmpty ? 0 : 11)
        #expect(reply.answer.count == room / 16)
        #expect(reply.answer.last == "data.example. 5 IN A 10.0.15.\(room / 16 - 1 - 15 * 256)")
        #expect(reply.message.flags.isTruncated)
        #expect((reply.edns != nil) == !edns.isEmpty)
    }

    @Test("takes requests of any size that UDP can carry", arguments: [512, 513, 1232, 4096, 32_768, 65_507])
    func takesLargeRequests(size: Int) throws {
        let server = try TestServer(Self.corefile)
        // 12 of header, 17 of question, 11 of OPT and 4 of its option.
        let query = QueryText("web.example. A id=5 padding=\(size - 44)")
        #expect(query.bytes.count == size)
        let reply = try server.ask(query)
        #expect(
            reply.text
                == "NOERROR qr,aa,rd\nquestion: web.example. IN A\nanswer: web.example. 5 IN A 10.0.0.1\n"
                + "edns: size=1232"
        )
    }

    @Test("takes requests of 65,535 bytes over TCP")
    func takesTheLargestStreamRequest() throws {
        let server = try TestServer(Self.corefile)
        let reply = try server.ask(QueryText("web.example. A padding=\(65_535 - 44)"), over: .tcp)
        #expect(reply.answer == ["web.example. 5 IN A 10.0.0.1"])
    }

    @Test("answers large and small requests of one batch each with its own reply")
    func keepsPacketsApart() throws {
        let server = try TestServer(Self.corefile)
        let client = try server.udp()
        for id in 0..<60 {
            let padding = id.isMultiple(of: 3) ? " padding=\(id * 500 + 400)" : ""
            try client.send(QueryText("web.example. A id=\(id)\(padding)").bytes)
        }
        var ids: [UInt16] = []
        for _ in 0..<60 { ids.append(try client.receive()?.message.id ?? 0xFFFF) }
        #expect(ids.sorted() == (0..<60).map { UInt16($0) })
    }

    @Test("compresses every name it can")
    func compresses() throws {
        let server = try TestServer(Self.corefile)
        // Header, question, and for the record a pointer, ten bytes and an address.
        #expect(try server.ask("web.example. A").bytes.count == 12 + 17 + 16)
    }
}
