import Logging
import PluginKit
public import Telemetry

/// Counts and tells what a listener over UDP could not answer, since queries arrived faster than that.
public struct OverloadReport: Sendable {
    private let server: String
    private let overflow: Counter
    private let withheld: Counter
    private let log: LimitedLogger
    /// Lines in a minute, for each listener.
    private static let linesMax = 1

    /// For the listener that metrics call `server`.
    public init(server: String, metrics: MetricsRegistry, sink: LogSink) {
        self.server = server
        overflow = metrics.counters(
            "clusterdns_udp_overflow_total",
            help: "Queries that the kernel dropped because they arrived faster than they were taken.",
            labels: ["server"]
        ).counter([server])
        withheld = metrics.counters(
            "clusterdns_fair_share_dropped_total",
            help: "Queries dropped while the kernel dropped others: their clients had more than their share.",
            labels: ["server"]
        ).counter([server])
        log = LimitedLogger(Logger(server: sink), linesMax: Self.linesMax)
    }

    /// The kernel has dropped so many more.
    func overflowed(by count: UInt32, on worker: WorkerSlot) {
        overflow.add(UInt64(count), by: worker)
        log.log(
            .warning, key: "\(server): overload",
            "\(server): \(overflow.value) queries were lost so far: they arrive faster than they can be answered")
    }

    /// So many queries of a batch were more than their clients' share.
    func withheld(_ count: Int, on worker: WorkerSlot) { withheld.add(UInt64(count), by: worker) }
}
