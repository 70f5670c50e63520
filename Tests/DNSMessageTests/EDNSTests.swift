import DNSMessage
import Testing

@Suite struct EDNSTests {
    /// Reads the OPT record with these options, if it is one.
    private static func read<Result>(
        _ options: [UInt8], ttl: [UInt8] = [0, 0, 0, 0], _ look: (RequestEDNS?) -> Result
    ) -> Result? {
        let record = [0, 0, 41, 0x10, 0] + ttl + [UInt8(options.count >> 8), UInt8(options.count & 255)] + options
        let message = bytes("0000 0000 0000 0000 0000 0001") + record
        return message.withUnsafeBytes { message in
            var reader = MessageReader(message)
            return reader?.readRecord().map { look(RequestEDNS($0)) }
        }
    }

    @Test("reads size, version, DO and the rest of the flags")
    func fixedPart() {
        Self.read([], ttl: [0x12, 0x01, 0x80, 0x01]) { edns in
            #expect(edns?.udpSize == 4_096)
            #expect(edns?.version == 1)
            #expect(edns?.dnssecOK == true)
            #expect(edns?.flags == 0x8001)
            #expect(edns?.options.isEmpty == true)
            #expect(edns?.option(.cookie) == nil)
        }
        Self.read([], ttl: [0, 0, 0x7F, 0xFF]) { #expect($0?.dnssecOK == false) }
    }

    @Test(
        "finds the first option of a code",
        arguments: [
            ("000a 0002 abcd", EDNSOptionCode.cookie, "abcd"), ("0003 0000 000a 0001 ab", .cookie, "ab"),
            ("000a 0001 01 000a 0001 02", .cookie, "01"), ("0003 0000", .nsid, ""),
            ("ffff 0001 07", .init(rawValue: 65_535), "07"),
        ])
    func options(_ options: String, _ code: EDNSOptionCode, _ data: String) {
        let found = Self.read(bytes(options)) { edns in edns?.option(code).map { Array($0) } }
        #expect(found == bytes(data))
    }

    @Test("an option that is not there is nil, and an empty one is not")
    func absent() {
        #expect(Self.read(bytes("000a 0000")) { $0?.option(.nsid) == nil } == true)
        #expect(Self.read(bytes("000a 0000")) { $0?.option(.cookie)?.isEmpty } == true)
    }

    @Test(
        "refuses options that run over the end",
        arguments: [
            "00", "000a", "000a 00", "000a 0001", "000a 0003 abcd", "0003 0000 0a", "000a ffff 00",
            "0003 0000 000a 0001",
        ])
    func malformed(_ options: String) {
        #expect(Self.read(bytes(options)) { $0 == nil } == true)
    }

    @Test("the response code of a message has the high bits of OPT")
    func extendedCode() throws {
        let edns = ReplyEDNS(udpSize: 512, dnssecOK: false, options: UnsafeRawBufferPointer(start: nil, count: 0))
        for code in [0, 1, 15, 16, 23, 0xFFF] as [UInt16] {
            let bytes = written(about: "x", edns: edns, code: ResponseCode(rawValue: code)) { _ in }
            #expect(try Message(bytes).responseCode.rawValue == code)
        }
    }
}
