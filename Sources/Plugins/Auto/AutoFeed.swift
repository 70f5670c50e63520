import Dispatch
import DNSMessage
import Logging
import PluginKit
import Zone

/// Looks after a directory of zones: files come, change and go.
final class AutoFeed: Starting, Stopping, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything that changes is touched on the plugin's queue only.
    private let directory: ZoneDirectory
    private let interval: Duration
    private let plugin: ZonePlugin
    private let log: Logger
    private let fileLog: Logger
    private var feeds: [Name: ZoneFeed] = [:]
    private var zones: [Name: Zone] = [:]
    /// Files that could not be read, and what was said about them.
    private var refused: [String: [String]] = [:]
    private var timer = LookTimer()

    init(_ directory: ZoneDirectory, every interval: Duration, into plugin: ZonePlugin, log: Logger, fileLog: Logger) {
        self.directory = directory
        self.interval = interval
        self.plugin = plugin
        self.log = log
        self.fileLog = fileLog
    }

    func start(_ context: StartContext) throws(StartError) {
        // It may come later: a volume, say.
        if !directory.exists { log.warning("Directory does not exist: \(directory.path)") }
        plugin.queue.sync {
            look()
            timer.start(every: interval, on: plugin.queue) { [weak self] in self?.look() }
        }
    }

    func stop() { plugin.queue.sync { timer.stop() } }

    private func look() {
        dispatchPrecondition(condition: .onQueue(plugin.queue))
        var isChanged = false
        for name in feeds.keys.sorted(by: { $0.description < $1.description }) {
            guard let next = feeds[name]?.next(after: zones[name]) else { continue }
            zones[name] = next
            isChanged = true
        }
        if compare(directory.files()) { isChanged = true }
        guard isChanged else { return }
        plugin.publish(zones.map { ZoneTable.Entry(name: $0.key, zone: $0.value) })
    }

    /// Takes in what came and lets go what went; whether that changed anything.
    private func compare(_ files: [ZoneDirectory.Found]) -> Bool {
        var isChanged = false
        let names = Set(files.map(\.zone))
        for name in feeds.keys where !names.contains(name) {
            feeds[name] = nil
            zones[name] = nil
            isChanged = true
            log.info("Deleting zone `\(name)'")
        }
        // A file that could not be read is tried again; one that moved is another one.
        for file in files where feeds[file.zone]?.path != file.path {
            if insert(file) { isChanged = true }
        }
        let paths = Set(files.map(\.path))
        refused = refused.filter { paths.contains($0.key) }
        return isChanged
    }

    private func insert(_ file: ZoneDirectory.Found) -> Bool {
        var feed = ZoneFeed(ZoneSource(file.zone, path: file.path), reloadsByTime: false, log: fileLog)
        switch feed.open() {
        case .unchanged: return false
        case .unopenable(let reason): report(file, ["Opening \(file.path) failed: \(reason)"])
        case .broken(let mistakes): report(file, mistakes.map { "Parse zone `\(file.zone)': \($0)" })
        case .loaded(let zone, let notices):
            log.info("Inserting zone `\(file.zone)' from: \(file.path)")
            for notice in notices { log.warning("\(notice): passed over") }
            feeds[file.zone] = feed
            zones[file.zone] = zone
            refused[file.path] = nil
            return true
        }
        return false
    }

    /// Tells what is wrong with a file, once.
    private func report(_ file: ZoneDirectory.Found, _ lines: [String]) {
        guard refused[file.path] != lines else { return }
        refused[file.path] = lines
        for line in lines { log.warning("\(line)") }
    }
}
