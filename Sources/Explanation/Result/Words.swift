import ClusterIndex
import DNSMessage

/// Turns of phrase that sentences share.
enum Words {
    /// `a, b and c`; long lists are cut.
    static func list(_ words: [String], none: String = "none") -> String {
        guard words.count > Limits.listedMax else { return joined(words, none: none) }
        return words.prefix(Limits.listedMax).joined(separator: ", ")
            + " and \(words.count - Limits.listedMax) more"
    }

    private static func joined(_ words: [String], none: String) -> String {
        guard let last = words.last else { return none }
        return words.count == 1 ? last : words.dropLast().joined(separator: ", ") + " and " + last
    }

    /// `1 endpoint`, `3 endpoints`.
    static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

    static func service(_ key: ObjectKey) -> String { "the Service \(key.name) in the namespace \(key.namespace)" }

    /// The first letter in upper case.
    static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }
}

extension Exchange {
    /// How long it took, for a sentence.
    var time: String { milliseconds == 0 ? "less than 1 ms" : "\(milliseconds) ms" }
}

extension NameForm {
    /// What the name spells, for a sentence; empty for a name of no known form.
    func description(isClusterSet: Bool) -> String {
        let kind = isClusterSet ? "ServiceImport" : "Service"
        func service(_ key: ObjectKey) -> String { "the \(kind) \(key.name) in the namespace \(key.namespace)" }
        switch self {
        case .apex: return "the cluster's domain itself"
        case .category(let word): return word == "svc" ? "what all Services are below" : "what all Pods are below"
        case .namespace(let name, false): return "the namespace \(name), which Services are below"
        case .namespace(let name, true): return "the namespace \(name), which Pods are below"
        case .service(let key): return service(key)
        case .endpoint(let label, let key): return "the endpoint \(label) of \(service(key))"
        case .port(let port, let transport, let key):
            return "the port \(port).\(transport) of \(service(key))"
        case .clusterEndpoint(let label, let cluster, let key):
            return "the endpoint \(label) in the cluster \(cluster) of \(service(key))"
        case .zonal(let zone, let key): return "the endpoints in the zone \(zone) of \(service(key))"
        case .pod(let label, let namespace): return "a Pod with the address \(label) in the namespace \(namespace)"
        case .nameServer: return "the DNS server"
        case .version: return "the version of the cluster's DNS"
        case .reverse(let address): return "the address \(address)"
        case .other: return ""
        }
    }
}
