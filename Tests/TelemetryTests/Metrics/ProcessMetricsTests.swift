import Glibc
import Telemetry
import Testing

@Suite("process metrics", .serialized)
struct ProcessMetricsTests {
    private func values() -> [String: Double] {
        let registry = MetricsRegistry(workers: 0)
        ProcessMetrics.register(in: registry)
        let lines = String(decoding: registry.exposition(), as: UTF8.self).split(separator: "\n")
        let pairs = lines.filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ") }
        return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), Double($0[1]) ?? .nan) })
    }

    @Test("are plausible for this process")
    func plausible() throws {
        let values = values()
        #expect(values.count == 6)
        #expect(try #require(values["process_cpu_seconds_total"]) > 0)
        let resident = try #require(values["process_resident_memory_bytes"])
        #expect(resident > 1_048_576)
        #expect(try #require(values["process_virtual_memory_bytes"]) >= resident)
        let start = try #require(values["process_start_time_seconds"])
        let now = Double(time(nil))
        #expect(start > now - 86400 && start <= now + 1)
        #expect(try #require(values["process_max_fds"]) >= 64)
    }

    @Test("count the open descriptors")
    func descriptors() throws {
        let before = try #require(values()["process_open_fds"])
        let opened = (0..<50).map { _ in open("/dev/null", O_RDONLY) }
        let after = try #require(values()["process_open_fds"])
        opened.forEach { close($0) }
        // Other tests run beside this one and hold a few descriptors of their own.
        #expect(abs(after - before - 50) < 20)
        #expect(before > 2)
    }

    @Test("tell what was built")
    func build() {
        let registry = MetricsRegistry(workers: 0)
        BuildInfo(version: "1.2.3", revision: "abc").register(in: registry)
        let lines = String(decoding: registry.exposition(), as: UTF8.self).split(separator: "\n")
        #expect(lines.contains("coredns_panics_total 0"))
        let labels = "goversion=\"\(BuildInfo.compiler)\",revision=\"abc\",version=\"1.2.3\""
        #expect(lines.contains("coredns_build_info{\(labels)} 1"))
    }
}
