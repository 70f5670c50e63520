import ClusterIndex

/// Keeps one resource in step with the API server. A value: it is told what happens and when, and answers with what to
/// do; sockets, clocks and timers are its owner's.
///
/// A list first, then a watch from where the list was made, for ever; `next` has the way between them.
struct Reflector {
    let resource: WatchedResource

    /// Where a watch begins, and what a list must not be older than: another server of the same cluster may lag behind.
    /// Nil before the first list, and once it has only brought errors.
    private(set) var version: ResourceVersion?
    /// The newest version of an object in lists that did not come to their end: the next list must not be older.
    var newest: ResourceVersion?
    /// Whether the version is too old to watch from.
    var needsList = true
    /// Whether the version is from the server's future. A streaming list without one is as new as can be; one in pages
    /// would be as old as may be, and keeps it.
    var isVersionAhead = false
    /// Whether no list has come to its end yet.
    private(set) var isInitial = true
    /// Whether nobody knows of any object yet.
    var isUntold: Bool
    var hasReportedSync = false
    var usesProtobuf: Bool

    /// The request that is out; nil before the start and while a retry is awaited.
    var attempt: Attempt?
    private var isStarted = false
    private var retryAt = Duration.zero
    /// No list is made before: no watch went on from the last ones.
    var listDue = Duration.zero
    /// The list under way.
    var list = ListProgress()
    /// Whether the next list comes in pages although the server may stream it.
    var pagesOnce = false
    /// Whether the next list comes in one piece: its pages expired on the way.
    var wholeOnce = false
    /// Set when a streaming list came to nothing, with what that says about the server if pages work.
    var suspicion: ServerMemory.StreamingLists?
    /// Whether the next watch takes over from a list, rather than from a watch.
    private var followsList = false

    var streaks = Streaks()
    private var backOff: BackOff

    /// For the length of one `handle` only.
    var now = Duration.zero
    var memory = ServerMemory()
    var actions: [ReflectorAction] = []

    /// `isUntold` where the observer knows nothing: its first list need not find out what is gone.
    init(_ resource: WatchedResource, seed: UInt64, isUntold: Bool = false) {
        self.resource = resource
        self.isUntold = isUntold
        usesProtobuf = resource.hasProtobuf
        backOff = BackOff(seed: seed)
    }

    /// Takes an event and says what to do, in order. `now` never goes back; `memory` is that of the server, common to
    /// all its reflectors.
    mutating func handle(
        _ event: ReflectorEvent, at now: Duration, _ memory: inout ServerMemory
    ) -> [ReflectorAction] {
        self.now = now
        self.memory = memory
        apply(event)
        memory = self.memory
        defer { actions = [] }
        return actions
    }

    private mutating func apply(_ event: ReflectorEvent) {
        if let attempt, attempt.isWatching, !attempt.isStable, now >= attempt.stableAt { becameStable() }
        switch event {
        case .start: start()
        case .timer: awake()
        case .sent: enter(.unanswered, from: .authenticating)
        case .unauthenticated(let fault): lacksCredentials(fault)
        case .head(let status, let content, let retryAfter): received(status, content, retryAfter)
        case .item(let item): received(item)
        case .text(let text): refused(says: text)
        case .read: finishedRead()
        case .undecodable(let fault): undecodable(fault)
        case .ended(let end): ended(end)
        }
    }

    private mutating func start() {
        guard !isStarted else { return }
        isStarted = true
        proceed()
    }

    // MARK: What comes next

    /// Makes the next request.
    mutating func proceed() {
        let request = WatchRequest(
            resource: resource, purpose: next, usesProtobuf: usesProtobuf,
            timeoutSeconds: backOff.seconds(in: ReflectorLimits.streamSeconds))
        if case .list = request.purpose { pagesOnce = false }
        attempt = Attempt(request, at: now)
        actions.append(.send(request))
        arm()
    }

    private var next: WatchRequest.Purpose {
        if let version, !needsList { return .watch(from: version) }
        let limit = wholeOnce ? nil : ReflectorLimits.pageObjects
        if !list.continueToken.isEmpty { return .page(continuing: list.continueToken, limit: limit) }
        if pagesOnce || !memory.maySendInitialEvents { return .list(notOlderThan: floor, limit: limit) }
        return .streamingList(notOlderThan: isVersionAhead || version == nil ? nil : floor)
    }

    /// The newest state of which something was told.
    private var floor: ResourceVersion? {
        guard let newest, let version else { return newest ?? version }
        return newest.isNewer(than: version) ? newest : version
    }

    /// Ends the attempt; nothing that still comes of it is listened to. A list that was under way begins again.
    mutating func abandon() {
        guard attempt != nil else { return }
        attempt = nil
        list = ListProgress()
        actions.append(.cancel)
    }

    /// Makes the next request after a while.
    mutating func proceed(after delay: Duration) {
        guard delay > .zero else { return proceed() }
        retryAt = now + delay
        actions.append(.setTimer(after: delay))
    }

    // MARK: Time

    private mutating func awake() {
        guard isStarted else { return }
        guard let attempt else {
            return now < retryAt ? proceed(after: retryAt - now) : proceed()
        }
        if now < attempt.silentAt { arm() } else { fellSilent(attempt) }
    }

    /// Sets the timer to when the attempt must be looked at again.
    mutating func arm() {
        guard let attempt else { return }
        let isUndecided = attempt.isWatching && !attempt.isStable
        let moment = isUndecided ? min(attempt.stableAt, attempt.silentAt) : attempt.silentAt
        actions.append(.setTimer(after: max(moment - now, ReflectorLimits.shortestTimer)))
    }

    /// The request has come to its next stage.
    mutating func enter(_ stage: Attempt.Stage, from previous: Attempt.Stage) {
        guard attempt?.stage == previous else { return }
        attempt?.enter(stage, at: now)
        arm()
    }

    // MARK: What was reached

    /// A watch that lives this long is taken to work: earlier failures are forgotten.
    private mutating func becameStable() {
        attempt?.isStable = true
        recover()
        streaks.relists = 0
        streaks.briefWatches = 0
    }

    private mutating func recover() {
        if streaks.failures > 0 { report(.recovered(failures: streaks.failures)) }
        streaks.failures = 0
        streaks.versionFaults = 0
        streaks.undecodable = 0
        streaks.missing = 0
        streaks.forbidden = 0
    }

    /// Everything that there is has been told: what was not seen is gone.
    mutating func completeList(at version: ResourceVersion, streamed: Bool) {
        if !list.isFirst { actions.append(.retainOnly(list.seen)) }
        isUntold = false
        list = ListProgress()
        self.version = version
        newest = nil
        needsList = false
        isVersionAhead = false
        followsList = !streamed
        if streamed {
            memory.streamingLists = .work
        } else if let suspicion, memory.streamingLists != .work {
            memory.streamingLists = suspicion
        }
        suspicion = nil
        wholeOnce = false
        isInitial = false
        recover()
        report(.fresh)
        reportSync()
    }

    mutating func reportSync() {
        guard !hasReportedSync else { return }
        hasReportedSync = true
        report(.synced)
    }

    /// The watch has moved on.
    mutating func advance(to version: ResourceVersion) {
        if !version.description.isEmpty { self.version = version }
    }

    /// The version brings nothing but errors: the next list is made without.
    mutating func forgetVersion() {
        version = nil
        newest = nil
        needsList = true
    }

    /// Another server may come back, or a newer one: what was learnt about this one is tried again.
    mutating func lostContact() {
        memory = ServerMemory()
        usesProtobuf = resource.hasProtobuf
        streaks.forbidden = 0
    }

    /// A watch is answered: tells when it goes on where another ended.
    mutating func watchBegan() {
        if !followsList { report(.resumed) }
        followsList = false
    }

    // MARK: Failures

    /// An attempt came to nothing, the `count`th of its kind or of all: the next one waits a little longer.
    mutating func fail(
        _ kind: WatchFailure.Kind, _ sentence: String, cap: Duration = ReflectorLimits.retryMax,
        retryAfter: Duration? = nil, count: Int? = nil
    ) {
        abandon()
        streaks.failures += 1
        var delay = backOff.delay(count ?? streaks.failures, cap: cap)
        if needsList { delay = max(delay, listDue - now) }
        if let retryAfter { delay = max(delay, backOff.stretch(min(retryAfter, ReflectorLimits.retryAfterMax))) }
        retry(after: delay, WatchFailure(kind, sentence))
    }

    /// An attempt came to nothing after so long that waiting longer helps nobody.
    mutating func failSlowly(_ kind: WatchFailure.Kind, _ sentence: String) {
        abandon()
        streaks.failures += 1
        retry(after: .zero, WatchFailure(kind, sentence))
    }

    /// The version is too old: a list at once, but not one after the other.
    mutating func relist(_ sentence: String) {
        abandon()
        needsList = true
        streaks.relists += 1
        retry(after: pause(streaks.relists, cap: ReflectorLimits.relistMax), WatchFailure(.expired, sentence))
    }

    /// No pause at the first time, then longer ones.
    mutating func pause(_ count: Int, cap: Duration) -> Duration {
        count <= 1 ? .zero : backOff.delay(count - 1, cap: cap)
    }

    private mutating func retry(after delay: Duration, _ failure: WatchFailure) {
        report(.failed(failure, retry: delay))
        proceed(after: delay)
    }

    mutating func report(_ report: WatchReport) { actions.append(.report(report)) }
}
