import DNSMessage
import DNSResolver
import TestSupport
import Testing

@Suite("What is answered without a server", .serialized)
struct LocalTests {
    /// The kubelet's, of a pod with hostAliases.
    private static let hosts = """
        # Kubernetes-managed hosts file.
        127.0.0.1\tlocalhost
        ::1\tlocalhost ip6-localhost ip6-loopback
        fe00::0\tip6-localnet
        10.244.1.7\tweb-0.web.shop.svc.cluster.local\tweb-0

        # Entries added by HostAliases.
        192.0.2.10\tfoo.local\tbar.local # tail
        192.0.2.11\tbar.local
        nonsense line
        192.0.2.12
        """

    /// As a pod sees them, of a Service `my-web` with the ports `http` and `dns-udp`.
    private static let variables = [
        "MY_WEB_SERVICE_HOST": "10.96.7.7", "MY_WEB_SERVICE_PORT": "80", "MY_WEB_SERVICE_PORT_HTTP": "80",
        "MY_WEB_SERVICE_PORT_DNS_UDP": "53", "MY_WEB_PORT": "tcp://10.96.7.7:80",
        "MY_WEB_PORT_80_TCP": "tcp://10.96.7.7:80", "MY_WEB_PORT_80_TCP_PROTO": "tcp",
        "MY_WEB_PORT_53_UDP": "udp://10.96.7.7:53",
    ]

    @Test(
        "the hosts file has addresses, of all lines",
        arguments: [
            ("web-0", "10.244.1.7"), ("WEB-0.web.shop.svc.cluster.local.", "10.244.1.7"),
            ("bar.local", "192.0.2.10 192.0.2.11"), ("localhost", "127.0.0.1 ::1"), ("ip6-loopback", "::1"),
        ])
    func hosts(name: String, expected: String) async throws {
        let rig = try Rig("none.test. 1 A 192.0.2.1", hosts: Self.hosts)
        #expect(await rig.addresses(name) == expected)
        #expect(rig.asked == [])
    }

    @Test("the hosts file has the first name of the line, and the names of addresses")
    func hostsNames() async throws {
        let rig = try Rig("none.test. 1 A 192.0.2.1", hosts: Self.hosts)
        let answers = try await rig.resolver.addresses(of: "web-0")
        #expect(answers.canonicalName == "web-0.web.shop.svc.cluster.local.")
        #expect(answers.source == .hosts)
        let address = try #require(IPAddress("192.0.2.10"))
        #expect(try await rig.resolver.names(of: address).values == ["foo.local.", "bar.local."])
    }

    @Test("a family that the hosts file does not have is asked for")
    func asksForOtherFamily() async throws {
        let rig = try Rig("web.test. 60 AAAA 2001:db8::1", hosts: "192.0.2.1 web.test\n")
        #expect(await rig.addresses("web.test") == "192.0.2.1")
        #expect(await rig.addresses("web.test", .v6) == "2001:db8::1")
    }

    @Test(
        "variables of the kubelet are a source, if wanted",
        arguments: [("my-web", "10.96.7.7"), ("MY-WEB", "10.96.7.7"), ("other", "NXDOMAIN"), ("my-web.", "NXDOMAIN")])
    func variables(name: String, expected: String) async throws {
        let rig = try Rig("none.test. 1 A 192.0.2.1", variables: Self.variables) { $0.usesServiceVariables = true }
        #expect(await rig.addresses(name) == expected)
        let without = try Rig("none.test. 1 A 192.0.2.1", variables: Self.variables)
        #expect(await without.addresses(name) == "NXDOMAIN")
    }

    @Test(
        "variables tell ports by name and protocol",
        arguments: [
            ("_http._tcp.my-web", "my-web. 80 10.96.7.7"), ("_dns-udp._udp.my-web", "my-web. 53 10.96.7.7"),
            ("_http._udp.my-web", "NXDOMAIN"), ("_https._tcp.my-web", "NXDOMAIN"), ("http._tcp.my-web", "NXDOMAIN"),
        ])
    func variablePorts(name: String, expected: String) async throws {
        let rig = try Rig("none.test. 1 A 192.0.2.1", variables: Self.variables) { $0.usesServiceVariables = true }
        #expect(
            await rig.told { () throws(LookupError) in
                try await rig.resolver.services(of: name).values
                    .map { "\($0.host) \($0.port) \($0.addresses.map(\.description).joined())" }
            } == expected)
    }
}

@Suite("The configuration of a resolver", .serialized)
struct ConfigurationTests {
    @Test("has what glibc has where nothing is said")
    func defaults() {
        let empty = ResolverConfiguration(resolvConf: "") { $0 == "LOCALDOMAIN" ? "" : nil }
        #expect(empty == ResolverConfiguration())
        #expect(empty.servers.map(\.description) == ["127.0.0.1:53"])
        #expect(empty.ndots == 1)
        #expect(empty.timeout == .seconds(5))
        #expect(empty.attempts == 2)
    }

    @Test("takes the first three servers, as many suffixes as there are, and what the environment says")
    func limits() {
        let servers = (1...5).map { "nameserver 192.0.2.\($0)\n" }.joined()
        let suffixes = (1...40).map { " s\($0).test" }.joined()
        let text = "\(servers)search\(suffixes)\noptions ndots:5 rotate\nnonsense\n"
        let plain = ResolverConfiguration(resolvConf: text)
        #expect(plain.servers.map(\.description) == ["192.0.2.1:53", "192.0.2.2:53", "192.0.2.3:53"])
        #expect(plain.search.count == 40)
        #expect(plain.ndots == 5)
        #expect(plain.rotates)
        #expect(plain.mistakes == ["line 8: 'nonsense' is no keyword"])
        let variables = ["LOCALDOMAIN": "a.test b.test", "RES_OPTIONS": "ndots:2 timeout:1 attempts:4 use-vc no-aaaa"]
        let changed = ResolverConfiguration(resolvConf: text) { variables[$0] }
        #expect(changed.search == ["a.test", "b.test"])
        #expect(changed.ndots == 2)
        #expect(changed.timeout == .seconds(1))
        #expect(changed.attempts == 4)
        #expect(changed.prefersTCP && changed.omitsAAAA && changed.rotates)
    }

    @Test("files that change are read again")
    func reloads() async throws {
        let rig = try Rig("web.a.test. 60 A 192.0.2.1", conf: "search a.test", hosts: "192.0.2.9 name.test\n")
        let other = try ScriptedUpstream { [.reply($0.answer(0xC000_0202))] }
        #expect(await rig.addresses("web", .v4) == "192.0.2.1")
        #expect(await rig.addresses("name.test", .v4) == "192.0.2.9")
        try rig.directory.write(Rig.text([other], "search b.test").utf8, to: "resolv.conf")
        try rig.directory.write("192.0.2.99 name.test other.test\n".utf8, to: "hosts")
        #expect(
            await eventually(every: .milliseconds(50)) {
                await rig.addresses("web", .v4) + " " + rig.addresses("name.test", .v4) == "192.0.2.2 192.0.2.99"
            })
        #expect(await rig.resolver.configuration.search == ["b.test"])
    }

    @Test("a file that is not there is as good as an empty one, and one that goes leaves what it said")
    func missingFiles() async throws {
        var options = ResolverOptions()
        options.configuration = .file("/nowhere/resolv.conf")
        options.hostsFile = "/nowhere/hosts"
        let resolver = Resolver(options)
        #expect(await resolver.configuration.servers == ResolverConfiguration().servers)
        #expect(try await resolver.addresses(of: "localhost", .v4).values.map(\.description) == ["127.0.0.1"])
    }
}
