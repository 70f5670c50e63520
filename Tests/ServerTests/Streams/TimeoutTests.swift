import DNSMessage
import PluginKit
import Testing
import TestSupport

/// What the plugins `timeouts` and `multisocket` make of connections and sockets.
@Suite struct TimeoutTests {
    @Test("closes a connection after as many queries as it may carry, with all of them answered")
    func countsQueries() throws {
        let server = try TestServer(
            "x {\n timeouts {\n maxtcpqueries 3\n }\n whoami\n}\ny:{$PORT1} {\n whoami\n}")
        let bounded = try server.tcp()
        for _ in 0..<3 { #expect(try bounded.ask("a.x. A").code == .noError) }
        #expect(bounded.end() == .closed)
        let unbounded = try TCPClient(to: .loopback(server.ports[1]))
        for _ in 0..<10 { #expect(try unbounded.ask("a.y. A").code == .noError) }
    }

    @Test("closes connections of one listener sooner than those of another, also after a reload")
    func hasOwnTimes() throws {
        let server = try TestServer("x {\n timeouts {\n idle 1s\n read 1s\n }\n whoami\n}\ny:{$PORT1} {\n whoami\n}")
        let (short, long) = (try server.tcp(), try TCPClient(to: .loopback(server.ports[1])))
        _ = try short.ask("a.x. A")
        #expect(short.end() == .closed)
        _ = try long.ask("a.y. A")
        try server.reload("x {\n whoami\n}\ny:{$PORT1} {\n timeouts {\n idle 1s\n }\n whoami\n}")
        let later = try TCPClient(to: .loopback(server.ports[1]))
        _ = try later.ask("a.y. A")
        #expect(later.end() == .closed)
    }

    @Test("listens with as many sockets as it is told, and keeps the port when that changes", arguments: [1, 2, 1_024])
    func countsSockets(count: Int) throws {
        let server = try TestServer("x {\n multisocket \(count)\n whoami\n}")
        for _ in 0..<20 { #expect(try server.ask("a.x. A").code == .noError) }
        try server.reload("x {\n whoami\n}")
        for _ in 0..<20 { #expect(try server.ask("a.x. A", over: .tcp).code == .noError) }
        try server.reload("x {\n multisocket 1\n whoami\n}")
        for _ in 0..<20 { #expect(try server.ask("a.x. A").code == .noError) }
    }
}
