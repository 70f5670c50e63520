import Dispatch
import PluginKit
import Synchronization
import Telemetry
import Testing

struct PublishedTests {
    /// Tells when it is freed.
    private final class Version: Sendable {
        let number: Int
        let freed: Counter

        init(_ number: Int, _ freed: Counter) {
            self.number = number
            self.freed = freed
        }

        deinit { freed.count.wrappingAdd(1, ordering: .relaxed) }
    }

    private final class Counter: Sendable {
        let count = Atomic(0)
    }

    @Test("a reader sees the newest version, and an old one is freed once replaced")
    func replacement() {
        let freed = Counter()
        let published = Published(Version(0, freed), workers: 1)
        for number in 1...10 {
            published.publish(Version(number, freed))
            #expect(published.reader.read(WorkerSlot(0)) { $0.pointee.number } == number)
            #expect(freed.count.load(ordering: .relaxed) == number)
        }
    }

    @Test("a version that is being read stays until the reader has left it")
    func heldVersion() {
        let freed = Counter()
        let published = Published(Version(0, freed), workers: 2)
        published.reader.read(WorkerSlot(1)) { version in
            published.publish(Version(1, freed))
            #expect(version.pointee.number == 0)
            #expect(freed.count.load(ordering: .relaxed) == 0)
        }
        published.publish(Version(2, freed))
        #expect(freed.count.load(ordering: .relaxed) == 2)
    }

    @Test("readers on several threads never go back in time and never see a freed version")
    func concurrency() {
        let freed = Counter()
        let published = Published(Version(0, freed), workers: 3)
        let last = 20_000
        DispatchQueue.concurrentPerform(iterations: 4) { index in
            if index == 3 {
                for number in 1...last { published.publish(Version(number, freed)) }
                return
            }
            var seen = 0
            for _ in 0..<2_000_000 where seen < last {
                let number = published.reader.read(WorkerSlot(index)) { $0.pointee.number }
                if number < seen { Issue.record("went back from \(seen) to \(number)") }
                seen = number
            }
        }
        #expect(freed.count.load(ordering: .relaxed) == last)
    }
}
