@testable import Plugins
import Dispatch
import Locking
import TestSupport
import Testing

@Suite("cache: the store")
struct AnswerStoreTests {
    @Test("an entry's head has the length that the layout counts with")
    func layout() {
        #expect(MemoryLayout<EntryHead>.stride == EntryHead.length)
        #expect(unsafeBitCast(EntryHead.Kind.dead, to: UInt8.self) == EntryHead.Kind.dead.rawValue)
    }

    @Test(
        "finds what was stored last or nothing, never anything else, whatever is stored, replaced and removed",
        arguments: [UInt64](1...8))
    func model(seed: UInt64) throws {
        var random = SeededRandom(seed)
        let driver = try StoreDriver()
        var model: [Int: (found: StoreDriver.Found, kind: EntryHead.Kind)] = [:]
        var evictions = 0
        var (stored, found) = (0, 0)
        for step in 0..<20_000 {
            let key = Int(random.next() % 500)
            switch random.next() % 10 {
            case 0:
                driver.remove(key)
                model[key] = nil
            case 1...4:
                let length =
                    random.next() % 50 == 0 ? 8 * Int(random.next() % 3_000 + 1) : 8 * Int(random.next() % 40 + 1)
                let ttl = UInt32(random.next() % 100 + 1)
                let kind: EntryHead.Kind = random.next() % 3 == 0 ? .denial : .success
                let evicted = driver.put(
                    key, UInt64(step), length: length, ttl: ttl, kind: kind, now: UInt64(step) * 10_000_000)
                evictions += evicted.success + evicted.denial
                model[key] = (StoreDriver.Found(number: UInt64(step), length: length, ttl: ttl), kind)
                stored += 1
            default:
                guard let answer = driver.get(key) else { continue }
                #expect(answer == model[key]?.found)
                found += 1
            }
        }
        #expect(stored > 5_000 && found > 1_000 && evictions > 100)
        // What is counted is what is there.
        let present = model.keys.filter { driver.get($0) != nil }
        let counts = driver.store.table.counts
        #expect(counts.success == present.filter { model[$0]?.kind == .success }.count)
        #expect(counts.denial == present.filter { model[$0]?.kind == .denial }.count)
    }

    @Test("names that are asked for again and again survive a scan of a hundred thousand others")
    func scan() throws {
        let driver = try StoreDriver(bytes: 256 << 10)
        for key in 0..<100 { driver.put(key, 1) }
        for _ in 0..<2 { for key in 0..<100 { _ = driver.get(key) } }
        for key in 1_000..<101_000 {
            driver.put(key, 2)
            // The hot ones are asked for once while the whole store would be filled anew.
            if key % 500 == 0 { for hot in 0..<100 { _ = driver.get(hot) } }
        }
        let survivors = (0..<100).filter { driver.get($0) != nil }.count
        #expect(survivors > 90)
        #expect(driver.store.table.counts.success < (256 << 10) / EntryHead.size(name: 30, records: 0, body: 64))
    }

    @Test("as long as there is room, nothing goes")
    func room() throws {
        let driver = try StoreDriver()
        for key in 0..<200 { driver.put(key, 1) }
        #expect((0..<200).filter { driver.get($0) != nil }.count > 190)
    }

    @Test("memory is as it was said, whatever is stored")
    func budget() throws {
        let driver = try StoreDriver(bytes: 1 << 20)
        for key in 0..<20_000 { driver.put(key, 1) }
        let entry = EntryHead.size(name: 30, records: 0, body: 64)
        let count = driver.store.table.counts.success
        #expect(count < (1 << 20) / entry && count > (1 << 20) * 7 / 10 / entry)
    }

    @Test("an entry that comes back soon after it went is taken for proven")
    func ghosts() throws {
        let driver = try StoreDriver()
        for key in 1_000..<2_000 { driver.put(key, 1) }
        for key in 0..<20 { driver.put(key, 1) }
        for key in 100..<160 { driver.put(key, 1) }
        // Where a name goes depends on a seed: one or another may have been left.
        let gone = (0..<20).filter { driver.get($0) == nil }
        #expect(gone.count > 10)
        for key in gone { driver.put(key, 2) }
        for key in 200..<300 { driver.put(key, 1) }
        // Some hashes were overwritten meanwhile.
        #expect(gone.filter { driver.get($0)?.number == 2 }.count >= gone.count / 4)
    }

    @Test("what is past its TTL goes first, however often it was asked for")
    func expired() throws {
        let driver = try StoreDriver()
        for key in 0..<20 { driver.put(key, 1, ttl: 1) }
        for _ in 0..<5 { for key in 0..<20 { _ = driver.get(key) } }
        for key in 100..<1_000 { driver.put(key, 1, now: 2_000_000_000) }
        #expect((0..<20).allSatisfy { driver.get($0) == nil })
    }

    @Test("an answer that is too long for its shard is not kept, and what it would replace goes")
    func tooLong() throws {
        let driver = try StoreDriver()
        driver.put(1, 1)
        driver.put(1, 2, length: 60_000)
        #expect(driver.get(1) == nil)
        driver.put(1, 3, length: 16_000)
        #expect(driver.get(1) == StoreDriver.Found(number: 3, length: 16_000, ttl: 60))
    }

    @Test("all workers at once: every answer that is found is whole, and one that was stored under its key")
    func threads() throws {
        let driver = try StoreDriver(bytes: 512 << 10)
        let results = Verdicts()
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            var random = SeededRandom(UInt64(thread) + 99)
            for _ in 0..<10_000 {
                let key = Int(random.next() % 3_000)
                if random.next() % 3 == 0 {
                    driver.put(key, UInt64(key) << 32 | random.next() % 1_000, length: 8 * Int(random.next() % 30 + 1))
                } else if let found = driver.get(key), found.length < 0 || found.number >> 32 != UInt64(key) {
                    results.add()
                }
            }
        }
        #expect(results.count == 0)
        #expect(driver.store.table.counts.success > 100)
    }
}

/// Counts from several threads.
private final class Verdicts: Sendable {
    private let total = Lock(0)
    func add() { total.withLock { $0 += 1 } }
    var count: Int { total.withLock { $0 } }
}
