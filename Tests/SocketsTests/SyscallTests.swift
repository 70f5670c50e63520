import CLinux
import DNSMessage
import Glibc
import Sockets
import TestSupport
import Testing

@Suite("A system call")
struct SyscallTests {
    /// What a call that fails with these codes, one after the other, and then succeeds comes to.
    private func outcome(_ codes: [Int32]) -> String {
        var left = codes
        let transfer = Syscall.transfer {
            guard !left.isEmpty else { return 7 }
            errno = left.removeFirst()
            return -1
        }
        return switch transfer {
        case .done(let count): "\(count), \(left.count) left"
        case .wouldBlock: "would block, \(left.count) left"
        case .failed(let error): "\(error), \(left.count) left"
        }
    }

    @Test(
        "is made again after a signal, and only then",
        arguments: [
            ([], "7, 0 left"),
            ([EINTR, EINTR], "7, 0 left"),
            ([EAGAIN, EINTR], "would block, 1 left"),
            ([EINTR, ECONNREFUSED, EINTR], "Connection refused, 1 left"),
            ([Int32](repeating: EINTR, count: 150), "Interrupted system call, 50 left"),
        ])
    func retries(codes: [Int32], expected: String) {
        #expect(outcome(codes) == expected)
    }

    @Test("that would wait is an error where nobody can wait")
    func wouldBlock() {
        #expect(throws: SystemError(code: EAGAIN)) {
            try Syscall.check {
                errno = EAGAIN
                return -1
            }
        }
    }

    @Test("tells both ends of a connection, over IPv4 and IPv6", arguments: ["127.0.0.1", "::1"])
    func connection(host: String) throws {
        let ip = try #require(IPAddress(host))
        let listener = try Syscall.open(SOCK_STREAM, ip.family)
        defer { Syscall.close(listener) }
        try Syscall.bind(listener, to: SocketAddress(ip, port: 0))
        try Syscall.check { listen(listener, 1) }
        let server = try #require(Syscall.localAddress(listener))
        #expect(server.address == ip && server.port > 0)
        guard case (.wouldBlock, _) = Syscall.accept(listener) else {
            Issue.record("nobody has connected yet")
            return
        }
        let client = try Syscall.open(SOCK_STREAM, ip.family, waits: true)
        defer { Syscall.close(client) }
        try Syscall.connect(client, to: KernelAddress(server))
        guard case (.done(let accepted), let peer) = Syscall.accept(listener) else {
            Issue.record("the connection does not come")
            return
        }
        defer { Syscall.close(Int32(accepted)) }
        #expect(peer == Syscall.localAddress(client))
        #expect(Syscall.localAddress(Int32(accepted)) == server)
    }

    @Test("draws another port for a datagram socket that was taken off its peer")
    func anotherPort() throws {
        let descriptor = try Syscall.open(SOCK_DGRAM, .v4)
        defer { Syscall.close(descriptor) }
        let ports = try (0..<8).map { _ in
            try Syscall.connect(descriptor, to: KernelAddress(.loopback(53)))
            defer { #expect(Syscall.disconnect(descriptor)) }
            return try #require(Syscall.localAddress(descriptor)).port
        }
        #expect(Set(ports).count > 1)
        #expect(Syscall.localAddress(descriptor)?.port == 0)
    }
}

@Suite("The system's look-up")
struct SystemLookupTests {
    @Test(
        "takes addresses as they are",
        arguments: [
            ("192.0.2.1", ["192.0.2.1:0"]), ("2001:db8::1", ["[2001:db8::1]:0"]), ("::ffff:192.0.2.1", ["192.0.2.1:0"]),
        ])
    func literals(host: String, expected: [String]) {
        #expect(SystemLookup.addresses(of: host).map(\.description) == expected)
    }

    @Test("finds nothing where there is nothing", arguments: ["", "a b", "name.invalid"])
    func nothing(host: String) {
        #expect(SystemLookup.addresses(of: host).isEmpty)
    }
}
