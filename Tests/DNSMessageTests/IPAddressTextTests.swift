import DNSMessage
import Testing

@Suite("address text")
struct IPAddressTextTests {
    @Test(
        "is canonical (RFC 5952)",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("127.0.0.1", "127.0.0.1"), ("255.249.100.9", "255.249.100.9"),
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("fd00::", "fd00::"), ("2001:DB8::1", "2001:db8::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"),
            ("1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"), ("1:2:3:4:5:6::", "1:2:3:4:5:6::"),
            ("::2:3:4:5:6:7", "::2:3:4:5:6:7"),
            ("abcd:ef01:2345:6789:abcd:ef01:2345:6789", "abcd:ef01:2345:6789:abcd:ef01:2345:6789"),
            ("::ffff:10.0.0.1", "::ffff:10.0.0.1"), ("1000:100:10:1::", "1000:100:10:1::"),
        ])
    func canonical(written: String, printed: String) throws {
        let address = try #require(IPAddress(written))
        #expect(address.description == printed)
        #expect(IPAddress(printed) == address)
    }

    @Test("reads back whatever it writes")
    func roundTrip() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            // Many zero groups, so that gaps of every kind occur.
            let mask = UInt64.random(in: 0...(.max), using: &generator)
            let groups = (0..<8).map { (mask >> UInt64($0)) & 1 == 0 ? 0 : UInt64.random(in: 0...0xFFFF) }
            let halves = [groups[0..<4], groups[4..<8]].map { $0.reduce(0) { $0 << 16 | $1 } }
            let address = IPAddress(high: halves[0], low: halves[1])
            #expect(IPAddress(address.description) == address, "\(groups)")
        }
    }
}
