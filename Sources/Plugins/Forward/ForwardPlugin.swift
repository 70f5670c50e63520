import DNSMessage
import Dispatch
import EventLoop
import PluginKit
import Telemetry
import Upstream

/// Sends queries to upstreams, each worker for itself.
final class ForwardPlugin: QueryHandling, ForeignClassAnswering {
    let setting: ForwardSetting
    // Written in `start`, before the first query comes; each worker is then touched on its own queue only.
    private nonisolated(unsafe) var workers: [ForwardWorker] = []
    /// Later `forward` lines of the block, for `next`.
    private let successors: [ForwardSetting]

    init(_ setting: ForwardSetting, before successors: [ForwardSetting] = []) {
        self.setting = setting
        self.successors = successors
    }

    func onQuery(_ query: inout Query) -> Verdict {
        guard setting.takes(query.question.name) else { return .next }
        // A transfer is many messages, and for whom the upstream allows it: not whoever asks here (RFC 5936 §2.2, §5).
        if query.question.type == .axfr || query.question.type == .ixfr {
            query.response.explain(.notSupported, "zone transfers are not forwarded")
            return .fail(.refused)
        }
        guard query.worker.index < workers.count else { return ForwardFailure.notRunning.fail(&query) }
        return workers[query.worker.index].forward(&query)
    }
}

extension ForwardPlugin: Starting, Stopping {
    func start(_ context: StartContext) {
        workers = context.loops.enumerated().map { ForwardWorker(setting, successors, number: $0, loop: $1) }
        guard let first = workers.first else { return }
        for (index, server) in setting.servers.enumerated() {
            server.probe { [weak first] question in
                guard let first else { return question.done(.failed("the server has stopped")) }
                first.loop.queue.async { first.probe(index, question) }
            }
        }
    }

    func stop() {
        for server in setting.servers { server.probe(through: nil) }
        for worker in workers { worker.loop.queue.async { worker.stop() } }
    }
}

extension ForwardPlugin: MetadataProviding {
    var metadataScope: String { "forward" }
    /// Whom a query went to has nothing to do with its name.
    var isZonelessMetadata: Bool { true }

    func metadata(_ name: String, of query: inout Query) -> String? {
        name == "upstream" ? (query.note as? UpstreamServer)?.address : nil
    }
}
