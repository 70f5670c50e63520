import DNSMessage
import Testing

@Suite struct CodeTests {
    @Test(
        "reads and writes record types",
        arguments: [
            ("A", 1), ("AAAA", 28), ("SRV", 33), ("HTTPS", 65), ("ANY", 255), ("CAA", 257), ("NSAP-PTR", 23),
            ("APL", 42), ("ZONEMD", 63), ("DLV", 32_769), ("TYPE0", 0), ("TYPE65280", 65_280), ("TYPE65535", 65_535),
        ])
    func types(_ text: String, _ code: UInt16) {
        #expect(RecordType(text)?.rawValue == code)
        #expect(RecordType(text.lowercased())?.rawValue == code)
        #expect(RecordType(rawValue: code).description == text)
        #expect(RecordType("TYPE\(code)")?.rawValue == code)
    }

    @Test(
        "refuses what is no record type",
        arguments: ["", "FOO", "TYPE", "TYPE65536", "TYPE-1", "TYPE+5", "TYPE 5", "TYPE1x", "5", "ſRV", "A "])
    func notTypes(_ text: String) {
        #expect(RecordType(text) == nil)
    }

    @Test(
        "reads and writes classes",
        arguments: [
            ("IN", 1), ("CH", 3), ("HS", 4), ("NONE", 254), ("ANY", 255), ("CLASS2", 2), ("CLASS65535", 65_535),
        ])
    func classes(_ text: String, _ code: UInt16) {
        #expect(RecordClass(text)?.rawValue == code)
        #expect(RecordClass(text.lowercased())?.rawValue == code)
        #expect(RecordClass(rawValue: code).description == text)
    }

    @Test("refuses what is no class", arguments: ["", "INTERNET", "CLASS", "CLASS65536", "CLASS+1", "ıN"])
    func notClasses(_ text: String) {
        #expect(RecordClass(text) == nil)
    }

    @Test(
        "reads and writes response codes",
        arguments: [
            ("NOERROR", 0), ("FORMERR", 1), ("SERVFAIL", 2), ("NXDOMAIN", 3), ("NOTIMP", 4), ("REFUSED", 5),
            ("BADVERS", 16), ("BADALG", 21), ("BADCOOKIE", 23), ("RCODE15", 15), ("RCODE4095", 4_095),
        ])
    func responseCodes(_ text: String, _ code: UInt16) {
        #expect(ResponseCode(text)?.rawValue == code)
        #expect(ResponseCode(text.lowercased())?.rawValue == code)
        #expect(ResponseCode(rawValue: code).description == text)
    }

    @Test("refuses what is no response code", arguments: ["", "OK", "RCODE4096", "RCODE", "RCODE-1", "NOERROR "])
    func notResponseCodes(_ text: String) {
        #expect(ResponseCode(text) == nil)
    }

    @Test("opcodes keep to four bits")
    func opcodes() {
        #expect(Opcode(rawValue: 0x14) == .notify)
        #expect(
            (0..<7).map { Opcode(rawValue: $0).description } == [
                "QUERY", "IQUERY", "STATUS", "OPCODE3", "NOTIFY", "UPDATE", "OPCODE6",
            ])
    }

    @Test("header flags stand where RFC 1035 and RFC 4035 put them")
    func flags() {
        var flags = HeaderFlags(rawValue: 0xFFFF)
        #expect(flags.description == "qr,aa,tc,rd,ra,z,ad,cd")
        #expect(flags.opcode.rawValue == 15)
        #expect(flags.responseCode.rawValue == 15)
        flags.opcode = .update
        flags.responseCode = .badVers
        #expect(flags.rawValue == 0xAFF0)
        flags = HeaderFlags()
        #expect(flags.description.isEmpty)
        let setters: [(WritableKeyPath<HeaderFlags, Bool>, UInt16)] = [
            (\.isResponse, 0x8000), (\.isAuthoritative, 0x400), (\.isTruncated, 0x200), (\.recursionDesired, 0x100),
            (\.recursionAvailable, 0x80), (\.authenticData, 0x20), (\.checkingDisabled, 0x10),
        ]
        for (path, bit) in setters {
            flags[keyPath: path] = true
            #expect(flags.rawValue == bit)
            flags[keyPath: path] = false
            #expect(flags.rawValue == 0)
        }
    }
}
