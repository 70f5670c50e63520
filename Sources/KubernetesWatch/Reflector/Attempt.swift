import ClusterIndex

/// A request that is out, and how far it has come.
struct Attempt {
    enum Stage: Hashable {
        /// Credentials are awaited.
        case authenticating
        /// The request was sent.
        case unanswered
        /// The answer is not 200; its content is awaited, which says why.
        case refused(Int, Duration?)
        /// Objects come of which there may be more.
        case listing
        /// The list is complete; changes come.
        case watching
    }

    let request: WatchRequest
    private(set) var stage = Stage.authenticating
    /// When the stage began.
    private(set) var since: Duration
    var lastRead: Duration
    var lastItem: Duration
    var itemCount = 0
    /// Whether the watch has lived long enough to be trusted.
    var isStable = false
    /// Whether the read under way brought something that shows the state to be fresh.
    var hasNews = false

    init(_ request: WatchRequest, at now: Duration) {
        self.request = request
        since = now
        lastRead = now
        lastItem = now
    }

    mutating func enter(_ stage: Stage, at now: Duration) {
        self.stage = stage
        since = now
        lastRead = now
        lastItem = now
    }

    var isWatching: Bool { stage == .watching }

    /// The beginning of a sentence.
    var words: String { isWatching ? "the watch of \(request.resource)" : request.words }

    /// When a watch counts as working.
    var stableAt: Duration { since + ReflectorLimits.stableAfter }

    var lastProgress: Duration { max(lastRead, lastItem) }

    /// When the request counts as dead unless something comes before.
    var silentAt: Duration {
        switch stage {
        case .authenticating: since + ReflectorLimits.credentialsMax
        case .unanswered: since + ReflectorLimits.headMax
        case .refused: since + ReflectorLimits.refusalMax
        case .listing: quietUntil(ReflectorLimits.listSilenceMax)
        case .watching: quietUntil(ReflectorLimits.watchSilenceMax)
        }
    }

    /// Bytes count while a large object is coming, but objects must come.
    private func quietUntil(_ limit: Duration) -> Duration {
        min(lastProgress + limit, lastItem + limit + ReflectorLimits.objectMax)
    }
}

/// A list that is under way.
struct ListProgress {
    /// The objects that are there: at the end of the list, all others are gone.
    var seen: Set<ObjectKey> = []
    /// Whether nothing was told before it, so that nothing can be gone and `seen` is not kept.
    var isFirst = false
    /// What the pages show, told by the first one.
    var version: ResourceVersion?
    /// What the page under way says of the next one.
    var nextToken = ""
    /// What the next request continues.
    var continueToken = ""
    var pageCount = 0
}

/// How often something has happened in a row.
struct Streaks {
    /// Attempts that came to nothing.
    var failures = 0
    /// Lists because of a version from which no watch went on, none having worked between them.
    var relists = 0
    /// Watches that ended cleanly as soon as they had begun.
    var briefWatches = 0
    /// Watches that brought nothing at all until they were given up.
    var silentWatches = 0
    /// Streams that could not be decoded.
    var undecodable = 0
    /// Errors that the version which we gave may be the reason of.
    var versionFaults = 0
    /// Answers that there is no such resource.
    var missing = 0
    /// Answers that the role lacks a permission: counted apart from the failures of an outage, after which a server
    /// begins by saying so.
    var forbidden = 0
}
