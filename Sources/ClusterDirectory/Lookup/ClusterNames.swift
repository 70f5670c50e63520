import ClusterIndex
import DNSMessage
import DNSResolver

/// The names of a cluster: its zones, and the search list of one namespace.
struct ClusterNames: Sendable {
    private static let reverseZones: [Name] = ["in-addr.arpa", "ip6.arpa"]

    let namespace: String
    let fallback: (any NameLookup)?
    private let zones: [ClusterZone]
    /// As in a pod's `/etc/resolv.conf`.
    private let configuration: ResolverConfiguration
    let desks = LookupDesks()

    init(_ options: DirectoryOptions, namespace: String) throws(DirectoryError) {
        self.namespace = namespace
        fallback = options.fallback
        zones = ([options.domain] + Self.reverseZones).map {
            ClusterZone($0, ttl: options.ttl, primary: options.domain)
        }
        do {
            let label = try Name(namespace)
            guard label.labelCount == 1 else { throw DirectoryError.badNamespace(namespace) }
            let services = try Name("svc").appending(options.domain)
            var configuration = ResolverConfiguration()
            configuration.ndots = 5
            configuration.search = [try label.appending(services), services, options.domain]
            self.configuration = configuration
        } catch {
            throw .badNamespace(namespace)
        }
    }

    /// The names that a text may stand for, in the order in which they are tried; it is absolute with a final dot.
    func candidates(_ text: String) throws(NameError) -> [Name] {
        SearchList(text, try Name(text), configuration).candidates
    }

    /// The zone of a name; nil for a name that is not the cluster's.
    func zone(of name: Name) -> ClusterZone? { zones.first { name.isSubdomain(of: $0.name) } }

    /// Whether others may know a reverse name that the cluster does not have.
    func isShared(_ zone: ClusterZone) -> Bool { Self.reverseZones.contains(zone.name) }
}
