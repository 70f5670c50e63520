public import ClusterIndex
public import DNSMessage

/// A server block of a Corefile, as far as it decides who answers.
public struct ServerRoute: Hashable, Sendable {
    /// The zones of its keys.
    public var zones: [Name]
    /// `the server block in line 1`.
    public var place: String
    /// Which port it listens on.
    public var port: UInt16
    /// Which server block it is, counted from 0; `BlockPlugins` knows it by this.
    public var block: Int
    /// Its `kubernetes` and `forward`, in the order of execution.
    public var steps: [RouteStep]

    /// A server block.
    public init(zones: [Name], place: String, port: UInt16, block: Int, steps: [RouteStep]) {
        self.zones = zones
        self.place = place
        self.port = port
        self.block = block
        self.steps = steps
    }
}

/// A plugin of a server block that the explainer answers for.
public struct RouteStep: Hashable, Sendable {
    /// The word in the Corefile.
    public var plugin: String
    /// Where it stands there: `Corefile:7`.
    public var place: String
    /// What it does with a query.
    public var action: Action

    /// What a plugin does with a query.
    public enum Action: Hashable, Sendable {
        /// Answers the names of a cluster.
        case cluster(ClusterStep)
        /// Asks other servers.
        case forward(ForwardStep)
    }

    /// A plugin.
    public init(plugin: String, place: String, action: Action) {
        self.plugin = plugin
        self.place = place
        self.action = action
    }
}

/// `kubernetes`.
public struct ClusterStep: Hashable, Sendable {
    /// Which cluster, among those that are known; the number of the server block.
    public var cluster: Int
    /// The zones, without reverse zones first, as in the Corefile.
    public var zones: [Name]
    /// Of these, the zones of a cluster set.
    public var clusterSetZones: [Name]
    /// What of the cluster is answered.
    public var options: IndexOptions
    /// Seconds.
    public var ttl: UInt32
    /// Names below these that do not exist go on to the next plugin.
    public var passedOn: [Name]

    /// A cluster.
    public init(
        cluster: Int, zones: [Name], clusterSetZones: [Name] = [], options: IndexOptions, ttl: UInt32, passedOn: [Name]
    ) {
        self.cluster = cluster
        self.zones = zones
        self.clusterSetZones = clusterSetZones
        self.options = options
        self.ttl = ttl
        self.passedOn = passedOn
    }

    /// The first zone that is not made of addresses: the cluster's domain.
    var domain: Name? { zones.first { !$0.isReverse } }
}

/// `forward`.
public struct ForwardStep: Hashable, Sendable {
    /// What is forwarded.
    public var zones: [Name]
    /// What of it is not.
    public var exceptions: [Name]
    /// The servers, as the Corefile has them.
    public var servers: [String]

    /// A line.
    public init(zones: [Name], exceptions: [Name], servers: [String]) {
        self.zones = zones
        self.exceptions = exceptions
        self.servers = servers
    }

    func takes(_ name: Name) -> Bool {
        guard let zone = zones.closest(to: name) else { return false }
        return zone == name || exceptions.closest(to: name) == nil
    }
}

extension [Name] {
    /// The longest of these zones that a name is in.
    func closest(to name: Name) -> Name? {
        filter { name.isSubdomain(of: $0) }.max { $0.labelCount < $1.labelCount }
    }
}

extension Name {
    /// Whether the name lies in or below in-addr.arpa or ip6.arpa.
    var isReverse: Bool { isSubdomain(of: "in-addr.arpa") || isSubdomain(of: "ip6.arpa") }

    /// Without the final dot, as people write names.
    public var shown: String { labelCount == 0 ? "." : String(description.dropLast()) }
}
