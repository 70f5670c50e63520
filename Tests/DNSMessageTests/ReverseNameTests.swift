import DNSMessage
import Testing

@Suite("Reverse names")
struct ReverseNameTests {
    @Test(
        "spell an address, and are read back",
        arguments: [
            ("10.96.0.1", "1.0.96.10.in-addr.arpa."), ("255.0.200.9", "9.200.0.255.in-addr.arpa."),
            (
                "2001:db8::567:89ab",
                "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa."
            ),
        ])
    func spelled(address: String, expected: String) throws {
        let address = try #require(IPAddress(address))
        let name = ReverseName.name(of: address)
        #expect(name.description == expected)
        var scratch = NameScratch()
        #expect(ReverseName.address(of: scratch.read(name)) == address)
    }
}
