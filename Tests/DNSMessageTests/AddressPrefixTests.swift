import DNSMessage
import Testing

@Suite("address prefixes")
struct AddressPrefixTests {
    @Test(
        "contain the addresses that begin with their bits",
        arguments: [
            ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
            ("192.0.2.129/25", "192.0.2.128", true), ("192.0.2.129/25", "192.0.2.127", false),
            ("192.0.2.1/32", "192.0.2.1", true), ("192.0.2.1/32", "192.0.2.0", false),
            ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::", false),
            ("fd00::/8", "fdff::1", true), ("fd00::/8", "fc00::1", false),
            ("2001:db8::/64", "2001:db8::ffff:0:0:1", true), ("2001:db8::/64", "2001:db8:0:1::", false),
            ("2001:db8::/65", "2001:db8::7fff:0:0:1", true), ("2001:db8::/65", "2001:db8::8000:0:0:1", false),
            ("::1/128", "::1", true), ("::1/128", "::2", false), ("::/0", "ffff::", true),
        ])
    func contains(prefix: String, address: String, isInside: Bool) throws {
        let prefix = try #require(AddressPrefix(prefix))
        #expect(prefix.contains(try #require(IPAddress(address))) == isInside)
    }

    @Test(
        "are an address, a slash and a number of bits",
        arguments: [
            "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0/8", "::/129", "/8", "",
            "10.0.0.0/8/8", "fe80::1%lo/64", "10.0.0.0/0008",
        ])
    func refuses(text: String) {
        #expect(AddressPrefix(text) == nil)
    }

    @Test("show their bits only", arguments: [("10.1.2.3/9", "10.0.0.0/9"), ("2001:db8::1/32", "2001:db8::/32")])
    func describes(text: String, shown: String) {
        #expect(AddressPrefix(text)?.description == shown)
    }
}
