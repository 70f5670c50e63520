import CLinux
import DNSMessage
import Glibc
import Sockets
import TestSupport
import Testing

@Suite("An address, as the kernel takes it and gives it")
struct KernelAddressTests {
    @Test(
        "comes back as it was",
        arguments: [
            ("127.0.0.53", 53, 0), ("0.0.0.0", 0, 0), ("255.255.255.255", 65_535, 0), ("::", 53, 0), ("::1", 853, 0),
            ("2001:db8:1:2:3:4:5:6", 5_353, 0), ("fe80::1", 53, 7),
        ])
    func comesBack(text: String, port: UInt16, scope: UInt32) throws {
        let address = SocketAddress(try #require(IPAddress(text)), port: port, scope: scope)
        KernelAddress(address).pass { pointer, length in
            #expect(pointer.flatMap { KernelAddress.find(in: $0) } == address)
            #expect(length == (address.address.family == .v4 ? 16 : 28))
        }
        #expect(KernelAddress(address).family == address.address.family)
    }

    @Test("is IPv4 where the kernel mapped it into IPv6")
    func mapped() throws {
        let address = SocketAddress(try #require(IPAddress("::ffff:192.0.2.1")), port: 53)
        KernelAddress(address).pass { pointer, _ in
            #expect(pointer.map { "\(KernelAddress.read($0))" } == "192.0.2.1:53")
        }
    }

    @Test("is none where the socket is of another family")
    func otherFamily() {
        var unix = sockaddr()
        unix.sa_family = sa_family_t(AF_UNIX)
        #expect(KernelAddress.find(in: &unix) == nil)
    }
}
