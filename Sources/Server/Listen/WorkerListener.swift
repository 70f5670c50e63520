import CLinux
import PluginKit

/// A listen address as one worker has it: the router that its sockets and their connections use now. Owned by the
/// worker's queue.
final class WorkerListener {
    let address: ListenAddress
    /// Replaced when the configuration is.
    var router: Router
    /// Replaced likewise; what connections wait for at present keeps its deadline.
    var timeouts: StreamTimeouts
    /// Queries that one connection may carry.
    var queriesMax: Int
    /// Who hears of queries that are not answered.
    let overload: OverloadReport?

    init(_ listener: DNSServer.Listener, _ timeouts: StreamTimeouts) {
        address = listener.address
        router = listener.router
        self.timeouts = timeouts
        queriesMax = listener.streams.queriesMax ?? .max
        overload = listener.overload
    }
}
