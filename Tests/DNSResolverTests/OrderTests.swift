import DNSMessage
@testable import DNSResolver
import Testing

@Suite("The order of addresses (RFC 6724)")
struct OrderTests {
    @Test(
        "is that of the examples in section 10.2, and of the rules",
        arguments: [
            ("2001:db8:1::1<2001:db8:1::2 198.51.100.121<169.254.13.78", "2001:db8:1::1 198.51.100.121"),
            ("2001:db8:1::1<fe80::1 198.51.100.121<198.51.100.117", "198.51.100.121 2001:db8:1::1"),
            ("2001:db8:1::1<2001:db8:1::2 10.1.2.3<10.1.2.4", "2001:db8:1::1 10.1.2.3"),
            ("2001:db8:1::1<2001:db8:1::2 fe80::1<fe80::2", "fe80::1 2001:db8:1::1"),
            ("2002:c633:6401::1<2002:c633:6401::2 2001:db8:1::1<2002:c633:6401::2", "2002:c633:6401::1 2001:db8:1::1"),
            ("2002:c633:6401::1<2002:c633:6401::2 2001:db8:1::1<2001:db8:1::2", "2001:db8:1::1 2002:c633:6401::1"),
            // Rule 1: what cannot be reached comes last.
            ("2001:db8::1< 192.0.2.1<192.0.2.9", "192.0.2.1 2001:db8::1"),
            // Rule 9, and its bound at the length of usual prefixes.
            ("2001:db8:2::1<2001:db8:1::2 2001:db8:1:5::1<2001:db8:1::2", "2001:db8:1:5::1 2001:db8:2::1"),
            ("2001:db8::9<2001:db8::8 2001:db8::a<2001:db8::8", "2001:db8::9 2001:db8::a"),
            // The order of the server stays among IPv4 addresses.
            ("192.0.2.77<192.0.2.9 192.0.2.8<192.0.2.9", "192.0.2.77 192.0.2.8"),
            ("fd00::1<fd00::2 192.0.2.1<192.0.2.9", "192.0.2.1 fd00::1"),
            ("::1<::1 127.0.0.1<127.0.0.1", "::1 127.0.0.1"),
        ])
    func rules(pairs: String, expected: String) {
        let parts = pairs.split(separator: " ").map { $0.split(separator: "<", omittingEmptySubsequences: false) }
        let sorted = AddressOrder.sorted(
            parts.compactMap { IPAddress($0[0]) }, sources: parts.map { IPAddress($0[1]) })
        #expect(sorted.map(\.description).joined(separator: " ") == expected)
    }

    @Test("asks the kernel where it would send from; nothing is lost")
    func asksKernel() {
        let addresses = ["203.0.113.1", "127.0.0.1", "::1", "2001:db8::1"].compactMap { IPAddress($0) }
        let sorted = AddressOrder.sorted(addresses)
        #expect(Set(sorted) == Set(addresses))
        #expect(AddressOrder.sorted([]).isEmpty)
        let many = (0..<1_000).map { IPAddress(v4: 0x7F00_0001 + UInt32($0)) }
        #expect(AddressOrder.sorted(many) == many)
    }

    @Test(
        "takes the row with the longest prefix",
        arguments: [
            ("::1", 50, 0), ("2001:db8::1", 40, 1), ("192.0.2.1", 35, 4), ("2002::1", 30, 2), ("2001::1", 5, 5),
            ("fd12::1", 3, 13), ("::7", 1, 3), ("fec0::1", 1, 11), ("3ffe::1", 1, 12),
        ])
    func policy(address: String, precedence: Int, label: Int) throws {
        let policy = AddressPolicy.of(try #require(IPAddress(address)))
        #expect(policy.precedence == precedence)
        #expect(policy.label == label)
    }
}
