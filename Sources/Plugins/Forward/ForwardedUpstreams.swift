import DNSMessage
import Locking
import PluginKit

/// Every upstream of every `forward` of a configuration, for plugins that watch over them: `loop` does.
final class ForwardedUpstreams: Sendable {
    private let upstreams = Lock<[any ForwardedUpstream]>([])

    /// Those of the configuration that is set up.
    static func shared(_ setup: borrowing Setup) -> ForwardedUpstreams {
        setup.shared.object("forward") { ForwardedUpstreams() }
    }

    /// Complete once all plugins were set up; words further down in the registry come later.
    var all: [any ForwardedUpstream] { upstreams.withLock { $0 } }

    func add(_ upstream: any ForwardedUpstream) { upstreams.withLock { $0.append(upstream) } }
}

/// An upstream of one `forward`, as other plugins may touch it, from any thread.
protocol ForwardedUpstream: AnyObject, Sendable {
    /// `192.0.2.1:53`, as metrics and log have it.
    var address: String { get }
    /// The zones that its `forward` takes.
    var zones: [Name] { get }
    /// The server block, counted from 0.
    var block: Int { get }
    /// Whether it is asked nothing.
    var isQuarantined: Bool { get }
    /// Keeps queries away from it until `release`; the reason is a clause, which clients are told too.
    func quarantine(_ reason: String)
    /// Lets queries go there again.
    func release()
    /// Asks this upstream alone, whether quarantined or not, within a time in nanoseconds. The handler is called once,
    /// on some queue; not before the plugin was started, and so not before `start` has returned for all plugins.
    func probe(
        _ name: Name, _ type: RecordType, within time: UInt64, _ done: @escaping @Sendable (ProbeOutcome) -> Void)
}

/// What came of a probe.
enum ProbeOutcome: Sendable {
    case answered(ResponseCode)
    /// Nothing came; a clause.
    case failed(String)
}
