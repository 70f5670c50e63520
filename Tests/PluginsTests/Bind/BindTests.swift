import Corefile
import DNSMessage
import PluginKit
import Testing

@Suite("bind")
struct BindTests {
    @Test(
        "takes addresses and interface names, and leaves out the exceptions",
        arguments: [
            ("bind 127.0.0.1 127.0.0.8", ["127.0.0.1", "127.0.0.8"]),
            ("bind ::1", ["::1"]),
            ("bind lo", ["127.0.0.1", "::1"]),
            ("bind lo 127.0.0.1 127.0.0.1", ["127.0.0.1", "::1"]),
            ("bind lo\nbind 10.244.0.2", ["127.0.0.1", "::1", "10.244.0.2"]),
            ("bind lo {\nexcept ::1\n}", ["127.0.0.1"]),
            ("bind lo eth0 {\nexcept lo\nexcept fe80::1 fd00:244::2\n}", ["10.244.0.2"]),
            ("bind lo {\nexcept ::1\n}\nbind ::1", ["127.0.0.1", "::1"]),
            ("bind ::ffff:127.0.0.1", ["127.0.0.1"]),
            ("bind eth1", ["fe80::1%3"]),
            ("bind fe80::1", ["fe80::1%2"]),
            ("bind fe80::1%eth1", ["fe80::1%3"]),
            ("whoami", []),
        ])
    func listens(lines: String, addresses: [String]) throws {
        let bound = try TestBlock(lines).options.addresses
        #expect(bound.map { $0.scope == 0 ? "\($0.address)" : "\($0.address)%\($0.scope)" } == addresses)
    }

    @Test(
        "reports what is no address and no interface",
        arguments: [
            ("bind nosuchif0", ["2:6 error: not a valid IP address or interface name: \"nosuchif0\""]),
            (
                "bind lo 1.2.3 {\nexcept eth9\nbut ::1\nexcept\n}",
                [
                    "2:9 error: not a valid IP address or interface name: \"1.2.3\"",
                    "3:8 error: not a valid IP address or interface name: \"eth9\"",
                    "4:1 error: unknown property 'but'",
                    "5:1 error: Wrong argument count or unexpected line ending after 'except'",
                ]
            ),
            ("bind", ["2:1 error: Wrong argument count or unexpected line ending after 'bind'"]),
            ("bind lo {\nexcept lo\n}", ["2:1 error: 'except' leaves no address of this line to listen on"]),
            ("bind fe80::2", ["2:6 error: no interface has the link-local address 'fe80::2'"]),
            ("bind fe80::1%lo", ["2:6 error: no interface has the link-local address 'fe80::1%lo'"]),
            ("bind ::1%lo", ["2:6 error: only a link-local IPv6 address names an interface: '::1%lo'"]),
        ])
    func reportsMistakes(lines: String, mistakes: [String]) {
        #expect(TestBlock.mistakes(lines) == mistakes)
    }

    @Test("suggests the interface that was meant")
    func suggests() {
        let text = load(". {\n    bind eth2\n}\n").diagnostics.rendered()
        #expect(text.contains("did you mean 'eth0'?"))
    }
}
