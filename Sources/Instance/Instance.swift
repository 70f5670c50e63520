import PluginKit
public import Server
import Telemetry

/// A configuration that runs: its plugins started, its sockets open. Started once, then stopped or replaced, once.
public final class Instance: Sendable {
    /// Why an instance cannot start.
    public struct Failure: Error, CustomStringConvertible, Sendable {
        /// One sentence, without a final stop.
        public let description: String
        /// Whether what is missing may come by itself, so that another attempt is worth it.
        public var isTemporary = false
    }

    /// What is printed when everything has started: a line for each zone on each listener.
    public let startLines: [String]
    private let parts: [any AnyObject & Sendable]
    private let server: DNSServer

    /// Starts the plugins in registry order, then opens the sockets. What was started is stopped again on failure.
    public convenience init(_ configuration: Configuration) throws(Failure) {
        let server: DNSServer
        do {
            server = try DNSServer(workerCount: configuration.workerCount, streams: configuration.streams)
        } catch {
            throw Failure(description: error.description)
        }
        try self.init(configuration, server, reload: nil)
    }

    private init(
        _ configuration: Configuration, _ server: DNSServer, reload: ReloadContext?
    ) throws(Failure) {
        let topology = Topology(configuration)
        startLines = topology.lines
        parts = Instance.parts(of: configuration)
        self.server = server
        let context = StartContext(
            workerCount: configuration.workerCount, loops: server.loops, sites: topology.sites,
            pluginNames: configuration.pluginNames,
            readiness: parts.compactMap { $0 as? any ReadinessReporting }, reload: reload)
        try Instance.start(parts, context)
        do {
            try server.serve(topology.listeners, idleObservers: parts.compactMap { $0 as? any IdleObserving })
        } catch {
            Instance.stop(parts)
            throw Failure(description: error.description)
        }
        for part in parts { (part as? any Serving)?.serving(context) }
    }

    /// Everything with abilities, in registry order over all blocks, each once.
    private static func parts(of configuration: Configuration) -> [any AnyObject & Sendable] {
        var seen: Set<ObjectIdentifier> = []
        let all = configuration.blocks.flatMap(\.parts)
        let order = all.indices.sorted { (all[$0].position, $0) < (all[$1].position, $1) }
        return order.map { all[$0].part }.filter { seen.insert(ObjectIdentifier($0)).inserted }
    }

    private static func start(_ parts: [any AnyObject & Sendable], _ context: StartContext) throws(Failure) {
        for (index, part) in parts.enumerated() {
            guard let starting = part as? any Starting else { continue }
            do {
                try starting.start(context)
            } catch {
                stop(parts[..<index])
                throw Failure(description: error.description, isTemporary: error.isTemporary)
            }
        }
    }

    private static func stop(_ parts: some Sequence<any AnyObject & Sendable>) {
        for part in parts { (part as? any Stopping)?.stop() }
    }

    /// Starts another configuration in this one's place: sockets that both have stay open, and no query is lost.
    /// On failure this one goes on as if nothing had been tried. A start that waits gives up once `isCalledOff`.
    public func replaced(
        by configuration: Configuration, unless isCalledOff: @escaping @Sendable () -> Bool = { false }
    ) throws(Failure) -> Instance {
        let next = try Instance(configuration, server, reload: ReloadContext(isCalledOff: isCalledOff))
        Instance.stop(parts)
        return next
    }

    /// Tells every plugin that the end is near; everything is still answered. Returns how long that should go on.
    public func drain() -> DrainPlan {
        DrainPlan(lameduck: parts.reduce(.zero) { max($0, ($1 as? any Draining)?.drain() ?? .zero) })
    }

    /// Closes each TCP connection behind its next reply from now on, so that its client goes elsewhere.
    public func drainConnections() { server.drainConnections() }

    /// How busy the sockets are.
    public var activity: DNSServer.Activity { server.activity }

    /// Closes the sockets, then stops the plugins.
    public func stop() {
        server.stop()
        Instance.stop(parts)
    }
}
