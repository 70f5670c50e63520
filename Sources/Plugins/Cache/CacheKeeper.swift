import DNSMessage
import Locking
import PluginKit

/// Hands the store of a block on to the next configuration, where nothing changed that matters to it.
final class CacheKeeper: Sendable {
    /// What must be equal for answers to stay valid.
    struct Identity: Hashable, Sendable {
        var options: CacheOptions
        var zones: [Name]
        var words: Set<String>
    }

    private struct Kept {
        var identity: Identity?
        /// The plugin of the running configuration holds it until the next one has it too.
        weak var store: AnswerStore?
    }

    private let kept = Lock(Kept())

    /// The store for a configuration that starts; nil if there is no memory for one.
    func store(for identity: Identity) -> AnswerStore? {
        kept.withLock { kept in
            if kept.identity == identity, let store = kept.store { return store }
            let options = identity.options
            let store = AnswerStore(bytes: options.bytes, staleFor: options.stale?.duration ?? .zero)
            kept = Kept(identity: identity, store: store)
            return store
        }
    }
}
