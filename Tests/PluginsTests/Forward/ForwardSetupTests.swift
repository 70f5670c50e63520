import DNSMessage
@testable import Plugins
import TestSupport
import Testing

/// What a `forward` line may say.
@Suite("forward's lines")
struct ForwardSetupTests {
    @Test(
        "mistakes are told with what is wrong",
        arguments: [
            ("forward .", "Wrong argument count or unexpected line ending after '.'"),
            ("forward . 127.0.0.1:0", "failed to resolve \"127.0.0.1:0\""),
            ("forward . /nowhere/resolv.conf", "failed to resolve \"/nowhere/resolv.conf\""),
            ("forward . quic://127.0.0.1", "'quic' is no transport of upstreams here"),
            ("forward . tls://example.org", "'tls://example.org' is no address over TLS"),
            ("forward . https://", "does not begin with https:// and a host"),
            ("forward . 127.0.0.1 {\n foo bar\n}", "unknown property 'foo'"),
            ("forward . 127.0.0.1 {\n policy fair\n}", "unknown policy 'fair'"),
            ("forward . 127.0.0.1 {\n max_fails -1\n}", "max_fails must be in range"),
            ("forward . 127.0.0.1 {\n max_concurrent many\n}", "max_concurrent must be a whole number: 'many'"),
            ("forward . 127.0.0.1 {\n expire 10\n}", "'10'"),
            ("forward . 127.0.0.1 {\n expire -1s\n}", "a time can't be negative"),
            ("forward . 127.0.0.1 {\n expire 10s\n max_age 5s\n}", "max_age must not be less than expire"),
            ("forward . 127.0.0.1 {\n failover NOERROR\n}", "NoError cannot be used in failover"),
            ("forward . 127.0.0.1 {\n next NOSUCH\n}", "NOSUCH is not a valid rcode"),
            ("forward . 127.0.0.1 {\n health_check 1s domain\n}", "health_check: invalid domain name"),
            ("forward . 127.0.0.1 {\n health_check 1s often\n}", "health_check: unknown option often"),
            ("forward . 127.0.0.1 {\n force_tcp yes\n}", "Wrong argument count"),
            ("forward . 127.0.0.1 {\n doh_method PUT\n}", "doh_method is GET or POST, not 'PUT'"),
            ("forward . 127.0.0.1 {\n tls /nowhere/ca.crt\n}", "cannot read '/nowhere/ca.crt': no such file"),
            ("forward . 127.0.0.1 {\n case_randomization no\n}", "case_randomization is on or off, not 'no'"),
            ("forward . 127.0.0.1 {\n source_address here\n}", "'here' is no address"),
            ("forward . 127.0.0.1 {\n resolver here\n}", "'here' is no address of a resolver"),
        ])
    func mistakes(_ lines: String, _ sentence: String) {
        let found = TestBlock.mistakes(lines)
        #expect(found.contains { $0.contains(sentence) }, "\(found)")
        #expect(found.count == 1, "\(found)")
    }

    @Test("at most 15 upstreams, equal ones counted once")
    func bounds() throws {
        let many = (1...16).map { "127.0.0.\($0)" }.joined(separator: " ")
        let mistakes = TestBlock.mistakes("forward . \(many)")
        #expect(mistakes == ["2:1 error: more than 15 TOs configured: 16"])
        let equal = (1...16).map { _ in "127.0.0.1" }.joined(separator: " ")
        #expect(TestBlock.mistakes("forward . \(equal) 127.0.0.1:53") == [])
    }

    @Test("every option of the manual is taken")
    func takesAll() {
        let options = """
            except a.example b.example
            force_tcp
            prefer_udp
            expire 20s
            max_age 1m
            max_idle_conns 10
            read_timeout 1s
            max_fails 3
            max_connect_attempts 4
            doh_method GET
            tls
            tls_servername dns.example
            policy round_robin
            health_check 1s no_rec domain example.org
            max_concurrent 1000
            next NXDOMAIN
            next_on_nodata
            failover SERVFAIL REFUSED NOTIMP
            failfast_all_unhealthy_upstreams
            source_address 127.0.0.1
            resolver 127.0.0.1 [::1]:5353
            case_randomization off
            """
        #expect(TestBlock.mistakes("forward . 127.0.0.1 tls://127.0.0.1 https://127.0.0.1 {\n\(options)\n}") == [])
        #expect(ForwardReader.names.allSatisfy { options.contains($0) })
    }

    @Test(
        "places of upstreams",
        arguments: [
            ("192.0.2.1", "192.0.2.1:53"), ("192.0.2.1:5353", "192.0.2.1:5353"), ("2001:db8::1", "[2001:db8::1]:53"),
            ("[2001:db8::1]:5353", "[2001:db8::1]:5353"), ("[2001:db8::1]", "[2001:db8::1]:53"),
            ("fe80::1%1", "[fe80::1]:53"), ("[fe80::1%lo]:5353", "[fe80::1]:5353"), ("dns://192.0.2.1", "192.0.2.1:53"),
        ])
    func plainPlaces(_ text: String, _ address: String) throws {
        guard case .address(let found) = try UpstreamPlace(text) else {
            Issue.record("\(text) is an address")
            return
        }
        #expect(found.description == address)
        #expect(found.scope == (text.contains("fe80") ? 1 : 0))
    }

    @Test(
        "places of upstreams over TLS",
        arguments: [
            ("tls://192.0.2.1", "192.0.2.1:853", nil), ("tls://192.0.2.1:8853", "192.0.2.1:8853", nil),
            ("tls://192.0.2.1%dns.example", "192.0.2.1:853", "dns.example"),
            ("tls://192.0.2.1%dns.example:8853", "192.0.2.1:8853", "dns.example"),
            ("tls://[2001:db8::1%dns.example]:8853", "[2001:db8::1]:8853", "dns.example"),
            ("tls://2001:db8::1", "[2001:db8::1]:853", nil),
        ] as [(String, String, String?)])
    func tlsPlaces(_ text: String, _ address: String, _ name: String?) throws {
        guard case .tls(let found, let serverName) = try UpstreamPlace(text) else {
            Issue.record("\(text) is an address over TLS")
            return
        }
        #expect(found.description == address)
        #expect(serverName == name)
    }

    @Test("a file of name servers: loopback addresses are passed over where there are others")
    func resolverFiles() throws {
        let mixed = ResolverFile(
            Array(
                """
                # comment
                search cluster.local
                nameserver 127.0.0.53
                nameserver 192.0.2.53   # tail
                nameserver\t2001:db8::53
                nameserver 192.0.2.53
                nameserver nonsense
                nameserver
                ; nameserver 192.0.2.99
                """.utf8))
        #expect(mixed.servers.map(\.description) == ["192.0.2.53:53", "[2001:db8::53]:53"])
        #expect(mixed.loopbacks.map(\.description) == ["127.0.0.53:53"])
        #expect(!mixed.isLoopbackOnly)
        let stub = ResolverFile(Array("nameserver 127.0.0.53\noptions edns0\n".utf8))
        #expect(stub.servers.map(\.description) == ["127.0.0.53:53"])
        #expect(stub.isLoopbackOnly)
        #expect(ResolverFile([]).servers.isEmpty)
        #expect(!ResolverFile([]).isLoopbackOnly)
    }

    @Test("a file without name servers is passed over, and nothing left is a mistake")
    func emptyFiles() throws {
        let empty = try TemporaryFile("search example.org\n", extension: "conf")
        #expect(TestBlock.mistakes("forward . \(empty.path) 192.0.2.1") == [])
        let mistakes = TestBlock.mistakes("forward . \(empty.path)")
        #expect(mistakes.count == 1)
        #expect(mistakes.first?.hasSuffix("error: no valid upstream addresses found") == true)
        let stub = try TemporaryFile("nameserver 127.0.0.53\n", extension: "conf")
        let warning = TestBlock.mistakes("forward . \(stub.path)")
        #expect(warning.count == 1)
        #expect(warning.first?.contains("warning: ") == true)
        #expect(warning.first?.contains("has only loopback addresses (127.0.0.53)") == true)
    }
}
