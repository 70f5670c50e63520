import DNSMessage
import Dispatch
import Locking
import Logging
import PluginKit
import Telemetry

/// Sends probes to the upstreams of one block and decides what becomes of them.
final class LoopWatch: Sendable {
    /// A probe that is under way, or was a moment ago.
    struct Probe {
        let name: Name
        let upstream: any ForwardedUpstream
        let zone: Name
    }

    private struct State {
        var probes: [Name: Probe] = [:]
        /// Names of probes in the order in which they were sent.
        var order: [Name] = []
        /// Those whose probe came back.
        var returned: Set<Name> = []
        var attempts: [ObjectIdentifier: Int] = [:]
        var servers: [String] = []
        var isStopped = false
    }

    /// Probes that are remembered: late ones may come back too.
    private static let probesMax = 256
    private static let probeNanoseconds: UInt64 = 2_000_000_000
    private static let intervalSeconds = 60
    /// At the start, an upstream that does not answer is probed once a second for a while.
    private static let startAttemptsMax = 30
    private static let reason = "it leads back to this server (loop)"

    private let block: BlockContext
    private let upstreams: ForwardedUpstreams
    private let metrics: LoopMetrics
    private let log: Logger
    private let quarantineSeconds: Int
    private let endInError: (@Sendable () -> Void)?
    private let queue = DispatchQueue(label: "clusterdns.loop")
    private let state = Lock(State())

    /// With `endInError` a loop ends the process.
    init(
        _ block: BlockContext, _ upstreams: ForwardedUpstreams, _ metrics: LoopMetrics, _ log: Logger,
        quarantineSeconds: Int = 10, endInError: (@Sendable () -> Void)?
    ) {
        self.block = block
        self.upstreams = upstreams
        self.metrics = metrics
        self.log = log
        self.quarantineSeconds = quarantineSeconds
        self.endInError = endInError
    }

    // MARK: Sending

    private func send(to upstream: any ForwardedUpstream) {
        let zone = zone(of: upstream)
        guard let name = LoopWatch.randomName(in: zone), remember(Probe(name: name, upstream: upstream, zone: zone))
        else { return }
        upstream.probe(name, .hinfo, within: Self.probeNanoseconds) { [self] outcome in
            queue.async { [self] in take(outcome, of: name, upstream) }
        }
    }

    /// The probe must pass both the key of the block and that of the `forward` when it comes back.
    private func zone(of upstream: any ForwardedUpstream) -> Name {
        let own = block.zones.first ?? .root
        return upstream.zones.first { $0.isSubdomain(of: own) } ?? own
    }

    /// `4321.8765.` in front of the zone.
    private static func randomName(in zone: Name) -> Name? {
        let labels = "\(UInt64.random(in: 0...UInt64(Int64.max))).\(UInt64.random(in: 0...UInt64(Int64.max)))"
        return try? Name(labels).appending(zone)
    }

    private func remember(_ probe: Probe) -> Bool {
        state.withLock { state in
            if state.isStopped { return false }
            if state.order.count >= Self.probesMax {
                let oldest = state.order.removeFirst()
                state.probes[oldest] = nil
                state.returned.remove(oldest)
            }
            let key = probe.name
            state.probes[key] = probe
            state.order.append(key)
            return true
        }
    }

    private func take(_ outcome: ProbeOutcome, of name: Name, _ upstream: any ForwardedUpstream) {
        let hasReturned = state.withLock { $0.returned.contains(name) }
        if case .answered = outcome, !hasReturned, upstream.isQuarantined { release(upstream) }
        sendLater(to: upstream, after: seconds(until: outcome, upstream))
    }

    private func seconds(until outcome: ProbeOutcome, _ upstream: any ForwardedUpstream) -> Int {
        if upstream.isQuarantined { return quarantineSeconds }
        let attempts = state.withLock { state in
            switch outcome {
            case .answered: state.attempts[ObjectIdentifier(upstream)] = Self.startAttemptsMax
            case .failed: state.attempts[ObjectIdentifier(upstream), default: 0] += 1
            }
            return state.attempts[ObjectIdentifier(upstream), default: 0]
        }
        return attempts < Self.startAttemptsMax ? 1 : Self.intervalSeconds
    }

    private func sendLater(to upstream: any ForwardedUpstream, after seconds: Int) {
        queue.asyncAfter(deadline: .now() + .seconds(seconds)) { [weak self] in self?.send(to: upstream) }
    }

    // MARK: Coming back

    /// The probe of this name, in lower case, if it is one of the block's.
    func probe(_ name: Name) -> Probe? { state.withLock { $0.probes[name] } }

    /// A client sent the probe to this block.
    func cameBack(_ probe: Probe, from client: String, site: Int) {
        let server = state.withLock { state in
            state.returned.insert(probe.name).inserted
                ? state.servers.indices.contains(site) ? state.servers[site] : "" : nil
        }
        guard let server else { return }
        metrics.detected.counter([probe.upstream.address]).add()
        let sentence =
            "Loop (\(client) -> \(server)) detected for zone \"\(probe.zone)\", "
            + "see https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO \(probe.name)\""
        if let endInError {
            log.critical("\(sentence)")
            return endInError()
        }
        guard !probe.upstream.isQuarantined else { return }
        probe.upstream.quarantine(Self.reason)
        metrics.quarantined.gauge([probe.upstream.address]).value = 1
        log.error("\(sentence): upstream \(probe.upstream.address) is quarantined until it no longer leads back here")
    }

    private func release(_ upstream: any ForwardedUpstream) {
        upstream.release()
        metrics.quarantined.remove([upstream.address])
        log.info("upstream \(upstream.address) no longer leads back here: it is asked again")
    }
}

extension LoopWatch: Serving, Stopping {
    func serving(_ context: StartContext) {
        let servers = context.sites.map { site in
            site.server.hasPrefix("dns://") ? String(site.server.dropFirst(6)) : site.server
        }
        state.withLock { $0.servers = servers }
        for upstream in upstreams.all where upstream.block == block.index { send(to: upstream) }
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        for upstream in upstreams.all where upstream.block == block.index && upstream.isQuarantined {
            metrics.quarantined.remove([upstream.address])
        }
    }
}
