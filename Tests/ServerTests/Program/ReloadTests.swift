import DNSMessage
import Dispatch
import Glibc
import PluginKit
import Locking
import Synchronization
import TestSupport
import Testing

/// What SIGUSR1 does to the process: the Corefile is read anew, and nobody notices but for its new words (row 15 of the
/// deviations).
@Suite struct ReloadTests {
    private static func corefile(_ version: String, _ more: String = "") -> String {
        "example {\n    chaos \(version)\n    whoami\n}\nbind {\n    chaos \(version)\n}\n\(more)\n"
    }

    /// A program that serves, and where.
    private func start(_ corefile: String) throws -> (Program, SocketAddress) {
        let port = FreePorts.take()
        let program = try Program(
            ["-conf", "Corefile", "-dns.port", "\(port)"], files: ["Corefile": corefile])
        try #require(program.waitForOutput(containing: "linux/"), "\(program.errors)")
        return (program, .loopback(port))
    }

    private func version(_ address: SocketAddress) throws -> [String] {
        try UDPClient(to: address).ask("version.bind. TXT CH").answer
    }

    private static func answer(_ version: String) -> [String] { ["version.bind. 0 CH TXT \"\(version)\""] }

    @Test("serves the new Corefile on the sockets and connections that it has")
    func reloads() throws {
        let (program, address) = try start(Self.corefile("one"))
        let connection = try TCPClient(to: address)
        #expect(try connection.ask("version.bind. TXT CH").answer == Self.answer("one"))
        for round in 1...5 {
            try program.write(Self.corefile("round-\(round)"), to: "Corefile")
            program.send(SIGUSR1)
            let expected = Self.answer("round-\(round)")
            #expect(try patiently { try version(address) == expected })
            #expect(try connection.ask("version.bind. TXT CH").answer == expected)
        }
        program.send(SIGTERM)
        let outcome = program.finish()
        #expect(outcome.code == 0)
        let lines = ["[INFO] SIGUSR1: Reloading", "[INFO] Reloading", "[INFO] Reloading complete"]
        #expect(outcome.output.filter { lines.contains($0) } == Array((0..<5).map { _ in lines }.joined()))
    }

    @Test("takes an empty Corefile for one that is not written yet", arguments: ["", "# none\n"])
    func keepsWhatIsServed(text: String) throws {
        let (program, address) = try start(Self.corefile("one"))
        try program.write(text, to: "Corefile")
        program.send(SIGUSR1)
        #expect(program.waitForOutput(containing: "[INFO] the last configuration goes on"))
        #expect(try version(address) == Self.answer("one"))
        program.send(SIGTERM)
        #expect(program.finish().output.contains("[ERROR] Restart failed: Corefile is empty"))
    }

    @Test("opens the addresses that are new and closes those that are gone")
    func reloadsAddresses() throws {
        let (program, address) = try start(Self.corefile("one"))
        let added = FreePorts.take()
        try program.write(Self.corefile("two", "other:\(added) {\n    whoami\n}"), to: "Corefile")
        program.send(SIGUSR1)
        #expect(program.waitForOutput(containing: "Reloading complete"))
        let other = SocketAddress.loopback(added)
        #expect(try UDPClient(to: other).ask("x.other. A").header == "NOERROR qr,aa,rd")
        let connection = try TCPClient(to: other)
        _ = try connection.ask("x.other. A")
        try program.write(Self.corefile("three"), to: "Corefile")
        program.send(SIGUSR1)
        #expect(connection.end() != .silent)
        #expect(patiently { (try? TCPClient(to: other)) == nil })
        #expect(try version(address) == Self.answer("three"))
    }

    static let failures: [(String, String?, [String])] = [
        (
            "mistakes", "example {\n    whoamy\n}\nbind {\n    chaos two\n}\n",
            ["[ERROR] Restart failed: Corefile:2:5: error: "]
        ),
        (
            "a foreign address", "bind {\n    bind 192.0.2.1\n    chaos two\n}\n",
            ["[ERROR] Restart failed", "cannot assign requested address"]
        ),
        (
            "a taken HTTP port", "bind {\n    health 192.0.2.1:1\n    chaos two\n}\n",
            ["[ERROR] Restart failed", "assign requested address"]
        ),
        ("no file", nil, ["[ERROR] SIGUSR1: loading updated Corefile: open Corefile: no such file or directory"]),
    ]

    @Test("goes on as before when the new Corefile cannot be served, and says why", arguments: failures)
    func survivesBadReloads(name: String, text: String?, messages: [String]) throws {
        let (program, address) = try start(Self.corefile("one"))
        if let text { try program.write(text, to: "Corefile") } else { program.remove("Corefile") }
        program.send(SIGUSR1)
        for message in messages { #expect(program.waitForOutput(containing: message), "\(program.output)") }
        #expect(try version(address) == Self.answer("one"))
        #expect(program.output.allSatisfy { !$0.contains("complete") })
        try program.write(Self.corefile("three"), to: "Corefile")
        program.send(SIGUSR1)
        #expect(program.waitForOutput(containing: "Reloading complete"))
        #expect(try version(address) == Self.answer("three"))
    }

    @Test("loses no query and no HTTP request while it reloads, and leaks no descriptor")
    func hasNoGap() throws {
        let http = FreePorts.take()
        let more = "x {\n    health 127.0.0.1:\(http)\n    prometheus 127.0.0.1:\(http)\n    ready 127.0.0.1:\(http)\n}"
        let (program, address) = try start(Self.corefile("0", more))
        let before = program.descriptorCount
        let (udp, tcp) = (try UDPClient(to: address), try TCPClient(to: address))
        let queries = Repeated { try udp.ask("version.bind. TXT CH").answer.count == 1 }
        let streams = Repeated { try tcp.ask("version.bind. TXT CH").answer.count == 1 }
        let requests = Repeated {
            try ["/health", "/metrics", "/ready"].allSatisfy {
                try AdminClient.get($0, from: .loopback(http)).status == 200
            }
        }
        for round in 1...20 {
            try program.write(Self.corefile("\(round)", more), to: "Corefile")
            program.send(SIGUSR1)
            #expect(try patiently { try version(address) == Self.answer("\(round)") })
        }
        for repeated in [queries, streams, requests] {
            let (successes, failure) = repeated.stop()
            #expect(successes > 20 && failure == nil)
        }
        #expect(try AdminClient.get("/metrics", from: .loopback(http)).body.contains("coredns_build_info"))
        #expect(program.descriptorCount <= before + 10)
    }
}

/// Something done over and over on a thread of its own, until it is stopped or fails.
private final class Repeated: Sendable {
    private static let timesMax = 1_000_000

    private let isStopped = Atomic<Bool>(false)
    private let result = Lock<(successes: Int, failure: String?)>((0, nil))
    private let group = DispatchGroup()

    init(_ body: sending @escaping () throws -> Bool) {
        // Sent here, and called on the new queue alone.
        nonisolated(unsafe) let body = body
        DispatchQueue(label: "repeated").async(group: group) { [self] in
            for _ in 0..<Self.timesMax where !isStopped.load(ordering: .relaxed) {
                let failure: String?
                do { failure = try body() ? nil : "wrong answer" } catch { failure = "\(error)" }
                result.withLock {
                    if let failure { $0.failure = failure } else { $0.successes += 1 }
                }
                if failure != nil { return }
            }
        }
    }

    /// How often it went well, and what went wrong.
    func stop() -> (successes: Int, failure: String?) {
        isStopped.store(true, ordering: .relaxed)
        group.wait()
        return result.withLock { $0 }
    }
}
