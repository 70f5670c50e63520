import DNSMessage
import TestSupport
import Testing

@testable import Tools

/// The OPT record, as `dig` shows it.
@Suite struct EDNSTextTests {
    private static let cookie: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]

    private static let options: [(bytes: String, line: String)] = [
        ("0003 0004 686f7374", "; NSID: 68 6f 73 74 (\"host\")"),
        ("0003 0002 1b5b", "; NSID: 1b 5b (\".[\")"),
        ("000a 0008 0102030405060708", "; COOKIE: 0102030405060708 (echoed)"),
        ("000a 0010 0102030405060708 1112131415161718", "; COOKIE: 01020304050607081112131415161718 (good)"),
        ("000a 0010 ff02030405060708 1112131415161718", "; COOKIE: ff020304050607081112131415161718 (bad)"),
        ("000f 0002 0012", "; EDE: 18 (Prohibited)"),
        ("000f 0005 0016 6f6e65", "; EDE: 22 (No Reachable Authority): (one)"),
        ("000f 0007 0000 611b5b3262", "; EDE: 0 (Other): (a\u{FFFD}[2b)"),
        ("000f 0001 00", "; OPT=15: 00 (\".\")"),
        ("000f 0002 0400", "; EDE: 1024 (Unknown)"),
        ("000b 0002 0064", "; TCP-KEEPALIVE: 10.0 secs"),
        ("000c 0003 000000", "; PAD: (3 bytes)"),
        ("0008 0007 0001 18 00 c00002", "; CLIENT-SUBNET: 192.0.2.0/24/0"),
        ("0008 0008 0002 20 00 20010db8", "; CLIENT-SUBNET: 2001:db8::/32/0"),
        ("0008 0009 0001 18 00 c000020101", "; OPT=8: 00 01 18 00 c0 00 02 01 01 (\".........\")"),
        ("fde9 0002 6162", "; OPT=65001: 61 62 (\"ab\")"),
        ("0009 0000", "; EXPIRE"),
        ("0003 0009 00", "; the options end in the middle of one"),
    ]

    @Test("has a line for each option", arguments: options)
    func option(bytes: String, line: String) throws {
        let data = HexBytes(bytes).bytes
        let edns = try #require(Self.edns(data, ttl: 0))
        #expect(edns.lines(cookie: Self.cookie) == ["; EDNS: version: 0, flags:; udp: 1232", line])
    }

    @Test("begins with version, flags and size")
    func head() throws {
        let edns = try #require(Self.edns([], ttl: 0x0001_8001))
        #expect(edns.lines(cookie: []) == ["; EDNS: version: 1, flags: do; MBZ: 0x0001, udp: 1232"])
    }

    private static func edns(_ data: [UInt8], ttl: UInt32) -> ReceivedEDNS? {
        var message = Message(id: 1)
        message.additional = [Record(.root, ttl: ttl, class: RecordClass(rawValue: 1232), .other(.opt, data))]
        return ReceivedEDNS(message)
    }
}
