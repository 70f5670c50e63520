/// Bounds of forwarding. Times in nanoseconds.
enum ForwardLimits {
    /// Upstreams of one `forward`, as in CoreDNS.
    static let upstreamsMax = 15
    /// Questions that one worker has under way for one `forward`.
    static let inquiriesMax = 8_192
    /// Equal queries that wait for one question.
    static let waitersMax = 1_024
    /// Questions whose memory is kept for the next ones.
    static let spareInquiriesMax = 256
    /// Exchanges that one question has under way at once.
    static let exchangesMax = 8
    /// From the arrival of a query to the reply, whatever happens: stub resolvers give up after 5 s.
    static let budget: UInt64 = 4_500_000_000
    /// An exchange that does not end by itself at its deadline is ended so much later.
    static let endDelay: UInt64 = 20_000_000
    /// What a query gets that has waited elsewhere for most of its budget.
    static let budgetMin: UInt64 = 200_000_000
    /// How long a reply that failed waits for a better one.
    static let patience: UInt64 = 1_000_000_000
    /// A second upstream is asked no earlier than this.
    static let hedgeDelayMin: UInt64 = 10_000_000
    /// Round trips known before an upstream's p95 is believed.
    static let hedgeSamplesMin = 16
    /// Hedges a hundred queries may cause.
    static let hedgesPerHundred = 10
    /// Hedges that may be saved up.
    static let hedgesSavedMax = 20
    /// Until a question is asked again: at least, at most, and where nothing is known of the upstream.
    static let retryDelayMin: UInt64 = 250_000_000
    static let retryDelayMax: UInt64 = 1_500_000_000
    static let retryDelayUnknown: UInt64 = 800_000_000
    /// A health check has this long, as in CoreDNS.
    static let healthTimeout: UInt64 = 1_000_000_000
    /// Options of a client's OPT record passed on, in bytes; more are left out.
    static let optionsMax = 1_024
    /// Aliases followed in one reply; records behind them are dropped.
    static let aliasesMax = 16
    /// A look-up of an upstream's host name has this long for each try, and so many tries.
    static let lookupSeconds = 2
    static let lookupTries = 2
}
