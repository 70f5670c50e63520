import Locking

/// Names, collected by many tasks.
final class AskedNames: Sendable {
    private let all = Lock<Set<String>>([])

    var names: Set<String> { all.withLock { $0 } }

    func add(_ name: String) { all.withLock { _ = $0.insert(name) } }
}
