import DNSMessage
import Locking
import SecureUpstream
import Synchronization
import Telemetry

/// An upstream of one `forward`, with what all workers know of it.
final class UpstreamServer: Sendable {
    let endpoint: UpstreamEndpoint
    /// `192.0.2.1:53`.
    let address: String
    let zones: [Name]
    let block: Int
    /// Whether there is UDP.
    let isPlain: Bool
    let metrics: UpstreamMetrics
    /// Health checks failed one after another.
    private let fails = Atomic<Int>(0)
    /// Whether some worker checks the health.
    private let isChecking = Atomic<Bool>(false)
    private let isOutOfUse = Atomic<Bool>(false)
    private let reason = Lock("")
    private let prober = Lock<(@Sendable (ProbeQuestion) -> Void)?>(nil)

    init(_ endpoint: UpstreamEndpoint, address: String, zones: [Name], block: Int, _ metrics: UpstreamMetrics) {
        self.endpoint = endpoint
        self.address = address
        self.zones = zones
        self.block = block
        self.metrics = metrics
        if case .dns = endpoint { isPlain = true } else { isPlain = false }
    }

    // MARK: Health

    func isDown(_ failsMax: Int) -> Bool { failsMax > 0 && fails.load(ordering: .relaxed) > failsMax }

    /// A reply came, of whatever kind.
    func noteReply() {
        // A plain read as a rule: all workers share this.
        if fails.load(ordering: .relaxed) != 0 { fails.store(0, ordering: .relaxed) }
    }

    func noteFailedCheck() {
        fails.add(1, ordering: .relaxed)
        metrics.healthcheckFailures.add()
    }

    /// True for the one that is to check.
    func beginChecking() -> Bool { !isChecking.exchange(true, ordering: .relaxed) }

    func endChecking() { isChecking.store(false, ordering: .relaxed) }

    /// Who sends probes from now on; nil sends none.
    func probe(through sender: (@Sendable (ProbeQuestion) -> Void)?) { prober.withLock { $0 = sender } }
}

extension UpstreamServer: ForwardedUpstream {
    var isQuarantined: Bool { isOutOfUse.load(ordering: .relaxed) }

    /// Why it is asked nothing.
    var quarantineReason: String { reason.withLock { $0 } }

    func quarantine(_ reason: String) {
        self.reason.withLock { $0 = reason }
        isOutOfUse.store(true, ordering: .relaxed)
        metrics.quarantined.value = 1
    }

    func release() {
        isOutOfUse.store(false, ordering: .relaxed)
        metrics.quarantined.value = 0
    }

    func probe(
        _ name: Name, _ type: RecordType, within time: UInt64, _ done: @escaping @Sendable (ProbeOutcome) -> Void
    ) {
        guard let send = prober.withLock({ $0 }) else { return done(.failed("the plugin is not running")) }
        send(ProbeQuestion(name: name, type: type, time: time, done: done))
    }
}

/// What another plugin wants asked.
struct ProbeQuestion: Sendable {
    let name: Name
    let type: RecordType
    /// In nanoseconds.
    let time: UInt64
    let done: @Sendable (ProbeOutcome) -> Void
}
