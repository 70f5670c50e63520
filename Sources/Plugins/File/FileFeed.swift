import Corefile
import Dispatch
import DNSMessage
import Logging
import PluginKit
import Zone

/// A zone and its file: reads the file at the start, again when it changed, and tells the operator what came of it.
struct ZoneFeed {
    private var source: ZoneSource
    private let reloadsByTime: Bool
    private let log: Logger
    /// What was logged last, so that a trouble that goes on is told once.
    private var trouble: [String] = []

    init(_ source: ZoneSource, reloadsByTime: Bool, log: Logger) {
        self.source = source
        self.reloadsByTime = reloadsByTime
        self.log = log
    }

    var name: Name { source.zone }
    var path: String { source.path }

    /// Looks for the first time.
    mutating func open() -> ZoneSource.Look { source.look() }

    /// Another version of the zone, if there is one. Only another serial makes one, unless the options say otherwise.
    mutating func next(after current: Zone?) -> Zone? {
        switch source.look() {
        case .unchanged: return nil
        case .unopenable(let reason):
            report(["Failed to open zone \"\(name)\" in \"\(path)\": \(reason)"])
            return nil
        case .broken(let mistakes):
            report(mistakes.map { Self.refusal(of: name, path, $0) })
            return nil
        case .loaded(let zone, let notices):
            trouble = []
            if let current, current.serial == zone.serial, !reloadsByTime { return nil }
            log.info("Successfully reloaded zone \"\(name)\" in \"\(path)\" with \(zone.serial) SOA serial")
            for notice in notices { log.warning("\(notice): passed over") }
            return zone
        }
    }

    /// A mistake in a zone's file, in CoreDNS's frame.
    static func refusal(of zone: Name, _ path: String, _ mistake: String) -> String {
        "Parsing zone \"\(zone)\": failed to parse file \"\(path)\" for origin \(zone) with error \(mistake)"
    }

    private mutating func report(_ lines: [String]) {
        guard lines != trouble else { return }
        trouble = lines
        for line in lines { log.error("\(line)") }
    }
}

/// Looks after the zones of one line of `file`.
final class FileFeed: Starting, Stopping, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything that changes is touched on the plugin's queue only.
    private let plugin: ZonePlugin
    private var feeds: [(index: Int, feed: ZoneFeed)]
    private let interval: Duration
    private let greetings: [String]
    private let log: Logger
    private var timer = LookTimer()

    /// The zones by their places in the plugin's table. `greetings` is what the first look found worth a warning.
    init(
        _ feeds: [(index: Int, feed: ZoneFeed)], every interval: Duration, into plugin: ZonePlugin, log: Logger,
        greetings: [String]
    ) {
        self.feeds = feeds
        self.interval = interval
        self.plugin = plugin
        self.log = log
        self.greetings = greetings
    }

    func start(_ context: StartContext) throws(StartError) {
        for line in greetings { log.warning("\(line)") }
        plugin.queue.sync {
            timer.start(every: interval, on: plugin.queue) { [weak self] in self?.look() }
        }
    }

    func stop() { plugin.queue.sync { timer.stop() } }

    private func look() {
        for position in feeds.indices {
            let index = feeds[position].index
            if let zone = feeds[position].feed.next(after: plugin.entries[index].zone) {
                plugin.publish(zone, at: index)
            }
        }
    }
}
