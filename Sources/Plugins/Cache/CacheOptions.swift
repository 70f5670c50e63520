import DNSMessage

/// What a `cache` line says, checked.
struct CacheOptions: Hashable, Sendable {
    /// How long answers of a kind are kept, in seconds.
    struct Lifetime: Hashable, Sendable {
        var longest: UInt32
        var shortest: UInt32 = 5

        /// A record's TTL as this cache shows it.
        func fitted(_ ttl: UInt32) -> UInt32 { min(max(ttl, shortest), longest) }
    }

    /// When an answer is fetched anew before it ends.
    struct Prefetch: Hashable, Sendable {
        /// Hits that make it worth while.
        var hits: UInt16
        /// A pause between hits that is longer starts the count again; nanoseconds.
        var pause: UInt64 = 60_000_000_000
        /// What is left of the TTL when it happens, in percent.
        var percentage: UInt32 = 10

        /// Whether an answer with so much of its TTL left is due.
        func isDue(remaining: UInt32, of ttl: UInt32) -> Bool {
            UInt64(remaining) * 100 < UInt64(ttl) * UInt64(percentage) + 100
        }
    }

    /// What becomes of answers past their TTL.
    struct Stale: Hashable, Sendable {
        enum Mode: Hashable, Sendable {
            /// They are given at once and refreshed afterwards.
            case immediate
            /// They are given where the refresh fails, or takes longer than this.
            case verify(timeout: Duration?)
        }

        var duration = Duration.seconds(3600)
        var mode = Mode.immediate
        /// Seconds that clients are told.
        var ttl: UInt32 = 0
        var recheck = CacheLimits.recheckDefault
        var prefersData = false
    }

    var zones: [Name] = []
    var success = Lifetime(longest: 3600)
    var denial = Lifetime(longest: 1800)
    var successCapacity = 10_000
    var denialCapacity = 10_000
    /// Bytes; nil where the capacities count.
    var size: Int?
    var prefetch: Prefetch?
    var stale: Stale?
    /// How long failures are remembered, in seconds; 0 for not at all.
    var failure: UInt32 = 5
    /// Zones whose data is not stored.
    var withoutSuccess: [Name] = []
    /// Zones whose denials are not stored.
    var withoutDenial: [Name] = []
    var keepsTTL = false

    /// What the store may take, in bytes.
    var bytes: Int {
        let wanted = size ?? (successCapacity + denialCapacity) * CacheLimits.bytesPerEntry
        return min(max(wanted, CacheLimits.bytesMin), CacheLimits.bytesMax)
    }
}
