import DNSMessage
import Ldns
import Testing

@Suite struct ZoneFileTests {
    private static let origin: Name = "example.org"

    private static func records(_ text: String, ttl: UInt32? = nil) throws -> [Record] {
        try ZoneFile.records(in: Array(text.utf8), origin: origin, ttl: ttl)
    }

    private static func presented(_ text: String, ttl: UInt32? = nil) throws -> [String] {
        try records(text, ttl: ttl).map { $0.presentation.replacing("\t", with: " ") }
    }

    @Test("reads a zone with everything that RFC 1035 §5 allows to leave out")
    func wholeZone() throws {
        let text = """
            ; the comment above
            $TTL 1h
            @   IN  SOA ns1 hostmaster (
                        2024010101 ; serial
                        1d 2h      ; refresh and retry
                        4w
                        300 )
                    NS  ns1
                    NS  ns2.example.net.
            ns1     A   192.0.2.1
                30  IN  AAAA 2001:db8::1

            www 5 CNAME @
            $ORIGIN sub
            a IN 7 A 192.0.2.2
            @       TXT "one; (not a comment)" two "thr\\"ee" ""
            $ORIGIN elsewhere.
            $ttl 60
            *       MX  10 mail
            _x._tcp SRV 0 5 5060 sip.example.org.
            """
        #expect(
            try Self.presented(text) == [
                "example.org. 3600 IN SOA ns1.example.org. hostmaster.example.org. 2024010101 86400 7200 2419200 300",
                "example.org. 3600 IN NS ns1.example.org.", "example.org. 3600 IN NS ns2.example.net.",
                "ns1.example.org. 3600 IN A 192.0.2.1", "ns1.example.org. 30 IN AAAA 2001:db8::1",
                "www.example.org. 5 IN CNAME example.org.", "a.sub.example.org. 7 IN A 192.0.2.2",
                "sub.example.org. 3600 IN TXT \"one; (not a comment)\" \"two\" \"thr\\\"ee\" \"\"",
                "*.elsewhere. 60 IN MX 10 mail.elsewhere.", "_x._tcp.elsewhere. 60 IN SRV 0 5 5060 sip.example.org.",
            ])
    }

    @Test(
        "reads the data of every type and writes it back",
        arguments: [
            "A 192.0.2.1", "AAAA 2001:db8::1", "NS a.", "CNAME .", "PTR a\\.b.c.", "DNAME x.", "MX 65535 m.",
            "SRV 0 65535 1 t.", "TXT \"a\" \"b c\"", "TXT \"\\000\\255\\\\\"", "HINFO \"cpu\" \"o s\"",
            "SOA a. b. 4294967295 0 0 0 4294967295", "CAA 255 issue \"ca.example; x=1\"",
            "NAPTR 1 2 \"u\" \"E2U+sip\" \"!^.*$!sip:a@b.c!\" .", "RP a. b.", "AFSDB 1 a.", "RT 1 a.", "PX 1 a. b.",
            "KX 1 a.",
            "MINFO a. b.", "LOC 52 22 23.000 N 04 53 32.000 E -2m 0.00m 10000m 10m",
            "DS 60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118", "TLSA 3 1 1 d2abde24", "SSHFP 1 1 ab",
            "NSEC a. A MX RRSIG TYPE1234", "NSEC3PARAM 1 0 12 -", "DNSKEY 257 3 8 AwEAAag=", "CERT PKIX 0 0 aaaa",
            "RRSIG A 5 3 86400 20030322173103 20030220173103 2642 example.com. aaaa", "URI 10 1 \"ftp://a.example/\"",
            "HTTPS 1 . alpn=h2,h3 ipv4hint=1.2.3.4", "SVCB 0 a.", "APL 1:192.168.32.0/21", "ZONEMD 1 1 1 abcd",
            "EUI48 00-00-5e-00-53-2a", "OPENPGPKEY aaaa", "CSYNC 66 3 A NS AAAA", "TYPE65280 \\# 3 abcdef",
            "TYPE999 \\# 0", "SPF \"v=spf1\"", "NID 10 0014:4fff:ff20:ee64", "L32 10 10.1.2.0",
        ])
    func everyType(_ text: String) throws {
        let record = try Record(presentation: "x. 1 IN \(text)")
        #expect(record.presentation.replacing("\t", with: " ") == "x. 1 IN \(text)")
        #expect(try Record(presentation: record.presentation) == record)
        // As a type without a name of its own, too (RFC 3597 §5).
        let type = try #require(text.split(separator: " ").first)
        let number = try #require(RecordType(String(type))?.rawValue)
        #expect(try Record(presentation: "x. 1 IN TYPE\(number)\(text.dropFirst(type.count))") == record)
    }

    @Test(
        "reads the form for unknown types also where the type is known",
        arguments: [
            ("A \\# 4 0A000001", "A 10.0.0.1"), ("TYPE1 \\# 4 0a 00 00 01", "A 10.0.0.1"),
            ("MX \\# 6 000A 016D 00 00", nil), ("MX \\# 5 000A 016D 00", "MX 10 m."),
            ("TYPE65280 \\# 2 ABcd", "TYPE65280 \\# 2 abcd"),
            ("A \\# 3 0A0000", nil), ("A \\# 4 0A00", nil), ("A \\# 4 0A00000102", nil), ("TYPE65280 \\# 1 zz", nil),
            ("TYPE65280 \\# 1 a", nil), ("TYPE65280 \\# x ab", nil), ("TYPE65280 \\# 65536 ab", nil),
            ("TYPE65280 \\#", nil),
            ("TYPE65280 \\# -1", nil), ("TYPE65280 abcd", nil), ("TXT \\# 2 0561", nil),
        ])
    func unknownForm(_ text: String, _ expected: String?) {
        let record = try? Record(presentation: "x. 1 IN \(text)")
        #expect(record?.presentation.replacing("\t", with: " ") == expected.map { "x. 1 IN \($0)" })
    }

    @Test("takes TTL and class in either order, from the line, $TTL, the record above, the caller or the SOA")
    func ttlsAndClasses() throws {
        #expect(
            try Self.presented("a 1 IN A 10.0.0.1\na IN 2 A 10.0.0.1\na CH A 10.0.0.1\na 3 A 10.0.0.1\na A 10.0.0.1")
                == [
                    "a.example.org. 1 IN A 10.0.0.1", "a.example.org. 2 IN A 10.0.0.1",
                    "a.example.org. 2 CH A 10.0.0.1",
                    "a.example.org. 3 CH A 10.0.0.1", "a.example.org. 3 CH A 10.0.0.1",
                ])
        #expect(try Self.records("a A 10.0.0.1", ttl: 9)[0].ttl == 9)
        #expect(try Self.records("$TTL 0\na A 10.0.0.1", ttl: 9)[0].ttl == 0)
        #expect(try Self.records("a 5 A 10.0.0.1\n$TTL 8\nb A 10.0.0.1").map(\.ttl) == [5, 8])
        #expect(try Self.records("@ SOA a b 1 2 3 4 77\nb A 10.0.0.1").map(\.ttl) == [77, 77])
        #expect(try Self.records("a CLASS77 1 TXT x")[0].class.rawValue == 77)
        #expect(try Self.records("in 1 in a 10.0.0.1")[0].name == "in.example.org")
    }

    @Test(
        "reads TTLs in seconds and in units",
        arguments: [
            ("0", 0), ("30", 30), ("1h30m", 5_400), ("1W2D3H4M5S", 788_645), ("2147483647", 2_147_483_647),
            ("2147483648", nil),
            ("99999999999999999999999", nil), ("9999999999999w", nil), ("1x", nil), ("1hh", nil), ("1-", nil),
        ])
    func ttls(_ text: String, _ seconds: UInt32?) {
        #expect((try? Self.records("a \(text) IN A 10.0.0.1"))?.first?.ttl == seconds)
        #expect((try? Self.records("$TTL \(text)\na A 10.0.0.1"))?.first?.ttl == seconds)
    }

    @Test("carries what is not UTF-8 unharmed")
    func rawBytes() throws {
        let text: [UInt8] = [0x61, 0xFF] + Array(" 1 TXT \"".utf8) + [0xC3, 0x28, 0xFF] + Array("\"".utf8)
        let record = try ZoneFile.records(in: text, origin: .root)[0]
        #expect(record.name.wire == [2, 0x61, 0xFF, 0])
        #expect(record.data == .txt([[0xC3, 0x28, 0xFF]]))
    }

    @Test("takes line ends of other systems, a last line without one, and no line at all")
    func lineEnds() throws {
        #expect(try Self.presented("a 1 A 10.0.0.1\r\n  AAAA ::1\r\n").count == 2)
        #expect(try Self.presented("").isEmpty)
        #expect(try Self.presented("\n \n; only words\n\t;\n()\n").isEmpty)
    }

    @Test(
        "tells the line and the reason",
        arguments: [
            ("a 1 A 10.0.0.256", 1, "the data of A cannot be read: Syntax error, could not parse the RR's rdata"),
            ("a 1 A", 1, "the data of A cannot be read: Syntax error, value expected"),
            ("a 1 A 1.2.3.4 5.6.7.8", 1, "the data of A cannot be read: Syntax error, superfluous text present"),
            ("\n\na 1 MX (\n70000\nmail )", 3, "70000 is out of range, 0 to 65535"),
            ("a 1 SRV 0 0 -1 b", 1, "-1 is out of range, 0 to 65535"),
            ("a 1 CAA 256 issue \"x\"", 1, "256 is out of range, 0 to 255"),
            ("@ 1 SOA a b 4294967296 1 1 1 1", 1, "4294967296 is out of range, 0 to 4294967295"),
            ("a 1 IN FOO x", 1, "'FOO' is no record type"), ("a 1 TYPE0 \\# 0", 1, "'TYPE0' is no record type"),
            ("a 1 ANY x", 1, "'x' is no record type"),
            ("a 1 IN AXFR x", 1, "AXFR records do not belong in a zone"),
            ("a 1 OPT \\# 0", 1, "OPT records do not belong in a zone"), ("a 1 IN", 1, "the record type is missing"),
            ("a", 1, "the record type is missing"),
            ("; x\n A 10.0.0.1", 2, "a line that starts with a blank repeats the owner above, but there is none"),
            ("a A 10.0.0.1", 1, "the record has no TTL, and neither $TTL nor a record above gives one"),
            ("a..b 1 A 10.0.0.1", 1, "'a..b' is no domain name: a label is empty"),
            ("\"a\" 1 A 10.0.0.1", 1, "\"a\" is quoted, which names are not"),
            ("$ORIGIN", 1, "$ORIGIN needs exactly one value"), ("$TTL 1 2", 1, "$TTL needs exactly one value"),
            ("$INCLUDE other", 1, "cannot include a file from here"),
            ("$INCLUDE", 1, "$INCLUDE needs a file and at most one origin"),
            ("$NOSUCH 1", 1, "the directive $NOSUCH is not supported; $ORIGIN, $TTL, $INCLUDE and $GENERATE are"),
            ("$TTL x", 1, "'x' is no TTL: seconds up to 2147483647, or units as in 1h30m"),
            ("a 1 TXT \"x\nb 1 A 10.0.0.1", 1, "a quoted string is not closed on its line"),
            ("a 1 A (\n10.0.0.1\n", 1, "an opening parenthesis is never closed"),
            ("a 1 A 10.0.0.1 )", 1, "a closing parenthesis without an opening one"),
            ("a 1 TXT x\\", 1, "a backslash must be followed by a character or three digits up to 255"),
            ("a 1 TXT \0", 1, "a zero byte does not belong in a zone file"),
            (
                "a 1 NSEC3 1 1 12 aabb 2vptu5timamqttgl=luu9kg21e0aor3s A", 1,
                "the data of NSEC3 cannot be read: Syntax error, could not parse the RR's rdata"
            ),
            (
                "a 1 TYPE65280 \\# 2 ab", 1,
                "the data of TYPE65280 is not '\\#', its length and as many bytes in hexadecimal"
            ),
        ])
    func mistakes(_ text: String, _ line: Int, _ reason: String) {
        let error = #expect(throws: ZoneFileError.self) { try Self.records(text) }
        #expect(error?.description == "line \(line): \(reason)")
    }

    @Test("a relative name that gets too long with the origin is refused, in owner and data")
    func tooLong() throws {
        let label = String(repeating: "x", count: 63)
        let long = [label, label, label, String(repeating: "x", count: 50)].joined(separator: ".")
        #expect(throws: ZoneFileError.self) { try Self.records("\(long) 1 A 10.0.0.1") }
        #expect(throws: ZoneFileError.self) { try Self.records("a 1 CNAME \(long)") }
        #expect(try Self.records("\(long). 1 CNAME \(long).").count == 1)
    }

    @Test("data longer than a record holds is refused in words")
    func longData() {
        let strings = Array(repeating: "\"\(String(repeating: "x", count: 255))\"", count: 300).joined(separator: " ")
        let error = #expect(throws: ZoneFileError.self) { try Self.records("a 1 TXT \(strings)") }
        #expect(error?.description == "line 1: the data of TXT is longer than a record can hold")
        let hexadecimal = String(repeating: "00", count: 65_535)
        let unknown = #expect(throws: ZoneFileError.self) { try Self.records("a 1 TYPE65280 \\# 65535 \(hexadecimal)") }
        #expect(unknown?.description == "line 1: the data of TYPE65280 is longer than a record can hold")
    }
}
