import DNSMessage
import PluginKit
import Telemetry
import TestSupport
import Testing

@testable import Plugins

@Suite("top names and clients")
struct TopTests {
    private func count(_ sketch: inout TopSketch, _ key: String, _ times: Int) {
        for _ in 0..<times { Array(key.utf8).withUnsafeBytes { sketch.count($0) } }
    }

    private func entries(_ sketch: borrowing TopSketch) -> [String: TopSketch.Entry] {
        var found: [String: TopSketch.Entry] = [:]
        sketch.forEach { found[String(decoding: $0, as: UTF8.self)] = $1 }
        return found
    }

    @Test("keeps what is frequent among any number of others, and says how wrong it may be")
    func keepsFrequent() {
        var sketch = TopSketch(keyBytesMax: 32)
        for round in 0..<100 {
            count(&sketch, "heavy", 10)
            for other in 0..<50 { count(&sketch, "rare \(round) \(other)", 1) }
        }
        let found = entries(sketch)
        #expect(found.count == TopSketch.keysMax)
        let heavy = found["heavy"] ?? TopSketch.Entry(count: 0, error: 0)
        #expect(heavy.count >= 1_000)
        #expect(heavy.count - heavy.error <= 1_000)
        // Nothing is counted that did not come: all counts together are all keys.
        #expect(found.values.reduce(0) { $0 + $1.count } == 6_000)
        sketch.clear()
        #expect(entries(sketch).isEmpty)
    }

    @Test("passes over a key that is too long")
    func tooLong() {
        var sketch = TopSketch(keyBytesMax: 3)
        count(&sketch, "abcd", 5)
        count(&sketch, "abc", 1)
        #expect(entries(sketch) == ["abc": TopSketch.Entry(count: 1, error: 0)])
    }

    @Test("forgets what is older than two windows")
    func windows() {
        var windows = TopWindows(now: 0)
        var scratch = NameScratch()
        let question = QuestionView(name: scratch.read("www.Example.org"), type: .a, class: .internet)
        var query = Query(worker: WorkerSlot(0), question: question)
        query.client = SocketAddress(IPAddress(high: 0x2001_0DB8 << 32, low: 1), port: 53)
        let window = TopWindows.windowNanoseconds
        windows.count(query, now: 1)
        windows.count(query, now: window + 1)
        var report = TopReport()
        windows.add(to: &report)
        #expect(report.names == ["www.example.org.": TopSketch.Entry(count: 2, error: 0)])
        #expect(report.clients == ["2001:db8::1": TopSketch.Entry(count: 2, error: 0)])
        windows.turn(2 * window + 1)
        report = TopReport()
        windows.add(to: &report)
        #expect(report.names.values.map(\.count) == [1])
        windows.turn(5 * window)
        report = TopReport()
        windows.add(to: &report)
        #expect(report.names.isEmpty && report.clients.isEmpty)
    }

    @Test("are told in JSON beside the metrics, the most frequent first")
    func served() throws {
        let block = try RunningBlock("prometheus 127.0.0.1:\(FreePorts.take())\nwhoami")
        for round in 0..<20_000 {
            block.ask(TestQuery(round % 4 == 0 ? "rare.test" : "q\".test", .a), worker: round % 2)
        }
        let answer = httpGet("/debug/top", at: block.part(PrometheusPlugin.self)?.listening) ?? ""
        #expect(
            answer.hasPrefix(#"200 {"sampled_every":64,"window_seconds":60,"names":[{"name":"q\\\".test.","queries":"#))
        #expect(answer.contains(#"{"name":"rare.test.","queries":"#))
        #expect(answer.contains(#""clients":[{"client":"127.0.0.1","queries":"#))
        // About 20,000; a sample of 312 is wrong by less than a half.
        let clients = answer.split(separator: #""client":"127.0.0.1","queries":"#).last ?? ""
        let queries = Int(clients.prefix { $0.isNumber }) ?? 0
        #expect((10_000...30_000).contains(queries))
    }
}
