import DNSMessage
import Locking

/// Counts the connections of all workers, in all and by client address; asked once a connection, never for a query.
final class ConnectionLimiter: Sendable {
    private struct Counts {
        var total = 0
        var byClient: [IPAddress: Int] = [:]
    }

    private let counts = Lock(Counts())
    private let totalMax: Int
    private let perClientMax: Int

    init(_ settings: StreamSettings) {
        totalMax = settings.connectionsMax
        perClientMax = settings.connectionsPerClientMax
    }

    /// Whether a connection from `client` may stay; `release` gives its place back.
    func admit(_ client: IPAddress) -> Bool {
        counts.withLock { counts in
            let ofClient = counts.byClient[client, default: 0]
            guard counts.total < totalMax, ofClient < perClientMax else { return false }
            counts.total += 1
            counts.byClient[client] = ofClient + 1
            return true
        }
    }

    func release(_ client: IPAddress) {
        counts.withLock { counts in
            counts.total -= 1
            let left = counts.byClient[client, default: 1] - 1
            counts.byClient[client] = left == 0 ? nil : left
        }
    }
}
