import DNSMessage
@testable import Plugins

/// A store with answers that are plain numbers, to be told apart.
struct StoreDriver: Sendable {
    let store: AnswerStore

    init(bytes: Int = CacheLimits.bytesMin, staleFor: Duration = .zero) throws {
        guard let store = AnswerStore(bytes: bytes, staleFor: staleFor) else { throw NoMemory() }
        self.store = store
    }

    struct NoMemory: Error {}

    /// What is stored of a key.
    struct Found: Equatable {
        var number: UInt64
        var length: Int
        var ttl: UInt32
    }

    private func withKey<Result>(_ key: Int, _ body: (AnswerKey) -> Result) -> Result {
        var scratch = NameScratch()
        let name = scratch.read(Name(stringLiteral: "name-\(key).of.some.zone.example"))
        let question = QuestionView(name: name, type: .a, class: .internet)
        return body(AnswerKey(question, bits: 0, seed: store.table.seed))
    }

    /// Stores `number`, repeated to `length` bytes, under a key.
    @discardableResult
    func put(
        _ key: Int, _ number: UInt64, length: Int = 64, ttl: UInt32 = 60, kind: EntryHead.Kind = .success,
        now: UInt64 = 0
    ) -> Evictions {
        let words = [UInt64](repeating: number, count: length / 8)
        return words.withUnsafeBytes { bytes in
            withKey(key) { key in
                let answer = StoredAnswer(
                    kind: kind, ttl: ttl, flags: 0, layout: .empty, starts: UnsafeBufferPointer(start: nil, count: 0),
                    body: bytes)
                return store.table.store(answer, under: key, now: now)
            }
        }
    }

    /// What a hit finds. It must be of one piece.
    func get(_ key: Int) -> Found? {
        withKey(key) { key in
            store.table.withShard(of: key) { shard in
                guard let entry = shard.pointee.find(key) else { return nil }
                if entry.head.pointee.frequency < CacheLimits.frequencyMax { entry.head.pointee.frequency += 1 }
                let words = stride(from: 0, to: entry.body.count, by: 8).map {
                    entry.body.loadUnaligned(fromByteOffset: $0, as: UInt64.self)
                }
                guard let first = words.first, words.allSatisfy({ $0 == first }) else {
                    return Found(number: .max, length: -1, ttl: 0)
                }
                return Found(number: first, length: entry.body.count, ttl: entry.head.pointee.ttl)
            }
        }
    }

    func remove(_ key: Int) { withKey(key) { store.table.remove($0) } }
}
