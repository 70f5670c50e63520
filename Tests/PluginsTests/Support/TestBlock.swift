import Corefile
import DNSMessage
import Glibc
@testable import Instance
import PluginKit
import Plugins
import Telemetry

/// A server block set up from its lines in a Corefile, to be asked without sockets.
struct TestBlock {
    let chain: Chain
    let options: BlockOptions
    /// What a server starts and stops.
    let parts: [any AnyObject & Sendable]

    /// The block `. { lines }` in front of a plugin that gives a canned answer.
    init(
        _ lines: String, answering: (any Plugin)? = nil, metrics: MetricsRegistry = MetricsRegistry(workers: 1)
    ) throws {
        let (configuration, diagnostics) = load(". {\n\(lines)\n}\n", metrics)
        guard let block = configuration?.blocks.first else { throw SetupFailure(lines: diagnostics.rendered()) }
        options = block.options
        parts = block.parts.map(\.part)
        let canned = answering.map { [Chain.Link($0, position: Registry.kinds.count)] } ?? []
        chain = Chain(block.chain.links + canned)
    }

    /// Sends a query through the chain and finishes the reply as the server does.
    func ask(_ asked: TestQuery) throws -> TestReply {
        var nameMemory = NameScratch()
        let question = QuestionView(name: nameMemory.read(asked.name), type: asked.type, class: asked.class)
        var query = Query(worker: WorkerSlot(0), question: question)
        let opt = asked.optRecord
        defer { opt.deallocate() }
        query.request.edns = asked.edns == nil ? nil : asked.readEDNS(opt)
        query.request.id = asked.id
        query.request.flags = asked.flags
        query.client = asked.client
        query.transport = asked.transport
        query.receivedAt = asked.receivedAt
        query.udpSize = options.udpSize
        query.response.begin(question, request: query.request)
        let outcome = chain.run(&query)
        return try TestReply(finishing: &query, outcome)
    }

    /// What is wrong with these lines, a sentence each with its line and column in the block.
    static func mistakes(_ lines: String) -> [String] {
        load(". {\n\(lines)\n}\n").diagnostics.sorted.map {
            "\($0.position.line):\($0.position.column) \($0.severity.rawValue): \($0.message)"
        }
    }

    struct SetupFailure: Error, CustomStringConvertible {
        let lines: [String]
        var description: String { lines.joined(separator: "\n") }
    }
}

/// A Corefile set up with all plugins on a machine made up for the tests.
func load(
    _ corefile: String, _ metrics: MetricsRegistry = MetricsRegistry(workers: 1)
) -> (configuration: Configuration?, diagnostics: Diagnostics) {
    Configuration.load(text: corefile, file: "Corefile", .test(metrics))
}

extension Configuration.Setting {
    static func test(_ metrics: MetricsRegistry) -> Configuration.Setting {
        Configuration.Setting(
            kinds: Registry.kinds, notBuilt: Registry.notBuilt, defaultPort: 53, host: .test, metrics: metrics,
            logSink: LogSink(descriptor: STDERR_FILENO))
    }
}

extension HostContext {
    /// `dns-test` with a loopback interface and `eth0`.
    static let test = HostContext(
        hostName: "dns-test",
        interfaces: [
            interface("lo", "127.0.0.1", 1, isLoopback: true), interface("lo", "::1", 1, isLoopback: true),
            interface("eth0", "10.244.0.2", 2), interface("eth0", "fd00:244::2", 2),
            interface("eth0", "fe80::1", 2), interface("eth1", "fe80::1", 3),
        ],
        environment: Environment([:]), version: "1.2.3")

    private static func interface(
        _ name: String, _ text: String, _ scope: UInt32, isLoopback: Bool = false
    ) -> InterfaceAddress {
        guard let address = IPAddress(text) else { preconditionFailure("\(text) is no address") }
        return InterfaceAddress(interface: name, address: address, scope: scope, isLoopback: isLoopback)
    }
}
