/// What happened between two moments, at one server or at several together. Rates are per second.
struct ServerRates: Equatable {
    /// An upstream of `forward`.
    struct Upstream: Equatable {
        var rate = 0.0
        /// Of its answers, from 0 to 1; nil where there were none and nothing is known.
        var failureRatio: Double?
        /// In seconds.
        var roundTrip: Double?
        var isQuarantined = false
        var failedChecks = 0.0
    }

    var servers = 1
    var perSecond = ServerCounts()
    var state = ServerState()
    var upstreams: [String: Upstream] = [:]
    /// Cores in use.
    var cores: Double?

    /// Nothing yet, of no server.
    init() { servers = 0 }

    /// The difference of two moments of one server.
    init(from earlier: ServerSnapshot, to later: ServerSnapshot) {
        let elapsed = later.time > earlier.time ? Double(later.time - earlier.time) / 1_000_000_000 : 1
        // A server that started anew counts from zero.
        let isNew =
            earlier.state.startTime != later.state.startTime || later.counts.queries < earlier.counts.queries
        let base = isNew ? ServerSnapshot(metrics: [], time: earlier.time) : earlier
        perSecond = later.counts.perSecond(since: base.counts, elapsed)
        state = later.state
        cores = later.cpuSeconds.map { max(0, $0 - (base.cpuSeconds ?? 0)) / elapsed }
        for (address, upstream) in later.upstreams {
            upstreams[address] = Upstream(
                from: base.upstreams[address] ?? ServerSnapshot.Upstream(), to: upstream, elapsed)
        }
    }

    /// Several servers as if they were one.
    static func sum(_ all: [ServerRates]) -> ServerRates {
        var sum = ServerRates()
        for rates in all { sum.add(rates) }
        return sum
    }

    private mutating func add(_ other: ServerRates) {
        servers += other.servers
        perSecond = perSecond + other.perSecond
        state = state + other.state
        upstreams.merge(other.upstreams) { $0.joined(with: $1) }
        cores = ServerState.together(cores, other.cores, +)
    }

    // MARK: Figures

    /// Share of queries that the cache answered, of those that came to it; nil where none did.
    var hitRatio: Double? {
        let asked = perSecond.cacheHits + perSecond.cacheMisses
        return asked > 0 ? perSecond.cacheHits / asked : nil
    }

    /// Seconds that an answer took; nil without answers.
    var meanSeconds: Double? { perSecond.timed > 0 ? perSecond.seconds / perSecond.timed : nil }

    /// The bound that this share of the answers kept; nil without answers, infinite beyond the largest bound.
    func bound(share: Double) -> Double? {
        guard perSecond.timed > 0 else { return nil }
        return perSecond.within.filter { $0.value >= share * perSecond.timed * (1 - 1e-9) }.keys.min() ?? .infinity
    }
}

extension ServerRates.Upstream {
    fileprivate init(from earlier: ServerSnapshot.Upstream, to later: ServerSnapshot.Upstream, _ elapsed: Double) {
        let answers = max(0, later.answers - earlier.answers)
        rate = answers / elapsed
        let failures = max(0, later.failures - earlier.failures)
        failureRatio = later.errorRatio ?? (answers > 0 ? failures / answers : nil)
        let mean = answers > 0 ? max(0, later.seconds - earlier.seconds) / answers : nil
        roundTrip = mean ?? later.roundTrip
        isQuarantined = later.isQuarantined
        failedChecks = max(0, later.failedChecks - earlier.failedChecks) / elapsed
    }

    /// The same upstream as two servers see it; the busier one's figures weigh more.
    fileprivate func joined(with other: ServerRates.Upstream) -> ServerRates.Upstream {
        var joined = self
        let (own, others) = (max(rate, 1e-9), max(other.rate, 1e-9))
        func mean(_ a: Double?, _ b: Double?) -> Double? {
            guard let a, let b else { return a ?? b }
            return (a * own + b * others) / (own + others)
        }
        joined.rate += other.rate
        joined.roundTrip = mean(roundTrip, other.roundTrip)
        joined.failureRatio = mean(failureRatio, other.failureRatio)
        joined.isQuarantined = isQuarantined || other.isQuarantined
        joined.failedChecks += other.failedChecks
        return joined
    }
}
