/// Every bound of looking names up, with what it protects. Times in nanoseconds.
enum Limits {
    // MARK: Files

    /// Files are not looked at more often.
    static let fileInterval: UInt64 = 2_000_000_000
    /// A larger hosts file is not taken.
    static let hostsBytesMax = 16 << 20
    /// Names of a hosts file, counted once for each line that they stand on; those behind are passed over.
    static let hostsNamesMax = 200_000
    /// Servers of `resolv.conf` that are asked, as in glibc (MAXNS).
    static let serversMax = 3

    // MARK: Queue

    /// Rounds of work that a thread does for others before it goes on with its own.
    static let roundsPerTurn = 8

    // MARK: Asking

    /// Questions under way at once, whatever the options say: what a client of a server takes.
    static let questionsMax = 2_048
    /// UDP size that servers are told: what passes without fragments (RFC 9715).
    static let udpSize: UInt16 = 1_232
    /// How long a server that failed is asked last.
    static let serverRest: UInt64 = 10_000_000_000
    /// How long a socket without a query is kept.
    static let socketRest: UInt64 = 5_000_000_000
    /// Aliases followed, in one reply and over several.
    static let aliasesMax = 16
    /// Letters of an explanation (RFC 8914) that are passed on.
    static let explanationMax = 200

    // MARK: Results

    /// Addresses that are put in order; those behind keep their places.
    static let orderedAddressesMax = 128
    /// Targets of a service whose addresses are looked up where they did not come along.
    static let serviceTargetsMax = 32
    /// Time, in seconds, that what never changes may be used (RFC 2181 §8).
    static let timeToLiveMax: UInt32 = 2_147_483_647
    /// Time, in seconds, that an answer from a hosts file may be used: about until the next look.
    static let hostsTimeToLive: UInt32 = 2

    // MARK: Cache

    /// Seconds that an answer is kept at most.
    static let cachedTimeMax: UInt32 = 86_400
    /// Seconds that a denial is kept at most (RFC 2308 §5).
    static let deniedTimeMax: UInt32 = 10_800
    /// Records of one answer, beyond which it is not kept.
    static let cachedRecordsMax = 256
}
