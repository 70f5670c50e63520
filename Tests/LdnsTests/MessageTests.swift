import DNSMessage
import Ldns
import Testing

@Suite struct MessageTests {
    private static let message = Message(
        id: 4711, flags: HeaderFlags(rawValue: 0x8580), questions: [.init("web.svc", .srv)],
        answer: [Record("web.svc", ttl: 30, .srv(priority: 0, weight: 100, port: 80, target: "a.web.svc"))],
        authority: [Record("svc", ttl: 5, .ns("ns.svc"))],
        additional: [
            Record("a.web.svc", ttl: 30, .aaaa(IPAddress(high: 0xFD00_0000_0000_0000, low: 1))),
            Record(.root, ttl: 0x8000, class: RecordClass(rawValue: 1_232), .other(.opt, [0, 10, 0, 2, 1, 2])),
        ])

    @Test("shows a message as dig does")
    func presentation() throws {
        let text = try Self.message.encoded().withUnsafeBytes { bytes in try Message.presentation(of: bytes) }
        let lines = text.split(separator: "\n").map { String($0).replacing("\t", with: " ") }
        for line in [
            ";; ->>HEADER<<- opcode: QUERY, rcode: NOERROR, id: 4711",
            ";; flags: qr aa rd ra ; QUERY: 1, ANSWER: 1, AUTHORITY: 1, ADDITIONAL: 1 ", ";; web.svc. IN SRV",
            "web.svc. 30 IN SRV 0 100 80 a.web.svc.", "svc. 5 IN NS ns.svc.", "a.web.svc. 30 IN AAAA fd00::1",
        ] {
            #expect(lines.contains(line), "\(text)")
        }
    }

    @Test("reads a message with its OPT record, as our reader does")
    func decodes() throws {
        let bytes = Self.message.encoded()
        #expect(try bytes.withUnsafeBytes { bytes in try Message(ldnsDecoding: bytes) } == Self.message)
    }

    @Test("refuses a message cut at any byte")
    func truncated() {
        let bytes = Self.message.encoded()
        for length in 0..<bytes.count {
            bytes[..<length].withUnsafeBytes { bytes in
                #expect(throws: LdnsError.self) { try Message(ldnsDecoding: bytes) }
                #expect(throws: LdnsError.self) { try Message.presentation(of: bytes) }
                #expect(throws: LdnsError.self) { try Message.rewritten(bytes) }
            }
        }
    }

    @Test("says what is wrong in libldns's words")
    func words() {
        let error = [UInt8](repeating: 0, count: 5).withUnsafeBytes { bytes in
            #expect(throws: LdnsError.self) { try Message(ldnsDecoding: bytes) }
        }
        #expect(error?.description == "Packet size overflow")
    }
}
