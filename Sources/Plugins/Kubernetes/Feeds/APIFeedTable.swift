import Corefile
import Locking
import Logging
import PluginKit
import Telemetry

/// The feeds of a process by what they are for; outlives a configuration.
final class APIFeedTable: Sendable {
    private struct Entry: Sendable {
        weak var feed: APIFeed?
    }

    private let entries = Lock<[APIFeed.Options: Entry]>([:])

    /// The feed of these options: one that is in use, or a new one.
    func feed(_ options: APIFeed.Options, metrics: MetricsRegistry, sink: LogSink) -> APIFeed {
        entries.withLock { entries in
            entries = entries.filter { $0.value.feed != nil }
            if let feed = entries[options]?.feed { return feed }
            let feed = APIFeed(options, metrics: metrics, sink: sink)
            entries[options] = Entry(feed: feed)
            return feed
        }
    }
}

/// One block's use of a feed.
final class APIFeedUse: Starting, Stopping {
    private let feed: APIFeed
    private let startupTimeout: Duration
    private let log: Logger

    init(_ feed: APIFeed, waiting startupTimeout: Duration, sink: LogSink) {
        self.feed = feed
        self.startupTimeout = startupTimeout
        log = Logger(plugin: KubernetesKind.name, sink: sink)
    }

    /// Waits for the first objects, but not for ever: a server that answers some names helps more than none.
    func start(_ context: StartContext) throws(StartError) {
        let wasInUse = context.reload != nil && feed.isInUse
        feed.begin()
        if feed.waitUntilUsable(startupTimeout, unless: context.reload?.isCalledOff) { return }
        guard context.reload != nil, !wasInUse else {
            return log.warning("starting server with unsynced Kubernetes API")
        }
        // What is served now knows more than this would.
        feed.end()
        throw StartError(
            "plugin/kubernetes: the Kubernetes API has not told everything within \(GoDuration.text(startupTimeout))",
            isTemporary: true)
    }

    func stop() { feed.end() }
}
