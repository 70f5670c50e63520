import Dispatch
import Telemetry
import Testing

@Suite("metrics registry")
struct MetricsRegistryTests {
    @Test("returns the same family, series and cells when asked again")
    func same() {
        let registry = MetricsRegistry(workers: 1)
        let first = registry.counters("c", help: "h", labels: ["l"])
        let second = registry.counters("c", help: "h", labels: ["l"])
        #expect(first === second)
        first.counter(["x"]).add(1)
        second.counter(["x"]).add(1)
        #expect(first.counter(["x"]).value == 2)
        first.dense(["y"], count: 3) { _ in [] }.add(7, at: 2)
        #expect(second.dense(["y"], count: 3) { _ in [] }.total(at: 2) == 7)
        let histograms = registry.histograms("t", help: "h", buckets: TimeBuckets.self)
        histograms.histogram().observe(5)
        #expect(registry.histograms("t", help: "h", buckets: TimeBuckets.self).histogram().sum == 5)
    }

    @Test("adds up what workers and other threads count at the same time, and loses nothing")
    func concurrent() {
        let workers = 4
        let rounds = 50_000
        let registry = MetricsRegistry(workers: workers)
        let cells = registry.counters("c", help: "h", labels: ["n"]).dense([], count: 9) { ["\($0)"] }
        let histogram = registry.histograms("t", help: "h", buckets: TimeBuckets.self).histogram()
        let counter = registry.counter("k", help: "h")
        DispatchQueue.concurrentPerform(iterations: workers + 2) { thread in
            for round in 0..<rounds {
                if thread < workers {
                    cells.add(1, at: round % 9, by: WorkerSlot(thread))
                    histogram.observe(UInt64(round), by: WorkerSlot(thread))
                    counter.add(2, by: WorkerSlot(thread))
                } else {
                    cells.add(1, at: round % 9)
                    histogram.observe(UInt64(round))
                    counter.add(2)
                }
                if round % 10_000 == 0 { _ = registry.exposition() }
            }
        }
        #expect((0..<9).reduce(0) { $0 + cells.total(at: $1) } == UInt64((workers + 2) * rounds))
        #expect(counter.value == UInt64((workers + 2) * rounds * 2))
        #expect(histogram.count == UInt64((workers + 2) * rounds))
        #expect(histogram.sum == UInt64((workers + 2) * rounds * (rounds - 1) / 2))
    }

    @Test("counts what comes after too many label values in one series")
    func overflow() {
        let family = MetricsRegistry(workers: 0).counters("c", help: "h", labels: ["l"])
        for number in 0..<10_050 { family.counter(["\(number)"]).add() }
        #expect(family.counter(["overflow"]).value == 50)
        #expect(family.counter(["9999"]).value == 1)
    }

    @Test("traps when one name is used for different metrics")
    func clash() async {
        await #expect(processExitsWith: .failure) {
            let registry = MetricsRegistry(workers: 0)
            _ = registry.counter("c", help: "h")
            _ = registry.gauges("c", help: "h")
        }
    }

    @Test("traps when a worker that does not exist counts")
    func unknownWorker() async {
        await #expect(processExitsWith: .failure) {
            MetricsRegistry(workers: 2).counter("c", help: "h").add(by: WorkerSlot(2))
        }
    }
}
