import Dispatch
import Files
import Logging
import PluginKit
import Synchronization
import Telemetry

/// Reads the file at the start, looks after it from then on, and hands each new table to the plugin.
final class HostsFeed: Starting, Stopping, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything that changes is touched on `queue` only, but for the atomic count.
    private let plugin: HostsPlugin
    private let zones: ZoneSet
    private let options: HostsOptions
    /// Whether the Corefile names the file.
    private let isNamed: Bool
    private let log: Logger
    private let entries: GaugeFamily
    private let reloadTime: Gauge
    private let queue = DispatchQueue(label: "clusterdns.hosts")
    private let fileCount = Atomic<Int>(0)
    private var file: PolledFile
    private var timer = LookTimer()
    private var observation: GaugeFamily.Observation?
    /// What was logged last, so that a trouble that goes on is told once.
    private var trouble: String?

    init(
        _ path: String, isNamed: Bool, _ options: HostsOptions, into plugin: HostsPlugin, log: Logger,
        metrics: MetricsRegistry
    ) {
        file = PolledFile(path, bytesMax: HostsLimits.fileMaxBytes)
        self.isNamed = isNamed
        self.options = options
        self.plugin = plugin
        self.log = log
        zones = ZoneSet(options.zones)
        entries = HostsKind.entries(metrics)
        reloadTime = HostsKind.reloadTime(metrics)
    }

    func start(_ context: StartContext) throws(StartError) {
        queue.sync {
            look()
            timer.start(every: options.reload, on: queue) { [weak self] in self?.look() }
        }
    }

    func stop() {
        queue.sync {
            timer.stop()
            if let observation { entries.remove(observation) }
            observation = nil
        }
    }

    private func look() {
        dispatchPrecondition(condition: .onQueue(queue))
        switch file.look() {
        case .unchanged: break
        case .absent:
            // The default file is no wish of the operator's.
            if isNamed || observation != nil { report("File does not exist: \(file.path)", .warning) }
        case .failed(let reason): report("unable to read hosts file '\(file.path)': \(reason)", .error)
        case .content(let text, let changedAt): take(text, changedAt)
        }
    }

    private func take(_ text: [UInt8], _ changedAt: Double) {
        do throws(HostsText.TooManyNames) {
            let reading = try HostsText.read(text, in: zones, hasReverse: options.hasReverse)
            plugin.publish(reading.table)
            fileCount.store(reading.table.recordCount, ordering: .relaxed)
            reloadTime.value = changedAt
            observeEntries()
            trouble = nil
            log.debug("Parsed hosts file into \(reading.table.recordCount) entries")
            if let first = reading.firstMistake {
                let more = reading.mistakes > 1 ? ", and \(reading.mistakes - 1) more" : ""
                report("\(file.path): \(first): passed over\(more)", .warning)
            }
        } catch {
            report("hosts file '\(file.path)' has more than \(HostsLimits.namesMax) names: it is not taken", .error)
        }
    }

    /// From the first reading on, as CoreDNS does: a file that was never there has no series.
    private func observeEntries() {
        guard observation == nil else { return }
        observation = entries.observe([file.path]) { [weak self] in
            guard let self else { return 0 }
            return Double(self.fileCount.load(ordering: .relaxed) + self.plugin.inlineCount)
        }
    }

    private func report(_ text: String, _ level: Logger.Level) {
        guard text != trouble else { return }
        trouble = text
        log.log(level: level, "\(text)")
    }
}
