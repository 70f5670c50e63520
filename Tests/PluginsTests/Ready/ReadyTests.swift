import PluginKit
@testable import Plugins
import Synchronization
import Testing

/// A plugin whose readiness the test sets.
private final class Reporter: ReadinessReporting {
    let readinessName: String
    private let ready: Atomic<Bool>

    init(_ name: String, _ isReady: Bool = false) {
        readinessName = name
        ready = Atomic(isReady)
    }

    var isReady: Bool { ready.load(ordering: .relaxed) }
    func become(_ isReady: Bool) { ready.store(isReady, ordering: .relaxed) }
}

@Suite("ready")
struct ReadyTests {
    @Test("answers 503 with the names of those that are not ready, sorted, and logs them")
    func waits() throws {
        let (first, second) = (Reporter("kubernetes"), Reporter("erratic"))
        let block = try RunningBlock(
            "ready 127.0.0.1:0", readiness: [first, second, Reporter("kubernetes"), Reporter("nomad", true)])
        let address = block.part(ReadyPart.self)?.listening
        #expect(httpGet("/ready", at: address) == "503 erratic,kubernetes")
        second.become(true)
        #expect(httpGet("/ready", at: address) == "503 kubernetes")
        #expect(httpGet("/readyz", at: address) == "404 404 page not found\n")
        #expect(
            block.finish() == [
                "[INFO] plugin/ready: Plugins not ready: \"erratic,kubernetes\"",
                "[INFO] plugin/ready: Plugins not ready: \"kubernetes\"",
            ])
        #expect(httpGet("/ready", at: address) == nil)
    }

    @Test(
        "counts a plugin as ready once it was, unless it is monitored continuously",
        arguments: [
            ("", "200 OK"), ("{\nmonitor until-ready\n}", "200 OK"),
            ("{\nmonitor continuously\n}", "503 kubernetes"),
        ])
    func monitors(options: String, answer: String) throws {
        let reporter = Reporter("kubernetes")
        let block = try RunningBlock("ready 127.0.0.1:0 \(options)", readiness: [reporter])
        let address = block.part(ReadyPart.self)?.listening
        #expect(httpGet("/ready", at: address) == "503 kubernetes")
        reporter.become(true)
        #expect(httpGet("/ready", at: address) == "200 OK")
        reporter.become(false)
        #expect(httpGet("/ready", at: address) == answer)
    }

    @Test("answers 503 until the sockets are open: plugins start before them")
    func sockets() throws {
        let block = try RunningBlock("ready 127.0.0.1:0", opensSockets: false)
        let address = block.part(ReadyPart.self)?.listening
        #expect(httpGet("/ready", at: address) == "503 Starting")
        block.serve()
        #expect(httpGet("/ready", at: address) == "200 OK")
    }

    @Test("fails as soon as the end is near, while health still answers")
    func drains() throws {
        let block = try RunningBlock("ready 127.0.0.1:0\nhealth 127.0.0.1:0 {\nlameduck 1s\n}")
        let address = block.part(ReadyPart.self)?.listening
        #expect(httpGet("/ready", at: address) == "200 OK")
        #expect(block.drain() == .seconds(1))
        #expect(httpGet("/ready", at: address) == "503 Shutting down")
        #expect(httpGet("/health", at: block.part(HealthPart.self)?.listening) == "200 OK")
    }

    @Test("does not let whoever reaches the port fill the log")
    func limitsLines() throws {
        let block = try RunningBlock("ready 127.0.0.1:0", readiness: [Reporter("kubernetes")])
        let address = block.part(ReadyPart.self)?.listening
        for _ in 0..<100 { #expect(httpGet("/ready", at: address) == "503 kubernetes") }
        let lines = block.finish()
        #expect(lines.count == 61)
        #expect(lines.last == "[INFO] plugin/ready: Plugins not ready: … 40 more in the last 60s")
    }

    @Test(
        "reports mistakes",
        arguments: [
            ("ready 1.2.3", ["2:7 error: address 1.2.3: missing port in address"]),
            ("ready {\nmonitor\n}", ["3:1 error: Wrong argument count or unexpected line ending after 'monitor'"]),
            ("ready {\nmonitor always\n}", ["3:9 error: invalid monitor type 'always'"]),
            ("ready {\nwatch\n}", ["3:1 error: unknown property 'watch'"]),
            ("ready\nready", ["3:1 error: 'ready' can only be used once per server block"]),
            ("ready :8181 {\nmonitor continuously\n}", []),
        ])
    func mistakes(lines: String, sentences: [String]) {
        #expect(TestBlock.mistakes(lines) == sentences)
    }
}
