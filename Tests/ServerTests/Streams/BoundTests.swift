import DNSMessage
import Dispatch
import PluginKit
import Server
import TestSupport
import Testing

/// What TCP clients may take of the server: time, places, memory.
@Suite(.serialized) struct BoundTests {
    private static let corefile = """
        . {
            fixture {
                record web.example. 5 IN A 10.0.0.1
                many answer data.example. 4000
            }
        }
        """

    /// Time-outs of milliseconds; those not given are far beyond the test.
    private func server(
        read: Int = 60_000, idle: Int = 60_000, write: Int = 60_000, _ change: (inout StreamSettings) -> Void = { _ in }
    ) throws -> TestServer {
        var setting = TestServer.Setting()
        setting.streams.readTimeout = .milliseconds(read)
        setting.streams.idleTimeout = .milliseconds(idle)
        setting.streams.writeTimeout = .milliseconds(write)
        change(&setting.streams)
        return try TestServer(Self.corefile, setting)
    }

    /// Short queries for long answers.
    private func queries(_ count: Int) -> [UInt8] {
        let query = QueryText("data.example. A").framed
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * query.count)
        for _ in 0..<count { bytes += query }
        return bytes
    }

    // MARK: Time

    @Test("closes a connection that says nothing")
    func closesSilentConnections() throws {
        let server = try server(read: 100)
        #expect(try server.tcp().end() == .closed)
    }

    @Test("closes a connection on which only empty messages come")
    func closesEmptyConnections() throws {
        let server = try server(read: 200)
        let client = try server.tcp()
        var end = TCPClient.End.silent
        for _ in 0..<100 where end == .silent {
            _ = try? client.send([0, 0])
            end = client.end(within: .milliseconds(20))
        }
        #expect(end != .silent)
    }

    @Test("closes a connection that rests between two queries, and no earlier")
    func closesIdleConnections() throws {
        let server = try server(read: 100, idle: 2_000)
        let client = try server.tcp()
        _ = try client.ask("web.example. A")
        #expect(client.end(within: .milliseconds(300)) == .silent)
        _ = try client.ask("web.example. A")
        #expect(client.end(within: .milliseconds(300)) == .silent)
        #expect(client.end() == .closed)
    }

    @Test("closes a connection whose message does not come to its end, however it trickles")
    func closesTricklingConnections() throws {
        let server = try server(read: 200)
        let client = try server.tcp()
        _ = try client.ask("web.example. A")
        var end = TCPClient.End.silent
        var bytes = 0
        for byte in QueryText("web.example. A padding=400").framed where end == .silent {
            _ = try? client.send([byte])
            bytes += 1
            end = client.end(within: .milliseconds(10))
        }
        #expect(end != .silent)
        #expect(bytes < 400)
    }

    @Test("cuts a client off that asks for much and reads nothing, while others are served")
    func cutsOffSlowReaders() throws {
        let server = try server(write: 300)
        let slow = try TCPClient(to: server.address(), receiveBuffer: 4_096)
        let queries = queries(200_000)
        // 64 KB of answer for 31 bytes of query: the server must stop to read long before it has taken all.
        #expect(try slow.sendWhatFits(queries, within: .milliseconds(100)) < queries.count)
        #expect(try server.ask("web.example. A", over: .tcp).answer.count == 1)
        #expect(try server.ask("web.example. A").answer.count == 1)
        #expect(slow.isReset())
    }

    @Test("cuts a client off that reads a little now and then, as it holds its memory all the while")
    func cutsOffTricklingReaders() throws {
        let server = try server(write: 400)
        let slow = try TCPClient(to: server.address(), receiveBuffer: 4_096)
        try slow.send(queries(2_000))
        var isReset = false
        for _ in 0..<200 where !isReset {
            slow.readSome(512)
            isReset = slow.isReset(within: .milliseconds(10))
        }
        #expect(isReset)
    }

    // MARK: Places

    @Test("closes connections beyond those that all clients may have together")
    func boundsAllConnections() throws {
        let server = try server { $0.connectionsMax = 10 }
        let clients = try (1...10).map { try TCPClient(to: server.address("127.0.0.\($0)")) }
        for client in clients { _ = try client.ask("web.example. A") }
        #expect(try server.tcp().end() != .silent)
        for client in clients { #expect(try client.ask("web.example. A").answer.count == 1) }
        #expect(try server.ask("web.example. A").answer.count == 1)
    }

    @Test("closes connections beyond those that one client may have, and gives the places back")
    func boundsConnectionsOfAClient() throws {
        let server = try server { $0.connectionsPerClientMax = 5 }
        let other = SocketAddress(IPAddress("127.0.0.9") ?? IPAddress(v4: 0), port: 0)
        do {
            let clients = try (0..<5).map { _ in try server.tcp() }
            for client in clients { _ = try client.ask("web.example. A") }
            #expect(try server.tcp().end() != .silent)
            #expect(try TCPClient(to: server.address(), from: other).ask("web.example. A").answer.count == 1)
        }
        #expect(patiently { (try? server.ask("web.example. A", over: .tcp)) != nil })
    }

    // MARK: Memory

    @Test("lets whoever holds most go when memory runs out, and keeps those that hold little")
    func boundsMemory() throws {
        let server = try server { $0.heldBytesMax = 150_000 }
        // Half a message each, on both workers.
        let modest = try (0..<20).map { _ in try server.tcp() }
        let half = QueryText("web.example. A").framed
        for client in modest { try client.send(Array(half.prefix(20))) }
        let greedy = try (0..<20).map { _ in try TCPClient(to: server.address(), receiveBuffer: 4_096) }
        for client in greedy { try? client.send(queries(50)) }
        #expect(greedy.contains { $0.isReset(within: .seconds(1)) })
        for client in modest {
            try client.send(Array(half.dropFirst(20)))
            #expect(try client.receive(within: .seconds(20))?.answer.count == 1)
        }
    }

    @Test("takes back what connections held, so that the next ones have all of it")
    func givesMemoryBack() throws {
        let server = try server(read: 100, write: 100) { $0.heldBytesMax = 300_000 }
        for _ in 0..<10 {
            let slow = try TCPClient(to: server.address(), receiveBuffer: 4_096)
            try? slow.send(queries(500))
            let partial = try server.tcp()
            try partial.send(QueryText("web.example. A padding=60000").framed.dropLast())
            #expect(partial.end() != .silent)
            #expect(slow.isReset())
        }
        let client = try server.tcp()
        let message = QueryText("web.example. A padding=65000").framed
        try client.send(Array(message.prefix(60_000)))
        try client.send(Array(message.dropFirst(60_000)))
        #expect(try client.receive()?.answer.count == 1)
    }
}

extension [UInt8] {
    fileprivate func dropLast() -> [UInt8] { Array(prefix(count - 1)) }
}
