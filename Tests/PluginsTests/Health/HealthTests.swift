import AdminHTTP
import PluginKit
@testable import Plugins
import Testing

@Suite("health")
struct HealthTests {
    @Test("answers on its path as long as the process runs, the lameduck time too")
    func answers() throws {
        let block = try RunningBlock("health 127.0.0.1:0 {\nlameduck 5s\n}")
        let address = try #require(block.part(HealthPart.self)?.listening)
        #expect(httpGet("/health", at: address) == "200 OK")
        #expect(httpGet("/healthz", at: address) == "404 404 page not found\n")
        #expect(block.drain() == .seconds(5))
        #expect(httpGet("/health", at: address) == "200 OK")
        #expect(block.finish() == ["[INFO] plugin/health: Going into lameduck mode for 5s"])
        #expect(httpGet("/health", at: address) == nil)
    }

    @Test("asks for no lameduck time unless it is configured")
    func noLameduck() throws {
        let block = try RunningBlock("health 127.0.0.1:0")
        #expect(block.drain() == .zero)
        #expect(block.finish() == [])
    }

    @Test("asks itself once a second and counts how long that took")
    func asksItself() async throws {
        let block = try RunningBlock("health 127.0.0.1:0")
        let prefix = "coredns_health_request_duration_seconds_count"
        #expect(block.metrics(prefix) == ["\(prefix) 0"])
        let lines = try await eventually { block.metrics(prefix).filter { !$0.hasSuffix(" 0") } }
        #expect(lines.count == 1)
        #expect(block.metrics("coredns_health_request_failures_total") == ["coredns_health_request_failures_total 0"])
    }

    @Test("shares a listener with the other words on one address")
    func shares() throws {
        let first = try RunningBlock("health 127.0.0.1:0")
        let address = try #require(first.part(HealthPart.self)?.listening)
        #expect(throws: StartError.self) { try RunningBlock("health \(address)") }
        _ = first.finish()
        let both = try RunningBlock("health \(address)\nready \(address)\nprometheus \(address)")
        #expect(httpGet("/health", at: address) == "200 OK")
        #expect(httpGet("/ready", at: address) == "200 OK")
        #expect(httpGet("/metrics", at: address)?.hasPrefix("200 # HELP ") == true)
        _ = both.finish()
        #expect(httpGet("/metrics", at: address) == nil)
    }

    @Test("says in a sentence why it cannot start")
    func cannotStart() throws {
        let first = try RunningBlock("health 127.0.0.1:0")
        let address = try #require(first.part(HealthPart.self)?.listening)
        do {
            _ = try RunningBlock("health \(address)")
            Issue.record("two servers on one port")
        } catch {
            #expect("\(error)" == "listen tcp \(address): bind: address already in use")
        }
    }

    @Test(
        "reports mistakes",
        arguments: [
            ("health 8080", ["2:8 error: address 8080: missing port in address"]),
            ("health :8080 :8081", ["2:14 error: Wrong argument count or unexpected line ending after ':8081'"]),
            ("health\nhealth", ["3:1 error: 'health' can only be used once per server block"]),
            ("health {\nlameduck\n}", ["3:1 error: Wrong argument count or unexpected line ending after 'lameduck'"]),
            ("health {\nlameduck -1s\n}", ["3:10 error: lameduck cannot be negative"]),
            (
                "health {\nlameduck 5\n}",
                ["3:10 error: '5' has no unit; durations are written like '30s', '100ms' or '1m30s'"]
            ),
            ("health {\nlamduck 5s\n}", ["3:1 error: unknown property 'lamduck'"]),
            ("health :8080 {\nlameduck 5s\n}", []),
        ])
    func mistakes(lines: String, sentences: [String]) {
        #expect(TestBlock.mistakes(lines) == sentences)
    }
}
