/// Bounds of the cache.
enum CacheLimits {
    /// What one entry of CoreDNS's capacities is worth, in bytes: an answer with a few addresses and its bookkeeping.
    static let bytesPerEntry = 256
    /// The smallest budget that is worth having.
    static let bytesMin = 1 << 16
    /// The largest budget: what positions in the store can tell apart.
    static let bytesMax = 1 << 40
    /// More shards than workers can stand in each other's way at.
    static let shardsMax = 256
    /// Room that a shard wants, so that long answers find a place.
    static let shardBytesMin = 1 << 16
    /// The same of the largest shard, whose positions have 32 bits and count words of eight bytes.
    static let shardBytesMax = 1 << 34
    /// Share of a shard for entries that nobody asked for twice yet: one part in so many.
    static let probationParts = 10
    /// Hits that an entry is remembered for when its turn to go comes.
    static let frequencyMax: UInt8 = 3
    /// Longest time that a failure is remembered (RFC 9520 §3.2).
    static let failureMax = Duration.seconds(300)
    /// Proven entries past their time that one new entry may sweep out.
    static let sweptAtOnce = 4
    /// How long a refresh may take before another is tried.
    static let refreshPatience: UInt64 = 10_000_000_000
    /// How long a failed refresh keeps others away, where the Corefile says nothing.
    static let recheckDefault = Duration.seconds(5)
    /// What an answer without any record is kept for, in seconds.
    static let emptyAnswerTTL: UInt32 = 5
    /// Looks at a taken lock before the thread lets others run.
    static let spinsMax = 64
}
