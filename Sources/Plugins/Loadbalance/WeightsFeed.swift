import Dispatch
import Files
import Logging
import PluginKit
import Telemetry

/// Reads the weight file at the start and looks after it from then on. A file that is wrong changes nothing.
final class WeightsFeed: Starting, Stopping, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: everything that changes is touched on `queue` only.
    /// What replies go by.
    let weights: Published<AddressWeights>
    private let reload: Duration
    private let log: Logger
    private let queue = DispatchQueue(label: "clusterdns.loadbalance")
    private var file: PolledFile
    private var timer = LookTimer()
    /// What was logged last, so that a trouble that goes on is told once.
    private var trouble: String?

    init(_ path: String, reload: Duration, log: Logger, workers: Int) {
        weights = Published(AddressWeights([]), workers: workers)
        file = PolledFile(path, bytesMax: WeightsText.fileMaxBytes)
        self.reload = reload
        self.log = log
    }

    func start(_ context: StartContext) throws(StartError) {
        let mistake = queue.sync { look() }
        switch mistake {
        case nil: break
        case .absent where reload > .zero:
            log.warning("Failed to open weight file \(file.path): will look for it every \(reload)")
        case .absent: throw StartError("loadbalance: the weight file '\(file.path)' does not exist")
        case .wrong(let text): throw StartError("loadbalance: weight file '\(file.path)': \(text)")
        }
        queue.sync { timer.start(every: reload, on: queue) { [weak self] in self?.lookAgain() } }
    }

    func stop() { queue.sync { timer.stop() } }

    private enum Mistake {
        case absent
        case wrong(String)
    }

    private func look() -> Mistake? {
        switch file.look() {
        case .unchanged: return nil
        case .absent: return .absent
        case .failed(let reason): return .wrong(reason)
        case .content(let text, _):
            do throws(WeightsText.Mistake) {
                weights.publish(try WeightsText.read(text))
                log.info("Successfully reloaded weight file \(file.path)")
                trouble = nil
                return nil
            } catch {
                return .wrong("\(error)")
            }
        }
    }

    private func lookAgain() {
        let text: String
        switch look() {
        case nil: return
        case .absent: text = "the weight file '\(file.path)' does not exist; the weights stay as they are"
        case .wrong(let reason): text = "weight file '\(file.path)': \(reason); the weights stay as they are"
        }
        guard text != trouble else { return }
        trouble = text
        log.error("\(text)")
    }
}
