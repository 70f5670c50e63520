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
    var queries = 0.0
    var types: [String: Double] = [:]
    var transports: [String: Double] = [:]
    var codes: [String: Double] = [:]
    var plugins: [String: Double] = [:]
    /// Seconds that answers took, and their number, and how many took no longer than so many seconds.
    var seconds = 0.0
    var timed = 0.0
    var within: [Double: Double] = [:]
    var cacheHits = 0.0
    var cacheMisses = 0.0
    var staleAnswers = 0.0
    var cacheEntries = 0.0
    var upstreams: [String: Upstream] = [:]
    /// Cores in use.
    var cores: Double?
    var residentBytes: Double?
    /// Unix time at which the oldest of them started.
    var startTime: Double?
    var versions: Set<String> = []
    var unlisted: Set<String> = []
    var resourceAge: Double?
    var names: [ServerSnapshot.Talker]?
    var clients: [ServerSnapshot.Talker]?

    /// Nothing yet, of no server.
    init() { servers = 0 }

    /// The difference of two moments of one server.
    init(from earlier: ServerSnapshot, to later: ServerSnapshot) {
        let elapsed = later.time > earlier.time ? Double(later.time - earlier.time) / 1_000_000_000 : 1
        // A server that started anew counts from zero.
        let isNew = earlier.startTime != later.startTime || later.queries < earlier.queries
        let base = isNew ? ServerSnapshot(metrics: [], time: earlier.time) : earlier
        func rate(_ value: KeyPath<ServerSnapshot, Double>) -> Double {
            max(0, later[keyPath: value] - base[keyPath: value]) / elapsed
        }
        func rates<Key>(_ values: KeyPath<ServerSnapshot, [Key: Double]>) -> [Key: Double] {
            var found: [Key: Double] = [:]
            for (key, value) in later[keyPath: values] {
                found[key] = max(0, value - (base[keyPath: values][key] ?? 0)) / elapsed
            }
            return found
        }
        queries = rate(\.queries)
        types = rates(\.types)
        transports = rates(\.transports)
        codes = rates(\.codes)
        plugins = rates(\.plugins)
        seconds = rate(\.seconds)
        timed = rate(\.timed)
        within = rates(\.within)
        cacheHits = rate(\.cacheHits)
        cacheMisses = rate(\.cacheMisses)
        staleAnswers = rate(\.staleAnswers)
        cacheEntries = later.cacheEntries
        cores = later.cpuSeconds.map { max(0, $0 - (base.cpuSeconds ?? 0)) / elapsed }
        residentBytes = later.residentBytes
        startTime = later.startTime
        versions = later.version.map { [$0] } ?? []
        unlisted = Set(later.unlisted)
        resourceAge = later.resourceAge
        names = later.names
        clients = later.clients
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
        queries += other.queries
        types.merge(other.types, uniquingKeysWith: +)
        transports.merge(other.transports, uniquingKeysWith: +)
        codes.merge(other.codes, uniquingKeysWith: +)
        plugins.merge(other.plugins, uniquingKeysWith: +)
        seconds += other.seconds
        timed += other.timed
        within.merge(other.within, uniquingKeysWith: +)
        cacheHits += other.cacheHits
        cacheMisses += other.cacheMisses
        staleAnswers += other.staleAnswers
        cacheEntries += other.cacheEntries
        upstreams.merge(other.upstreams) { $0.joined(with: $1) }
        cores = Self.together(cores, other.cores, +)
        residentBytes = Self.together(residentBytes, other.residentBytes, +)
        startTime = Self.together(startTime, other.startTime, min)
        versions.formUnion(other.versions)
        unlisted.formUnion(other.unlisted)
        resourceAge = Self.together(resourceAge, other.resourceAge, max)
        names = Self.together(names, other.names, Self.merged)
        clients = Self.together(clients, other.clients, Self.merged)
    }

    private static func together<Value>(_ a: Value?, _ b: Value?, _ join: (Value, Value) -> Value) -> Value? {
        guard let a else { return b }
        return b.map { join(a, $0) } ?? a
    }

    private static func merged(
        _ a: [ServerSnapshot.Talker], _ b: [ServerSnapshot.Talker]
    ) -> [ServerSnapshot.Talker] {
        var counts: [String: Int] = [:]
        for talker in a + b { counts[talker.name, default: 0] += talker.queries }
        return counts.map { ServerSnapshot.Talker(name: $0.key, queries: $0.value) }
            .sorted { ($1.queries, $0.name) < ($0.queries, $1.name) }
    }

    // MARK: Figures

    /// Share of queries that the cache answered, of those that came to it; nil where none did.
    var hitRatio: Double? {
        let asked = cacheHits + cacheMisses
        return asked > 0 ? cacheHits / asked : nil
    }

    /// Seconds that an answer took; nil without answers.
    var meanSeconds: Double? { timed > 0 ? seconds / timed : nil }

    /// The bound that this share of the answers kept; nil without answers, infinite beyond the largest bound.
    func bound(share: Double) -> Double? {
        guard timed > 0 else { return nil }
        return within.filter { $0.value >= share * timed * (1 - 1e-9) }.keys.min() ?? .infinity
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
