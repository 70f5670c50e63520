import DNSMessage
import Dispatch
import EventLoop
import Locking
import PluginKit
import SecureUpstream
@testable import Plugins
import Telemetry
import TestSupport
import Upstream

/// A `forward` with fake upstreams on one worker, to be asked without sockets.
final class ForwardRig: Sendable {
    let loop: EventLoop
    let registry: MetricsRegistry
    let servers: [UpstreamServer]
    let plugin: ForwardPlugin
    private let chain: Chain

    init(
        _ scripts: [FakeScript], zones: [Name] = [.root], except: [Name] = [], next: FakeScript? = nil,
        _ change: (inout ForwardOptions) -> Void = { $0.policy = .sequential }
    ) {
        guard let loop = EventLoop(queue: DispatchQueue(label: "test.forward")) else {
            preconditionFailure("no descriptor is left")
        }
        self.loop = loop
        let registry = MetricsRegistry(workers: 1)
        self.registry = registry
        var options = ForwardOptions()
        options.failsMax = 0
        change(&options)
        let first = ForwardRig.setting(scripts, zones, except, options, registry)
        servers = first.servers
        let second = next.map { ForwardRig.setting([$0], [.root], [], ForwardOptions(), registry) }
        plugin = ForwardPlugin(first, before: second.map { [$0] } ?? [])
        let plugins = [plugin] + (second.map { [ForwardPlugin($0)] } ?? [])
        chain = Chain(plugins.enumerated().map { Chain.Link($1, position: $0) })
        let context = StartContext(workerCount: 1, loops: [loop], sites: [], pluginNames: [], readiness: [])
        for plugin in plugins { plugin.start(context) }
    }

    deinit { loop.queue.sync { loop.close() } }

    private static func setting(
        _ scripts: [FakeScript], _ zones: [Name], _ except: [Name], _ options: ForwardOptions,
        _ registry: MetricsRegistry
    ) -> ForwardSetting {
        let servers = scripts.indices.map { index in
            let address = SocketAddress(IPAddress(v4: 0xC000_0200 + UInt32(index)), port: 53)
            return UpstreamServer(
                .dns(address), address: address.description, zones: zones, block: 0,
                UpstreamMetrics(registry, address.description))
        }
        return ForwardSetting(
            zones: zones, exceptions: except, servers, options, ForwardMetrics(registry),
            makeClient: { server, loop in
                guard let index = servers.firstIndex(where: { $0 === server }) else {
                    preconditionFailure("a server of another rig")
                }
                return FakeClient(loop, scripts[index])
            })
    }

    /// Sends a query on its way.
    func start(_ query: TestQuery) -> FakeWalk {
        let walk = FakeWalk(query, chain, self)
        loop.queue.sync { walk.begin() }
        return walk
    }

    /// Sends a query and waits for the reply.
    func ask(_ query: TestQuery) throws -> TestReply { try start(query).reply() }

    func ask(_ name: Name, _ type: RecordType = .a) throws -> TestReply { try ask(TestQuery(name, type)) }

    /// Lines of metrics that begin with `prefix`.
    func metrics(_ prefix: String) -> [String] {
        String(decoding: registry.exposition(), as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix(prefix) }
    }
}

/// A query that can wait, without a server around it.
final class FakeWalk: QueryWalk, @unchecked Sendable {
    // Guard of `@unchecked Sendable`: touched on the loop's queue only, and after `done` by the test.
    let loop: EventLoop
    private(set) var generation: UInt64 = 0
    let canPark = true
    private let chain: Chain
    /// Kept until the end.
    private let rig: ForwardRig
    private var nameMemory = NameScratch()
    private let opt: UnsafeMutableRawBufferPointer
    private var query: Query
    private var outcome: ChainOutcome?
    private let done = DispatchSemaphore(value: 0)

    init(_ asked: TestQuery, _ chain: Chain, _ rig: ForwardRig) {
        self.chain = chain
        self.rig = rig
        loop = rig.loop
        opt = asked.optRecord
        let question = QuestionView(name: nameMemory.read(asked.name), type: asked.type, class: asked.class)
        query = Query(worker: WorkerSlot(0), question: question)
        query.walk = self
        query.request.edns = asked.edns == nil ? nil : asked.readEDNS(opt)
        query.request.id = asked.id
        query.request.flags = asked.flags
        query.client = asked.client
        query.transport = asked.transport
        query.receivedAt = EventLoop.now
        query.begin(question)
        query.response.begin(question, request: query.request)
    }

    deinit { opt.deallocate() }

    func begin() { take(chain.descend(&query).outcome) }

    func resume(_ generation: UInt64, _ verdict: (inout Query) -> Verdict) -> Bool {
        guard generation == self.generation, outcome == nil else { return false }
        self.generation += 1
        let decided = verdict(&query)
        take(chain.proceed(&query, with: decided).outcome)
        return true
    }

    private func take(_ outcome: ChainOutcome) {
        if case .park = outcome { return }
        self.outcome = outcome
        done.signal()
    }

    func askInBackground(_ query: inout Query) {}

    /// Whether the end has come.
    var isDone: Bool { loop.queue.sync { outcome != nil } }

    /// The reply, once it is there.
    func reply() throws -> TestReply {
        guard done.wait(timeout: .now() + 60) == .success, let outcome else {
            throw ClientError(reason: "no reply in a minute")
        }
        return try loop.queue.sync {
            failure = query.failure?.text
            length = query.response.length
            return try TestReply(finishing: &query, outcome)
        }
    }

    /// What `errors` would log; after `reply`.
    private(set) var failure: String?
    /// What `log` would tell as the size; after `reply`.
    private(set) var length = 0
}
