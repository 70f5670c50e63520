import DNSMessage
import Ldns
import TestSupport
import Testing

@Suite struct RecordTests {
    @Test(
        "writes a record on one line",
        arguments: [
            (Record("Web.svc", ttl: 30, .a(IPAddress(v4: 0x0A00_0001))), "Web.svc.\t30\tIN\tA\t10.0.0.1"),
            (
                Record(.root, ttl: 0, class: .chaos, .txt([Array("a\"b".utf8), [0, 9, 255]])),
                ".\t0\tCH\tTXT\t\"a\\\"b\" \"\\000\\009\\255\""
            ),
            (
                Record("x", ttl: .max, .other(RecordType(rawValue: 65_280), [0xAB])),
                "x.\t4294967295\tIN\tTYPE65280\t\\# 1 ab"
            ),
            (Record("a b", ttl: 1, .ptr("q\"\\;.x")), "a\\ b.\t1\tIN\tPTR\tq\\\"\\;.x."),
            (Record("x", ttl: 1, .other(.nsec, [0, 0, 1, 0x40])), "x.\t1\tIN\tNSEC\t. A"),
            (Record("x", ttl: 1, .other(.dnskey, [1, 1, 3, 8, 1, 2, 3])), "x.\t1\tIN\tDNSKEY\t257 3 8 AQID"),
            (Record("x", ttl: 1, .other(.opt, [1])), "x.\t1\tIN\tOPT\t\\# 1 01"),
            (Record("x", ttl: 1, .other(.ns, [])), "x.\t1\tIN\tNS\t\\# 0"),
        ])
    func presentation(_ record: Record, _ text: String) {
        #expect(record.presentation == text)
    }

    @Test("data that does not fit its type is written in the form for unknown types")
    func misfit() {
        #expect(RecordData.other(.a, [1, 2, 3, 4, 5]).presentation == "\\# 5 0102030405")
        #expect(RecordData.other(.hinfo, [1, 0x61]).presentation == "\\# 2 0161")
    }

    @Test("reads one record and no more and no less")
    func oneRecord() throws {
        #expect(
            try Record(presentation: "a 1 IN (\n A\n 10.0.0.1 ) ; x\n\n")
                == Record("a", ttl: 1, .a(IPAddress(v4: 0x0A00_0001))))
        #expect(
            try Record(presentation: "a A 10.0.0.1", origin: "x", ttl: 5)
                == Record("a.x", ttl: 5, .a(IPAddress(v4: 0x0A00_0001))))
        let none = #expect(throws: ZoneFileError.self) { try Record(presentation: " ; nothing", ttl: 1) }
        #expect(none?.description == "line 1: there is no record")
        let two = #expect(throws: ZoneFileError.self) { try Record(presentation: "a A 10.0.0.1\na A 10.0.0.2", ttl: 1) }
        #expect(two?.description == "line 2: there is more than one record")
        #expect(throws: ZoneFileError.self) { try Record(presentation: "a A 10.0.0.1\n)", ttl: 1) }
    }

    @Test(
        "what random bytes or changed text make is a record or an error, and a record reads back",
        arguments: 1...200 as ClosedRange<UInt64>)
    func survives(_ seed: UInt64) throws {
        var random = SeededRandom(seed)
        let seeds = [
            "a 1 IN SOA a b 1 2 3 4 5", "a 1 IN TXT \"x\" y", "a 1 IN NAPTR 1 2 \"u\" \"s\" \"!a!b!\" .",
            "a 1 IN TYPE65280 \\# 2 abcd",
            "a 1 IN LOC 52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m",
            "a 1 IN HTTPS 1 . alpn=h2,h3 ipv4hint=1.2.3.4",
            "a 1 IN APL 1:192.168.32.0/21 !2:::/1", "a 1 IN NSEC3 1 1 12 aabb 2vptu5timamqttgl4luu9kg21e0aor3s A",
            "a 1 IN WKS 1.2.3.4 tcp 25",
            "a 1 IN HIP 2 200100107B1A74DF365639CC39F1D578 AwEAAbdx r.example.",
            "a 1 IN CAA 0 issue \"x\"",
            "a 1 IN RRSIG A 5 3 86400 20030322173103 20030220173103 2642 example.com. oJB1",
            "a 1 IN CERT PKIX 0 0 aaaa", "a 1 IN DS 1 5 1 abcd",
        ]
        let alphabet = Array("0123456789abcXYZ .\\\"#();@$-/:,=!\t\n".utf8)
        for _ in 0..<30 {
            var text = Array(seeds[Int.random(in: 0..<seeds.count, using: &random)].utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let position = Int.random(in: 5..<text.count, using: &random)
                if Bool.random(using: &random) {
                    text[position] = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                } else {
                    text.insert(alphabet[Int.random(in: 0..<alphabet.count, using: &random)], at: position)
                }
            }
            guard let records = try? ZoneFile.records(in: text, origin: "o", ttl: 1) else { continue }
            for record in records {
                let again = try? Record(presentation: record.presentation)
                #expect(again == record, "\(String(decoding: text, as: UTF8.self)), \(record.presentation)")
            }
        }
    }
}
