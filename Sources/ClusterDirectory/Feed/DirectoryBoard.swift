import ClusterIndex
import KubernetesWatch
import Locking

/// What a feed shows to whoever looks names up or asks how it is doing.
final class DirectoryBoard: Sendable {
    private struct State {
        var generation: ClusterIndex
        var isSynced = false
        var isClosed = false
        var missing: Set<WatchedResource>
        /// When the API server last confirmed what is known of each resource.
        var confirmed: [WatchedResource: ContinuousClock.Instant] = [:]
        var failures: [WatchedResource: WatchFailure] = [:]
        var manifestMistakes: [String] = []
    }

    private let state: Lock<State>

    init(_ options: IndexOptions, missing: Set<WatchedResource>) {
        state = Lock(State(generation: ClusterIndex(options: options), missing: missing))
    }

    // MARK: Readers, on any thread

    /// The newest generation, and whether a name that it does not have does not exist; nil after the end.
    var newest: (index: ClusterIndex, isComplete: Bool)? {
        state.withLock { $0.isClosed ? nil : ($0.generation, $0.isSynced) }
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    var isSynced: Bool { state.withLock { $0.isSynced } }

    var status: DirectoryStatus {
        let now = ContinuousClock.now
        return state.withLock { state in
            var sentences = state.failures.sorted { $0.key.rawValue < $1.key.rawValue }
                .map { $0.value.sentence(watching: $0.key) }
            sentences += state.manifestMistakes
            let oldest = state.isSynced ? state.confirmed.values.min() : nil
            return DirectoryStatus(
                isSynced: state.isSynced, missing: state.missing.map(\.rawValue).sorted(), age: oldest.map { now - $0 },
                failure: sentences.isEmpty ? nil : sentences.joined(separator: "; "))
        }
    }

    /// What keeps it from being in sync.
    var hindrance: DirectoryError {
        state.withLock { DirectoryError($0.failures, missing: $0.missing) }
    }

    /// What could not be read when manifests were last read.
    var manifestMistakes: [String] { state.withLock { $0.manifestMistakes } }

    // MARK: The feed

    func publish(_ generation: ClusterIndex) { state.withLock { $0.generation = generation } }

    func markSynced() { state.withLock { $0.isSynced = true } }

    /// The index is let go at once.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.generation = ClusterIndex(options: state.generation.options)
        }
    }

    func setManifestMistakes(_ mistakes: [String]) { state.withLock { $0.manifestMistakes = mistakes } }

    func note(_ resource: WatchedResource, _ report: WatchReport) {
        switch report {
        case .relisting, .resumed, .requested, .unusable: break
        case .failed(let failure, _):
            state.withLock { $0.failures[resource] = failure }
        case .recovered:
            state.withLock { _ = $0.failures.removeValue(forKey: resource) }
        case .synced, .fresh:
            let now = ContinuousClock.now
            state.withLock { state in
                if report == .synced { state.missing.remove(resource) }
                state.failures[resource] = nil
                state.confirmed[resource] = now
            }
        }
    }
}
