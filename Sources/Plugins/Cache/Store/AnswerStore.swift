import DNSMessage
import Glibc

/// Answers of one block for all its workers, in wire form and in memory of a fixed size.
final class AnswerStore: Sendable {
    /// What workers touch.
    let table: AnswerTable
    private let bytes: Int

    /// Reserves the memory, which is taken only as it is filled; nil if the machine has no such room.
    init?(bytes: Int, staleFor: Duration) {
        var count = 1
        while count < CacheLimits.shardsMax, bytes / (count * 2) >= CacheLimits.shardBytesMin { count *= 2 }
        let shardBytes = min(bytes / count, CacheLimits.shardBytesMax) & ~63
        self.bytes = shardBytes * count
        let map = mmap(nil, self.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let map, map != MAP_FAILED else { return nil }
        // Huge pages would take two megabytes for the first entry.
        madvise(map, self.bytes, MADV_NOHUGEPAGE)
        let stale = Int64(clamping: Int64(staleFor / .nanoseconds(1)))
        table = AnswerTable(map, shardCount: count, shardBytes: shardBytes, staleFor: stale)
    }

    deinit {
        table.deallocate()
        munmap(table.memory, bytes)
    }
}

// Guard of `@unchecked Sendable`: shards are touched under their locks only; everything else is immutable.
/// The shards of a store in plain memory: copying this counts no reference. Valid as long as the store.
struct AnswerTable: @unchecked Sendable {
    /// Differs from process to process, so that nobody outside knows which names share a bucket.
    let seed = UInt64.random(in: 0 ... .max)
    fileprivate let memory: UnsafeMutableRawPointer
    private let shards: UnsafeMutablePointer<Shard>
    private let shardCount: Int
    private let locks: SpinLocks

    fileprivate init(_ memory: UnsafeMutableRawPointer, shardCount: Int, shardBytes: Int, staleFor: Int64) {
        self.memory = memory
        self.shardCount = shardCount
        locks = SpinLocks(count: shardCount)
        shards = .allocate(capacity: shardCount)
        for index in 0..<shardCount {
            (shards + index).initialize(
                to: Shard(memory + index * shardBytes, bytes: shardBytes, staleFor: staleFor))
        }
    }

    fileprivate func deallocate() {
        shards.deallocate()
        locks.deallocate()
    }

    /// Calls `body` with the shard of a key while nobody else has it.
    @inline(__always)
    func withShard<Result>(of key: AnswerKey, _ body: (UnsafeMutablePointer<Shard>) -> Result) -> Result {
        let index = Int(truncatingIfNeeded: key.hash) & (shardCount &- 1)
        return locks.hold(index) { body(shards + index) }
    }

    /// Entries with data, and all others.
    var counts: (success: Int, denial: Int) {
        (0..<shardCount).reduce((0, 0)) { sum, index in
            locks.hold(index) { (sum.0 + shards[index].successCount, sum.1 + shards[index].denialCount) }
        }
    }

    /// Forgets a key.
    func remove(_ key: AnswerKey) {
        withShard(of: key) { shard in
            if let entry = shard.pointee.find(key) { shard.pointee.remove(entry) }
        }
    }

    /// Stores what `answer` shows, in the place of what was there. Tells what had to go.
    func store(_ answer: StoredAnswer, under key: AnswerKey, now: UInt64) -> Evictions {
        let records = answer.layout.recordCount
        let size = EntryHead.size(name: key.nameLength, records: records, body: answer.body.count)
        return withShard(of: key) { shard in
            if let entry = shard.pointee.place(key, answer.kind, size: size, now: now) {
                answer.write(to: entry, key, now: now)
            }
            let evicted = shard.pointee.evicted
            shard.pointee.evicted = Evictions()
            return evicted
        }
    }
}

/// An answer as it goes into the store, in the memory of the query.
struct StoredAnswer {
    var kind: EntryHead.Kind
    /// Seconds.
    var ttl: UInt32
    /// AA, RA, AD and the response code.
    var flags: UInt16
    var layout: BodyLayout
    var starts: UnsafeBufferPointer<UInt16>
    var body: UnsafeRawBufferPointer

    fileprivate func write(to entry: EntryPointer, _ key: AnswerKey, now: UInt64) {
        entry.head.pointee.storedAt = now
        entry.head.pointee.ttl = ttl
        entry.head.pointee.flags = flags
        entry.head.pointee.refreshAfter = 0
        entry.head.pointee.layout = layout
        entry.head.pointee.bodyLength = UInt16(truncatingIfNeeded: body.count)
        entry.name.copyMemory(from: key.name, byteCount: key.nameLength)
        if let source = starts.baseAddress { entry.starts.update(from: source, count: starts.count) }
        if let source = body.baseAddress, let target = entry.body.baseAddress {
            target.copyMemory(from: source, byteCount: body.count)
        }
    }
}
