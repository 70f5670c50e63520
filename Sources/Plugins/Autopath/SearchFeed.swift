import Dispatch
import Logging
import PluginKit
import Telemetry

/// Reads the file of search domains at the start and whenever it changes, and tells the plugin.
final class SearchFeed: Starting, Stopping, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything that changes is touched on `queue` only.
    private let plugin: AutopathPlugin
    private let path: String
    private let log: Logger
    private let queue = DispatchQueue(label: "clusterdns.autopath")
    private var file: SearchFile
    private var timer = LookTimer()
    /// What was logged last, so that a trouble that goes on is told once.
    private var trouble: String?

    /// How often the file is looked at.
    private static let pause = Duration.seconds(5)

    init(_ path: String, into plugin: AutopathPlugin, log: Logger) {
        self.path = path
        self.plugin = plugin
        self.log = log
        file = SearchFile(path)
    }

    func start(_ context: StartContext) throws(StartError) {
        queue.sync {
            // The path of a cluster goes on without domains of the file, too.
            plugin.publish([])
            look()
            timer.start(every: Self.pause, on: queue) { [weak self] in self?.look() }
        }
    }

    func stop() { queue.sync { timer.stop() } }

    private func look() {
        dispatchPrecondition(condition: .onQueue(queue))
        switch file.look() {
        case .unchanged: break
        case .domains(let domains):
            plugin.publish(domains)
            trouble = nil
        case .failed(let reason):
            guard reason != trouble else { return }
            trouble = reason
            log.warning("the search domains of '\(path)' stay as they were: \(reason)")
        }
    }
}
