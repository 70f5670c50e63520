import DNSMessage
import Dispatch
import Instance
import Locking
import PluginKit
import Plugins
import Server
import TestSupport
import Testing

/// Which addresses answer, and from where.
@Suite struct ListenTests {
    private static let corefile = """
        . {
            fixture {
                record web.example. 5 IN A 10.0.0.1
            }
        }
        """

    @Test(
        "answers from the address that was asked, on one socket for both families",
        arguments: ["127.0.0.1", "127.0.0.2", "127.200.3.4", "::1"])
    func answersFromTheAddressAsked(address: String) throws {
        let server = try TestServer(Self.corefile)
        let udp = try UDPClient(to: server.address(address))
        let reply = try udp.ask("web.example. A")
        #expect(reply.source == server.address(address))
        #expect(reply.answer == ["web.example. 5 IN A 10.0.0.1"])
        #expect(try TCPClient(to: server.address(address)).ask("web.example. A").answer.count == 1)
    }

    @Test("answers each of many addresses from itself within one batch")
    func keepsAddressesApart() throws {
        let server = try TestServer(Self.corefile)
        let client = SocketAddress(IPAddress(v4: 0x7F00_0001), port: 0)
        let clients = try (1...40).map { try UDPClient(to: server.address("127.0.0.\($0)"), from: client) }
        for udp in clients { try udp.send(QueryText("web.example. A").bytes) }
        for (index, udp) in clients.enumerated() {
            #expect(try udp.receive()?.source == server.address("127.0.0.\(index + 1)"))
        }
    }

    @Test("listens only where `bind` says, with a line for each address")
    func binds() throws {
        let server = try TestServer(
            """
            example {
                bind 127.0.0.3 ::1 127.0.0.3
                fixture {
                    record web.example. 5 IN A 10.0.0.1
                }
            }
            """)
        for address in ["127.0.0.3", "::1"] {
            let udp = try UDPClient(to: server.address(address))
            #expect(try udp.ask("web.example. A").source == server.address(address))
            #expect(try TCPClient(to: server.address(address)).ask("web.example. A").answer.count == 1)
        }
        #expect(throws: ClientError.self) { _ = try TCPClient(to: server.address("127.0.0.1")) }
        let port = server.port
        #expect(server.instance.startLines == ["example.:\(port) on 127.0.0.3", "example.:\(port) on ::1"])
    }

    static let wildcards = [
        ("0.0.0.0", ["127.0.0.1", "127.0.0.2"], ["::1"]), ("::", ["127.0.0.1", "127.0.0.2", "::1"], []),
        ("0.0.0.0 ::", ["127.0.0.2", "::1"], []),
    ]

    @Test("answers from the address that was asked where `bind` names a wildcard", arguments: wildcards)
    func bindsToWildcards(words: String, served: [String], others: [String]) throws {
        let server = try TestServer(". {\n bind \(words)\n fixture\n}")
        for address in served {
            let udp = try UDPClient(to: server.address(address))
            for _ in 0..<10 { #expect(try udp.ask("x. A").source == server.address(address)) }
            #expect(try TCPClient(to: server.address(address)).ask("x. A").code == .nxDomain)
        }
        for address in others {
            #expect(throws: ClientError.self) { _ = try TCPClient(to: server.address(address)) }
        }
    }

    @Test("keeps blocks apart that are bound to different addresses of one port")
    func keepsAddressesOfBlocksApart() throws {
        let server = try TestServer(
            """
            example {
                bind 127.0.0.2
                fixture {
                    record x.example. 5 IN TXT two
                }
            }
            example {
                bind 127.0.0.3
                fixture {
                    record x.example. 5 IN TXT three
                }
            }
            other {
                fixture {
                    record x.other. 5 IN TXT all
                }
            }
            """)
        func answer(_ address: String, _ query: QueryText) throws -> [String] {
            try UDPClient(to: server.address(address)).ask(query).answer
        }
        #expect(try answer("127.0.0.2", "x.example. TXT") == ["x.example. 5 IN TXT \"two\""])
        #expect(try answer("127.0.0.3", "x.example. TXT") == ["x.example. 5 IN TXT \"three\""])
        #expect(try answer("127.0.0.4", "x.other. TXT") == ["x.other. 5 IN TXT \"all\""])
        #expect(try answer("127.0.0.4", "x.example. TXT").isEmpty)
    }

    static let overlaps = [
        ("bind lo", "bind 127.0.0.1"), ("bind 127.0.0.2", "bind 127.0.0.2 127.0.0.3"), ("", "bind 127.0.0.2"),
        ("bind ::1", ""), ("", ""),
    ]

    @Test("finds two blocks that want one zone on one address, however they name it", arguments: overlaps)
    func findsOverlaps(first: String, second: String) {
        #expect(throws: TestServer.Failure.self) {
            _ = try TestServer("example {\n \(first)\n fixture\n}\nexample {\n \(second)\n fixture\n}")
        }
    }

    static let conflicts = [
        ("", "", ""), ("", "bind 127.0.0.1", "127.0.0.1"),
        ("bind ::1", "bind ::1", "[::1]"),
        ("bind 127.0.0.1", "bind 127.0.0.1", "127.0.0.1"),
    ]

    @Test("says which port is taken when another server has it, and leaves that one alone", arguments: conflicts)
    func refusesATakenPort(first: String, second: String, shown: String) throws {
        let server = try TestServer(".:{$PORT} {\n \(first)\n fixture\n}")
        let port = server.port
        let sentence =
            "Listen: listen tcp \(shown):\(port): bind: address already in use: another server has port \(port)"
        let failure = #expect(throws: Instance.Failure.self) {
            _ = try TestServer(".:\(port) {\n \(second)\n fixture\n}")
        }
        #expect(failure?.description == sentence)
        let address = first.contains("::1") ? "::1" : "127.0.0.1"
        #expect(try UDPClient(to: server.address(address)).ask("x. A").code == .nxDomain)
    }

    @Test("gets and leaves its port although the programs that others start hold its closed sockets for an instant")
    func listensWhileProgramsStart() throws {
        let directory = try TemporaryDirectory()
        let program = try #require(Tool("true"))
        let starter = DispatchQueue(label: "starter")
        let isDone = Lock(false)
        starter.async {
            while !isDone.withLock({ $0 }) { try? program.run([], in: directory) }
        }
        defer {
            isDone.withLock { $0 = true }
            starter.sync {}
        }
        for _ in 0..<150 {
            let server = try DNSServer(workerCount: 1)
            let port = FreePorts.take()
            try server.serve([.init(ListenAddress(port: port), router())])
            server.stop()
            #expect(throws: ClientError.self) { _ = try TCPClient(to: .loopback(port)) }
        }
    }

    @Test("says which address is not this host's")
    func refusesAForeignAddress() {
        let failure = #expect(throws: ListenError.self) {
            try DNSServer(workerCount: 1).serve([.init(ListenAddress(IPAddress("192.0.2.1"), port: 5390), router())])
        }
        #expect(
            failure?.description
                == "Listen: listen tcp 192.0.2.1:5390: bind: cannot assign requested address: "
                + "no interface of this host has it")
    }

    @Test("opens all addresses or none")
    func opensAllOrNone() throws {
        let (free, taken) = (FreePorts.take(), FreePorts.take())
        let other = try DNSServer(workerCount: 1)
        try other.serve([.init(ListenAddress(port: taken), router())])
        let server = try DNSServer(workerCount: 2)
        #expect(throws: ListenError.self) {
            try server.serve([.init(ListenAddress(port: free), router()), .init(ListenAddress(port: taken), router())])
        }
        #expect(throws: ClientError.self) { _ = try TCPClient(to: .loopback(free)) }
        other.stop()
        try server.serve([.init(ListenAddress(port: free), router()), .init(ListenAddress(port: taken), router())])
        #expect(try UDPClient(to: .loopback(taken)).ask("x. A").code == .refused)
    }

    private func router() -> Router { Router([], sitelessSite: 0) }

    @Test("listens beside a server that has the port on another address only, but not beside one that has it on all")
    func sharesPortsOfOtherAddresses() throws {
        let port = FreePorts.take()
        let resolver = try DNSServer(workerCount: 1)
        try resolver.serve([.init(ListenAddress(IPAddress("127.0.0.53"), port: port), router())])
        let server = try DNSServer(workerCount: 2)
        try server.serve([.init(ListenAddress(port: port), router())])
        #expect(throws: ListenError.self) {
            try DNSServer(workerCount: 1).serve([.init(ListenAddress(port: port), router())])
        }
        #expect(try UDPClient(to: .loopback(port)).ask("x. A").code == .refused)
    }

    @Test("closes its port when it stops, so that the next server can have it at once")
    func startsAndStops() throws {
        let port = FreePorts.take()
        for round in 0..<20 {
            let server = try TestServer(".:\(port) {\n fixture {\n record x. 5 IN TXT r\(round)\n }\n}")
            let idle = try TCPClient(to: .loopback(port))
            let address = SocketAddress.loopback(port)
            #expect(try UDPClient(to: address).ask("x. TXT").answer == ["x. 5 IN TXT \"r\(round)\""])
            #expect(try TCPClient(to: address).ask("x. TXT").answer == ["x. 5 IN TXT \"r\(round)\""])
            server.stop()
            #expect(idle.end() != .silent)
            #expect(throws: ClientError.self) { _ = try TCPClient(to: address) }
        }
    }

    @Test("prints a line for each zone of each listener, and a warning in front of odd names")
    func printsStartLines() throws {
        let server = try TestServer(
            """
            b.example a.example 10.1.0.0/23:{$PORT1} {
                fixture
            }
            under_score {
                fixture
            }
            """)
        let (port, other) = (server.port, server.ports[1])
        #expect(
            server.instance.startLines == [
                "a.example.:\(port)", "b.example.:\(port)",
                "Warning: Domain \"under_score.\" does not follow RFC1035 preferred syntax", "under_score.:\(port)",
                "0.1.10.in-addr.arpa.:\(other)", "1.1.10.in-addr.arpa.:\(other)",
            ])
    }
}
