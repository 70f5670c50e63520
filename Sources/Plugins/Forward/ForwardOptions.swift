import DNSMessage

/// What the options of a `forward` say. Times in nanoseconds.
struct ForwardOptions: Sendable {
    /// Which upstream is asked first.
    enum Policy: String, CaseIterable, Sendable {
        case random
        case roundRobin = "round_robin"
        case sequential
    }

    var policy = Policy.random
    /// Asks over TCP, whatever the client used; stronger than `prefersUDP`.
    var forcesTCP = false
    /// Asks over UDP first, whatever the client used.
    var prefersUDP = false
    /// How long one try waits for its reply.
    var readTimeout: UInt64 = 2_000_000_000
    /// Health checks that fail one after another before an upstream is down; 0 never checks.
    var failsMax = 2
    /// Tries of one question, all upstreams together; nil is two for each.
    var triesMax: Int?
    var healthInterval: UInt64 = 500_000_000
    var healthIsRecursive = true
    var healthDomain = Name.root
    /// Questions under way at once, all workers together; 0 is no limit.
    var concurrentMax = 0
    /// Codes that make the next upstream be asked.
    var failoverCodes: [ResponseCode] = [.servFail, .refused]
    /// Codes that make the next `forward` be asked.
    var nextCodes: [ResponseCode] = []
    /// Whether an answer without data makes the next `forward` be asked.
    var passesNoData = false
    /// Fails at once where all upstreams are down, instead of asking one of them.
    var failsFast = false

    func triesMax(upstreams: Int) -> Int { triesMax ?? 2 * upstreams }
}
