import Corefile
import DNSMessage
import Dispatch
import EventLoop
@testable import Instance
import PluginKit
@testable import Plugins
import Synchronization
import Telemetry

/// A server block with a cache in front of a scripted upstream, in a time of its own and without sockets.
final class CachedBlock: Sendable {
    let upstream = CountedAnswer()
    let metrics: MetricsRegistry
    let plugin: CachePlugin
    let chain: Chain
    private let nanoseconds = Atomic<UInt64>(1_000_000_000_000)

    init(
        _ lines: String, workers: Int = 1, zone: String = ".", lasting: SharedObjects = SharedObjects(),
        below: [any Plugin] = []
    ) throws {
        metrics = MetricsRegistry(workers: workers)
        var setting = Configuration.Setting.test(metrics)
        setting.lasting = lasting
        let (configuration, diagnostics) = Configuration.load(
            text: "\(zone) {\n\(lines)\n}\n", file: "Corefile", setting)
        let plugins = configuration?.blocks.first?.chain.links.compactMap { $0.plugin as? CachePlugin } ?? []
        guard let block = configuration?.blocks.first, let plugin = plugins.first else {
            throw TestBlock.SetupFailure(lines: diagnostics.rendered())
        }
        self.plugin = plugin
        let others = (below + [upstream as any Plugin]).enumerated().map { index, plugin in
            Chain.Link(plugin, position: Registry.kinds.count + index)
        }
        chain = Chain(block.chain.links + others)
        let sites = [
            Site(server: "dns://:53", zone: "dropped", block: nil),
            Site(server: "dns://:53", zone: zone, block: 0, plugins: block.chainNames),
        ]
        let names = Registry.kinds.map { $0.name } + ["below", "upstream"]
        try plugin.start(StartContext(workerCount: workers, sites: sites, pluginNames: names, readiness: []))
        plugin.clock = { [weak self] in self?.now ?? 0 }
    }

    var now: UInt64 { nanoseconds.load(ordering: .relaxed) }

    /// Lets time pass.
    func wait(_ seconds: Double) { nanoseconds.add(UInt64(seconds * 1e9), ordering: .relaxed) }

    /// Sends a query through the chain, then what it asked for in the background.
    func ask(_ asked: TestQuery, worker: Int = 0) throws -> TestReply {
        let walk = BackgroundWalk()
        let reply = try run(asked, worker, walk) { query in
            let outcome = chain.run(&query)
            return try TestReply(finishing: &query, outcome)
        }
        if let link = walk.link {
            run(asked, worker, nil) { query in
                query.isBackground = true
                let (_, reached) = chain.descend(&query, from: link + 1)
                _ = chain.ascend(&query, from: reached, to: link)
            }
        }
        return reply
    }

    /// A name and type with EDNS, as `dig` asks.
    func ask(_ name: Name, _ type: RecordType) throws -> TestReply { try ask(TestQuery(name, type)) }

    private func run<Result>(
        _ asked: TestQuery, _ worker: Int, _ walk: BackgroundWalk?, _ body: (inout Query) throws -> Result
    ) rethrows -> Result {
        var nameMemory = NameScratch()
        let question = QuestionView(name: nameMemory.read(asked.name), type: asked.type, class: asked.class)
        var query = Query(worker: WorkerSlot(worker), question: question)
        let opt = asked.optRecord
        defer { opt.deallocate() }
        query.request.edns = asked.edns == nil ? nil : asked.readEDNS(opt)
        query.request.id = asked.id
        query.request.flags = asked.flags
        query.client = asked.client
        query.transport = asked.transport
        query.receivedAt = now
        query.site = 1
        query.walk = walk
        query.response.begin(question, request: query.request)
        return try withExtendedLifetime(walk) { try body(&query) }
    }

    /// A series of the cache's metrics; nil while it is not exported.
    func metric(_ name: String) -> Int? {
        let text = String(decoding: metrics.exposition(), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("coredns_cache_\(name)") }
        return line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }
    }
}

/// Remembers that a query in the background was wished for.
private final class BackgroundWalk: QueryWalk {
    private(set) var link: Int?
    let generation: UInt64 = 0
    let canPark = false

    var loop: EventLoop { preconditionFailure("nothing waits in these tests") }

    func resume(_ generation: UInt64, _ verdict: (inout Query) -> Verdict) -> Bool { false }
    func askInBackground(_ query: inout Query) { link = query.link }
}
