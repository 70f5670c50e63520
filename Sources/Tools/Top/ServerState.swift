import Corefile
import YAML

/// What is so at a server at one moment, or at several together.
struct ServerState: Equatable {
    /// A name or a client with about how many queries in the last minute or two.
    struct Talker: Equatable {
        let name: String
        let queries: Int
    }

    /// Names and clients that are taken over, and how many queries each may have: no sum of them runs over.
    private static let talkersMax = 1_000
    private static let talkerQueriesMax = 1 << 40

    var cacheEntries = 0.0
    var residentBytes: Double?
    /// Unix time at which the oldest of them started.
    var startTime: Double?
    var versions: Set<String> = []
    /// Resources of Kubernetes that are not listed yet.
    var unlisted: Set<String> = []
    /// Seconds since something was heard of the resource that is silent for longest.
    var resourceAge: Double?
    /// Nil for servers that do not tell.
    var names: [Talker]?
    var clients: [Talker]?

    /// Adds a sample, if it is about one of these.
    mutating func add(_ sample: MetricsText.Sample) {
        let (labels, value) = (sample.labels, sample.value)
        switch sample.name {
        case "coredns_cache_entries": cacheEntries += value
        case "process_resident_memory_bytes": residentBytes = value
        case "process_start_time_seconds": startTime = value
        case "coredns_build_info": if let version = labels["version"] { versions.insert(version) }
        case "coredns_kubernetes_resource_synced":
            if value == 0, let resource = labels["resource"] { unlisted.insert(resource) }
        case "coredns_kubernetes_resource_age_seconds": resourceAge = max(resourceAge ?? 0, value)
        default: break
        }
    }

    /// Adds what `/debug/top` says; a text of another form changes nothing.
    mutating func add(top: [UInt8]) {
        guard let root = try? NodeTree.document(of: top) else { return }
        names = Self.talkers(root, "names", "name")
        clients = Self.talkers(root, "clients", "client")
    }

    private static func talkers(_ root: Field, _ list: StaticString, _ key: StaticString) -> [Talker]? {
        guard let elements = try? root.elements(of: list) else { return nil }
        return elements.prefix(talkersMax).compactMap { element in
            guard let name = try? element.string(of: key), let count = try? element.member("queries"),
                let queries = Int(count.tree.string(count.node)), (0...talkerQueriesMax).contains(queries)
            else { return nil }
            return Talker(name: name.printable(), queries: queries)
        }
    }

    /// Two servers as if they were one.
    static func + (a: ServerState, b: ServerState) -> ServerState {
        var sum = a
        sum.cacheEntries += b.cacheEntries
        sum.residentBytes = together(a.residentBytes, b.residentBytes, +)
        sum.startTime = together(a.startTime, b.startTime, min)
        sum.versions.formUnion(b.versions)
        sum.unlisted.formUnion(b.unlisted)
        sum.resourceAge = together(a.resourceAge, b.resourceAge, max)
        sum.names = together(a.names, b.names, merged)
        sum.clients = together(a.clients, b.clients, merged)
        return sum
    }

    /// Joins what both have; else whatever one has.
    static func together<Value>(_ a: Value?, _ b: Value?, _ join: (Value, Value) -> Value) -> Value? {
        guard let a else { return b }
        return b.map { join(a, $0) } ?? a
    }

    private static func merged(_ a: [Talker], _ b: [Talker]) -> [Talker] {
        var counts: [String: Int] = [:]
        for talker in a + b { counts[talker.name, default: 0] += talker.queries }
        return counts.map { Talker(name: $0.key, queries: $0.value) }
            .sorted { ($1.queries, $0.name) < ($0.queries, $1.name) }
    }
}
