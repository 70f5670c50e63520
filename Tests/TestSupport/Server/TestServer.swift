import Corefile
public import DNSMessage
public import Instance
public import PluginKit
import Plugins
public import Server
public import Telemetry

/// A server in this process, on ports of its own, with real sockets. Stops when it is let go.
///
/// In the Corefile a key without a port is served on `port`; `{$PORT}` is that port, `{$PORT1}` to `{$PORT4}` are free
/// ones for HTTP listeners and further blocks.
public final class TestServer {
    /// What may be different from test to test.
    public struct Setting: Sendable {
        /// Plugins in execution order: the registry's and, in front of them, `fixture`.
        public var kinds: [any PluginKind.Type] = [Fixture.self] + Registry.kinds
        /// The machine to believe in.
        public var host = TestServer.host
        /// Added to the environment that the Corefile sees.
        public var environment: [String: String] = [:]
        /// One for each core, in the real program.
        public var workers = 2
        /// Time-outs and bounds of TCP connections.
        public var streams = StreamSettings()

        /// The usual.
        public init() {}
    }

    /// Why no server came of a Corefile: everything that was reported.
    public struct Failure: Error, CustomStringConvertible {
        /// The lines that the program would print.
        public let description: String
    }

    /// The machine that tests believe to run on.
    public static let host = HostContext(
        hostName: "test-host", interfaces: HostContext.current(version: "test").interfaces,
        environment: Environment([:]), version: "test")

    /// Where keys without a port are served.
    public let port: UInt16
    /// `ports[0]` is `{$PORT}`, `ports[1]` is `{$PORT1}` and so on.
    public let ports: [UInt16]
    /// Everything that the server counts.
    public let metrics: MetricsRegistry
    /// Everything that the server logs.
    public let log = LogLines()
    /// What was found wrong with the Corefile without being an error.
    public let warnings: [String]
    /// The running configuration.
    public private(set) var instance: Instance
    private let setting: Configuration.Setting
    private var isStopped = false

    /// Starts a server on a Corefile.
    public init(_ corefile: String, _ setting: Setting = Setting()) throws {
        ports = (0..<5).map { _ in FreePorts.take() }
        port = ports[0]
        metrics = MetricsRegistry(workers: setting.workers)
        var environment = setting.environment
        for (index, port) in ports.enumerated() { environment[index == 0 ? "PORT" : "PORT\(index)"] = "\(port)" }
        var host = setting.host
        host.environment = Environment(environment)
        var configured = Configuration.Setting(
            kinds: setting.kinds, notBuilt: Registry.notBuilt, defaultPort: port, host: host, metrics: metrics,
            logSink: log.sink)
        configured.streams = setting.streams
        self.setting = configured
        let configuration: Configuration
        (configuration, warnings) = try TestServer.load(corefile, configured)
        instance = try Instance(configuration)
    }

    private static func load(
        _ corefile: String, _ setting: Configuration.Setting
    ) throws -> (configuration: Configuration, warnings: [String]) {
        let (configuration, diagnostics) = Configuration.load(text: corefile, file: "Corefile", setting)
        let lines = diagnostics.rendered()
        guard let configuration else { throw Failure(description: lines.joined(separator: "\n")) }
        return (configuration, lines)
    }

    /// Goes on with another Corefile, as the program does when its own has changed.
    public func reload(_ corefile: String) throws {
        instance = try instance.replaced(by: TestServer.load(corefile, setting).configuration)
    }

    deinit { stop() }

    /// Closes every socket and stops every plugin.
    public func stop() {
        guard !isStopped else { return }
        isStopped = true
        instance.stop()
    }

    /// Where to send queries: 127.0.0.1 unless told otherwise.
    public func address(_ text: String = "127.0.0.1") -> SocketAddress {
        guard let address = IPAddress(text) else { preconditionFailure("'\(text)' is no address") }
        return SocketAddress(address, port: port)
    }

    /// Sends one query over a socket of its own and waits for the reply.
    public func ask(_ query: QueryText, over transport: Transport = .udp) throws -> Reply {
        switch transport {
        case .udp: try UDPClient(to: address()).ask(query)
        case .tcp: try TCPClient(to: address()).ask(query)
        }
    }

    /// A UDP socket that asks this server.
    public func udp() throws -> UDPClient { try UDPClient(to: address()) }

    /// A TCP connection to this server.
    public func tcp() throws -> TCPClient { try TCPClient(to: address()) }
}
