import DNSMessage
import PluginKit
import Telemetry

/// Keeps answers of the plugins below, and gives them again until their TTL is over.
final class CachePlugin: QueryHandling, ResponseReviewing {
    let options: CacheOptions
    /// Time of the monotonic clock; tests set one of their own.
    // Written before the first query, and read only afterwards.
    nonisolated(unsafe) var clock: @Sendable () -> UInt64 = { MonotonicClock.nowNanoseconds() }
    private let identity: CacheKeeper.Identity
    private let keeper: CacheKeeper
    private let families: CacheCounters
    private let block: Int
    private let position: Int
    private let zones: ZoneSet
    private let withoutSuccess: ZoneSet
    private let withoutDenial: ZoneSet
    // What follows is written before the first query and read only afterwards.
    private nonisolated(unsafe) var store: AnswerStore?
    private nonisolated(unsafe) var table: AnswerTable?
    private nonisolated(unsafe) var sites = CacheSites()
    private nonisolated(unsafe) var memory = MemoryNeighbours()
    private nonisolated(unsafe) var stopObserving: @Sendable () -> Void = {}
    /// For each worker the queries that wait for a refresh; touched on its queue only.
    private nonisolated(unsafe) var waiters = UnsafeMutableBufferPointer<StaleWaiters>(start: nil, count: 0)

    init(_ options: CacheOptions, _ keeper: CacheKeeper, _ setup: Setup) {
        self.options = options
        self.keeper = keeper
        identity = CacheKeeper.Identity(options: options, zones: setup.block.zones, words: setup.block.words)
        families = CacheCounters(setup.metrics)
        block = setup.block.index
        position = setup.position
        zones = ZoneSet(options.zones)
        withoutSuccess = ZoneSet(options.withoutSuccess)
        withoutDenial = ZoneSet(options.withoutDenial)
    }

    deinit {
        sites.deallocate()
        memory.deallocate()
        waiters.deinitialize()
        waiters.deallocate()
    }

    // MARK: On the way down

    func onQuery(_ query: inout Query) -> Verdict {
        guard let table, concerns(query), let counters = sites.counters(of: query.site) else { return .next }
        counters.pointee.requests.add(by: query.worker)
        // Nothing of theirs is ever stored.
        if memory.answersAll(query.question.name) {
            counters.pointee.misses.add(by: query.worker)
            return .next
        }
        switch find(&query, in: table) {
        case .nothing:
            counters.pointee.misses.add(by: query.worker)
            return .next
        case .answered(let finding):
            count(finding, counters, query.worker)
            if finding.refreshes {
                counters.pointee.prefetches.add(by: query.worker)
                query.askInBackground()
            }
            return .reply
        case .verify(let finding):
            count(finding, counters, query.worker)
            return verify(&query)
        }
    }

    /// Whether the query is one that could be stored.
    @inline(__always)
    private func concerns(_ query: borrowing Query) -> Bool {
        query.question.class == .internet && query.request.flags.opcode == .query
            && query.question.type != .axfr && query.question.type != .ixfr
            && zones.closest(query.question.name) != nil
    }

    private func count(
        _ finding: Finding, _ counters: UnsafeMutablePointer<SiteCacheCounters>, _ worker: WorkerSlot
    ) {
        if finding.kind == .success {
            counters.pointee.hits.add(by: worker)
        } else {
            counters.pointee.denialHits.add(by: worker)
        }
        if finding.isStale { counters.pointee.stale.add(by: worker) }
    }

    // MARK: On the way up

    func review(_ query: inout Query) -> Review {
        guard query.responder != position, let table, !query.isDropped else { return .keep }
        if memory.answered(query.responder) || query.question.class != .internet {
            fitUniform(&query)
            return .keep
        }
        guard concerns(query), let counters = sites.counters(of: query.site) else { return .keep }
        guard query.response.writer.asks(query.question.name) else {
            counters.pointee.drops.add(by: query.worker)
            return .keep
        }
        settle(&query, table, counters)
        if query.isBackground { waiters[query.worker.index].resume(query, self) }
        return .keep
    }

    /// Stores the answer, or replaces it by a better one that is stored.
    private func settle(
        _ query: inout Query, _ table: AnswerTable, _ counters: UnsafeMutablePointer<SiteCacheCounters>
    ) {
        let now = clock()
        let code = query.response.responseCode
        if code != .noError, code != .nxDomain, rescue(&query, table, now) {
            if !query.isBackground { counters.pointee.stale.add(by: query.worker) }
            return
        }
        defer { hideAuthenticData(&query) }
        let answerClass = AnswerClass(query)
        let ttl = fit(&query, answerClass)
        guard let kind = storable(query, answerClass), ttl > 0 else { return }
        let kept: UInt16 =
            HeaderFlags.authoritativeBit | HeaderFlags.recursionAvailableBit | HeaderFlags.authenticDataBit
        let answer = StoredAnswer(
            kind: kind, ttl: ttl, flags: query.response.flags.rawValue & kept | code.rawValue & 15,
            layout: query.response.writer.bodyLayout, starts: query.response.writer.recordStarts,
            body: query.response.writer.body)
        let separate = options.stale?.prefersData == true
        let key = key(query, table, denial: separate && kind != .success)
        let evicted = table.store(answer, under: key, now: now)
        if separate, kind == .success { table.remove(self.key(query, table, denial: true)) }
        if evicted.success > 0 { counters.pointee.evictions.add(UInt64(evicted.success), by: query.worker) }
        if evicted.denial > 0 { counters.pointee.denialEvictions.add(UInt64(evicted.denial), by: query.worker) }
    }

    /// AD is for who asks for it (RFC 6840 §5.8).
    @inline(__always)
    private func hideAuthenticData(_ query: inout Query) {
        guard query.response.flags.authenticData, !query.request.flags.authenticData,
            query.request.edns?.dnssecOK != true
        else { return }
        query.response.flags.authenticData = false
    }

    /// Gives all records the TTL that this cache allows, and returns it; 0 stays 0.
    @discardableResult
    private func fit(_ query: inout Query, _ answerClass: AnswerClass) -> UInt32 {
        let shortest = query.response.writer.shortestTimeToLive
        if shortest == 0 { return 0 }
        let ttl: UInt32
        switch answerClass {
        case .failure: return options.failure
        case .denial:
            let told = min(shortest ?? CacheLimits.emptyAnswerTTL, AnswerClass.minimum(query) ?? .max)
            if told == 0 { return 0 }
            ttl = options.denial.fitted(told)
        case .success, .other: ttl = options.success.fitted(shortest ?? CacheLimits.emptyAnswerTTL)
        }
        query.response.writer.setTimeToLive(ttl)
        return ttl
    }

    /// The same for an answer that is not stored, whose records have one TTL as a rule: the first one tells.
    @inline(__always)
    private func fitUniform(_ query: inout Query) {
        guard let first = query.response.writer.firstTimeToLive, first > 0 else { return }
        let isData = query.response.writer.answerCount > 0
        guard (isData ? options.success : options.denial).fitted(first) != first,
            zones.closest(query.question.name) != nil
        else { return }
        fit(&query, AnswerClass(query))
    }

    /// As what the answer is stored; nil if it is not.
    private func storable(_ query: borrowing Query, _ answerClass: AnswerClass) -> EntryHead.Kind? {
        guard !query.response.isTransient, !query.response.flags.isTruncated,
            query.response.writer.cutSection == nil
        else { return nil }
        guard !AnswerClass.isOneClients(query) else { return nil }
        switch answerClass {
        case .other: return nil
        // Whoever is not to look a name up tells what it has at hand, which is no answer for those who want one.
        case .failure where !query.request.flags.recursionDesired: return nil
        case .success where !query.request.flags.recursionDesired && query.response.writer.answerCount == 0: return nil
        case .success where withoutSuccess.closest(query.question.name) != nil: return nil
        case .denial where withoutDenial.closest(query.question.name) != nil: return nil
        case .failure where withoutDenial.closest(query.question.name) != nil: return nil
        case .failure: return isFailureOfName(query) ? .failure : nil
        case .success, .denial:
            if query.response.dnssecOK, AnswerClass.hasUselessSignature(query) { return nil }
            return answerClass == .success ? .success : .denial
        }
    }

    /// Whether a failure is one of whoever was asked for the name: who fails for other reasons names none.
    private func isFailureOfName(_ query: borrowing Query) -> Bool {
        query.responder != nil || query.failure != nil
    }
}

// MARK: - Entries

extension CachePlugin {
    /// What was found, for counting.
    struct Finding {
        var kind: EntryHead.Kind
        var isStale = false
        /// Whether the entry is to be fetched anew.
        var refreshes = false
    }

    /// What became of looking for an answer.
    enum Search {
        case nothing
        /// The response holds it.
        case answered(Finding)
        /// There is one past its TTL, which is given only if there is no newer one.
        case verify(Finding)
    }

    /// How far past its TTL an entry may be.
    private enum Age { case fresh, stale, staleWhatever }

    private func key(_ query: borrowing Query, _ table: AnswerTable, denial: Bool = false) -> AnswerKey {
        let bits = AnswerKey.bits(query) | (denial ? AnswerKey.denialBit : 0)
        return AnswerKey(query.question, bits: bits, seed: table.seed)
    }

    private func find(_ query: inout Query, in table: AnswerTable) -> Search {
        guard options.stale?.prefersData == true else {
            return look(key(query, table), options.stale == nil ? .fresh : .stale, &query, table)
        }
        let denial = look(key(query, table, denial: true), .fresh, &query, table)
        if case .answered = denial { return denial }
        let data = look(key(query, table), .stale, &query, table)
        if case .nothing = data { return look(key(query, table, denial: true), .stale, &query, table) }
        return data
    }

    /// The stored answer although it is past its TTL, for a query whose time is over.
    func findStale(_ query: inout Query) -> Verdict {
        guard let table else { return .next }
        var search = look(key(query, table), .staleWhatever, &query, table)
        if case .nothing = search, options.stale?.prefersData == true {
            search = look(key(query, table, denial: true), .staleWhatever, &query, table)
        }
        guard case .answered(let finding) = search else { return .next }
        if finding.isStale { sites.counters(of: query.site)?.pointee.stale.add(by: query.worker) }
        return .reply
    }

    private func look(_ key: AnswerKey, _ age: Age, _ query: inout Query, _ table: AnswerTable) -> Search {
        // A refresh or a wait ends later than the query came.
        let now = age == .staleWhatever ? clock() : query.receivedAt
        return table.withShard(of: key) { shard in
            guard let entry = shard.pointee.find(key) else { return .nothing }
            let remaining = entry.remaining(at: now)
            let kind = entry.head.pointee.kind
            if entry.head.pointee.frequency < CacheLimits.frequencyMax { entry.head.pointee.frequency += 1 }
            if remaining > 0 {
                write(entry, ttl: options.keepsTTL ? entry.head.pointee.ttl : remaining, to: &query)
                return .answered(Finding(kind: kind, refreshes: isDue(entry, remaining, now)))
            }
            guard age != .fresh, kind != .failure, isUsable(entry, now) else { return .nothing }
            return stale(entry, age, now, &query)
        }
    }

    private func stale(_ entry: EntryPointer, _ age: Age, _ now: UInt64, _ query: inout Query) -> Search {
        guard let stale = options.stale else { return .nothing }
        let mayRefresh = now >= entry.head.pointee.refreshAfter
        if age == .stale, mayRefresh, case .verify = stale.mode {
            return .verify(Finding(kind: entry.head.pointee.kind))
        }
        var finding = Finding(kind: entry.head.pointee.kind, isStale: true)
        if age == .stale, mayRefresh {
            entry.head.pointee.refreshAfter = now + CacheLimits.refreshPatience
            finding.refreshes = true
        }
        writeStale(entry, stale, to: &query)
        return .answered(finding)
    }

    /// Whether an entry past its TTL may still be given.
    private func isUsable(_ entry: EntryPointer, _ now: UInt64) -> Bool {
        guard let stale = options.stale else { return false }
        return entry.overdue(at: now) < Int64(clamping: Int64(stale.duration / .nanoseconds(1)))
    }

    /// Whether the entry has been asked for often enough lately, and ends soon. Only one caller is told so.
    private func isDue(_ entry: EntryPointer, _ remaining: UInt32, _ now: UInt64) -> Bool {
        guard let prefetch = options.prefetch else { return false }
        let lastHit = entry.head.pointee.lastHit
        let isLately = now < lastHit || now - lastHit < prefetch.pause
        let hits = isLately ? entry.head.pointee.hits &+ 1 : 1
        entry.head.pointee.hits = hits == 0 ? .max : hits
        entry.head.pointee.lastHit = now
        guard entry.head.pointee.hits >= prefetch.hits, now >= entry.head.pointee.refreshAfter,
            prefetch.isDue(remaining: remaining, of: entry.head.pointee.ttl)
        else { return false }
        entry.head.pointee.refreshAfter = now + CacheLimits.refreshPatience
        return true
    }

    @inline(__always)
    private func write(_ entry: EntryPointer, ttl: UInt32, to query: inout Query) {
        let head = entry.head
        query.response.writer.adopt(
            UnsafeRawBufferPointer(entry.body), head.pointee.layout, starts: UnsafePointer(entry.starts), ttl: ttl)
        let flags = head.pointee.flags
        query.response.responseCode = ResponseCode(rawValue: flags & 15)
        query.response.flags.rawValue |=
            flags & (HeaderFlags.authoritativeBit | HeaderFlags.recursionAvailableBit)
        if flags & HeaderFlags.authenticDataBit != 0 { query.response.flags.authenticData = true }
        hideAuthenticData(&query)
        if head.pointee.kind == .failure { query.response.explain(.cachedError, "") }
    }

    private func writeStale(_ entry: EntryPointer, _ stale: CacheOptions.Stale, to query: inout Query) {
        write(entry, ttl: options.keepsTTL ? entry.head.pointee.ttl : stale.ttl, to: &query)
        // RFC 8914 §4.4 and §4.20.
        query.response.explain(query.response.responseCode == .nxDomain ? .staleNameError : .staleAnswer, "")
    }

    /// Replaces a failure by what is stored, even if past its TTL (RFC 8767 §4). False if there is nothing.
    private func rescue(_ query: inout Query, _ table: AnswerTable, _ now: UInt64) -> Bool {
        let recheck = UInt64(clamping: Int64((options.stale?.recheck ?? CacheLimits.recheckDefault) / .nanoseconds(1)))
        let key = key(query, table)
        let isBackground = query.isBackground
        return table.withShard(of: key) { shard in
            guard let entry = shard.pointee.find(key), entry.head.pointee.kind != .failure else { return false }
            let remaining = entry.remaining(at: now)
            guard remaining > 0 || isUsable(entry, now) else { return false }
            entry.head.pointee.refreshAfter = now + recheck
            guard !isBackground else { return true }
            query.response.reset(.noError)
            query.failure = nil
            query.responder = position
            if remaining > 0 {
                write(entry, ttl: remaining, to: &query)
            } else if let stale = options.stale {
                writeStale(entry, stale, to: &query)
            }
            return true
        }
    }

    // MARK: Waiting for a newer answer

    /// The next plugins are asked; for a limited time only, if the Corefile says so.
    private func verify(_ query: inout Query) -> Verdict {
        guard case .verify(let timeout?)? = options.stale?.mode else { return .next }
        guard query.canPark, let loop = query.loop else { return findStale(&query) }
        let isFirst = waiters[query.worker.index].add(
            query.parked(), query.question, bits: AnswerKey.bits(query), until: timeout, loop, self)
        if isFirst { query.askInBackground() }
        return .park
    }
}

// MARK: - Start and end

extension CachePlugin: Starting, Stopping, NeighbourObserving {
    func stands(above links: ArraySlice<Chain.Link>) {
        memory.deallocate()
        memory = MemoryNeighbours(links)
    }

    func start(_ context: StartContext) throws(StartError) {
        guard let store = keeper.store(for: identity) else {
            throw StartError("cache: there are no \(options.bytes) bytes of memory to reserve")
        }
        self.store = store
        table = store.table
        let zones = options.zones.map(\.description).joined(separator: ",")
        sites.deallocate()
        sites = CacheSites(context.sites, block: block, zones: zones, families)
        stopObserving()
        stopObserving = families.observe(context.sites.filter { $0.block == block }, zones: zones, store)
        waiters.deinitialize()
        waiters.deallocate()
        waiters = .allocate(capacity: context.workerCount)
        for worker in 0..<context.workerCount { waiters.initializeElement(at: worker, to: StaleWaiters()) }
    }

    func stop() { stopObserving() }
}
