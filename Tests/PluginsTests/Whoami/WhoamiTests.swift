import DNSMessage
import PluginKit
import Testing

@Suite("whoami")
struct WhoamiTests {
    /// How a client asks and what it is told of itself.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: Name
        let type: RecordType
        let transport: Transport
        let client: SocketAddress
        let additional: [String]

        init(
            _ name: Name, _ type: RecordType, _ transport: Transport, _ client: SocketAddress, _ additional: [String]
        ) {
            self.name = name
            self.type = type
            self.transport = transport
            self.client = client
            self.additional = additional
        }

        var testDescription: String { "\(name) \(type) over \(transport) from \(client)" }
    }

    private static let v4 = IPAddress(v4: 0x7F00_0001)
    private static let v6 = IPAddress(high: 0, low: 1)

    @Test(
        "tells address, port and transport of the client as recorded from CoreDNS",
        arguments: [
            Case(
                "a.who.test", .a, .udp, SocketAddress(v4, port: 5641),
                ["a.who.test. 0 IN A 127.0.0.1", "_udp.a.who.test. 0 IN SRV 0 0 5641 ."]),
            Case(
                "A.who.test", .mx, .tcp, SocketAddress(v4, port: 5642),
                ["A.who.test. 0 IN A 127.0.0.1", "_tcp.A.who.test. 0 IN SRV 0 0 5642 ."]),
            Case(
                "a.who.test", .aaaa, .udp, SocketAddress(v6, port: 5643),
                ["a.who.test. 0 IN AAAA ::1", "_udp.a.who.test. 0 IN SRV 0 0 5643 ."]),
            Case(
                ".", .ns, .udp, SocketAddress(v4, port: 1), [". 0 IN A 127.0.0.1", "_udp. 0 IN SRV 0 0 1 ."]),
        ])
    func answers(asked: Case) throws {
        var query = TestQuery(asked.name, asked.type)
        query.transport = asked.transport
        query.client = asked.client
        let reply = try TestBlock("whoami").ask(query)
        #expect(reply.additional == asked.additional)
        #expect(reply.answer.isEmpty && reply.authority.isEmpty)
        #expect(reply.responseCode == "NOERROR")
        #expect(reply.flags == "aa,rd")
    }

    @Test("leaves the port out where its name would be too long")
    func leavesPortOut() throws {
        let label = String(repeating: "x", count: 61)
        let long = Name(stringLiteral: "\(label).\(label).\(label).\(label)")
        #expect(long.wire.count == 249)
        #expect(try TestBlock("whoami").ask(TestQuery(long, .a)).additional.count == 2)
        let longer = Name(stringLiteral: "\(label).\(label).\(label).\(label).x")
        #expect(try TestBlock("whoami").ask(TestQuery(longer, .a)).additional == ["\(longer) 0 IN A 127.0.0.1"])
    }

    @Test("takes no arguments")
    func reportsMistakes() {
        let sentence = "2:8 error: Wrong argument count or unexpected line ending after 'me'"
        #expect(TestBlock.mistakes("whoami me") == [sentence])
    }
}
