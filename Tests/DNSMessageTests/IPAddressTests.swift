import DNSMessage
import Glibc
import TestSupport
import Testing

@Suite struct IPAddressTests {
    @Test(
        "reads an address and writes its canonical text (RFC 5952)",
        arguments: [
            ("0.0.0.0", "0.0.0.0"), ("255.255.255.255", "255.255.255.255"), ("10.96.0.10", "10.96.0.10"),
            ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"), ("2001:DB8::1", "2001:db8::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("0:0:1:0:0:0:0:0", "0:0:1::"), ("fe80::0001:000a", "fe80::1:a"),
            ("::ffff:1.2.3.4", "::ffff:1.2.3.4"), ("::ffff:102:304", "::ffff:1.2.3.4"), ("::1.2.3.4", "::102:304"),
            ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
            ("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ])
    func canonical(_ text: String, _ expected: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.description == expected)
        #expect(IPAddress(expected) == address)
        #expect(address.family == (text.contains(":") ? .v6 : .v4))
    }

    @Test(
        "refuses what is no address",
        arguments: [
            "", ".", ":", ":::", "::::", "1.2.3", "1.2.3.4.", ".1.2.3.4", "1..2.3", "1.2.3.4.5", "256.1.1.1",
            "01.2.3.4",
            "1.2.3.00", "1.2.3.-4", "1.2.3.+4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4/32", "0x1.2.3.4", "1.2.3.a",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1::2::3", "12345::", "::12345", "g::", ":1",
            "1:",
            "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "::1%eth0", "::1/128", "[::1]", "::1.2.3", "::1.2.3.4.5", "::01.2.3.4",
            "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6:7:8:1.2.3.4", "::256.1.1.1", "1:::2",
            "99999999999999999999.1.1.1", "１.2.3.4",
        ])
    func refused(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test("agrees with inet_pton and inet_ntop on random addresses and on texts with one byte changed")
    func agreesWithLibc() {
        var random = SeededRandom(1)
        let alphabet = Array("0123456789abcdefABCDEF:.:.%g".utf8)
        var changedOnes = 0
        for round in 0..<20_000 {
            // Zero groups often, or the canonical text would hardly ever have a gap.
            let groups = (0..<8).map { _ in
                Bool.random(using: &random) ? 0 : UInt64.random(in: 0...0xFFFF, using: &random)
            }
            let (high, low) = (groups[0..<4].reduce(0) { $0 << 16 | $1 }, groups[4..<8].reduce(0) { $0 << 16 | $1 })
            let address =
                round % 4 == 0 ? IPAddress(v4: UInt32(truncatingIfNeeded: low)) : IPAddress(high: high, low: low)
            #expect(libc(address.description) == address)
            var text = Array(address.description.utf8)
            text[Int.random(in: 0..<text.count, using: &random)] = alphabet.randomElement(using: &random) ?? 0
            let changed = String(decoding: text, as: UTF8.self)
            #expect(IPAddress(changed) == libc(changed), "\(changed)")
            if IPAddress(changed) != nil { changedOnes += 1 }
        }
        #expect(changedOnes > 1_000)
    }

    @Test("knows IPv4 addresses that come as IPv6")
    func mapped() {
        let mapped = IPAddress(high: 0, low: 0xFFFF_0A60_000A)
        #expect(mapped.isMapped)
        #expect(mapped.unmapped == IPAddress("10.96.0.10"))
        #expect(mapped != mapped.unmapped)
        for text in ["::1", "::fffe:a60:a", "1::ffff:a60:a", "10.96.0.10"] {
            let other = IPAddress(text)
            #expect(other?.isMapped == false)
            #expect(other?.unmapped == other)
        }
    }

    @Test("stores and reads network order")
    func stores() {
        var memory = [UInt8](repeating: 0xEE, count: 17)
        let v6 = IPAddress(high: 0x0102_0304_0506_0708, low: 0x090A_0B0C_0D0E_0F10)
        memory.withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            // One byte in, as messages have it: nothing is aligned.
            #expect(v6.store(to: base + 1) == 16)
            #expect(IPAddress(v6At: base + 1) == v6)
        }
        #expect(memory == [0xEE] + (1...16))
        let length = memory.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { IPAddress(v4: 0x7F00_0001).store(to: $0 + 1) }
        }
        #expect(length == 4)
        #expect(Array(memory[1..<6]) == [127, 0, 0, 1, 5])
    }

    private func libc(_ text: String) -> IPAddress? {
        var memory = [UInt8](repeating: 0, count: 16)
        if text.contains(":") {
            guard inet_pton(AF_INET6, text, &memory) == 1 else { return nil }
            return memory.withUnsafeBytes { $0.baseAddress.map { IPAddress(v6At: $0) } }
        }
        guard inet_pton(AF_INET, text, &memory) == 1 else { return nil }
        return IPAddress(v4: memory[..<4].reduce(0) { $0 << 8 | UInt32($1) })
    }
}
